"""`make test-ledger`: a thousand tamperings are found where they begin, clean stores are quiet."""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import click
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from service.database import create_engine
from service.embedded_postgres import EmbeddedPostgres
from service.migrating import migrate_database
from service.postgres_cluster import SUPERUSER
from service.settings import Settings
from tests.projections.ledger.a_ledger import (
    TAMPERINGS,
    ALedger,
    Tampering,
    as_superuser,
    copy_tables,
    empty,
    kept_aside,
)

PER_STORE = 50


class Failed(Exception):
    """A tampering that was not found, was found elsewhere, or an alarm without one."""


def clean_store(ledger: ALedger, cursor: Cursor, chance: random.Random) -> None:
    """Make another store at random; it must raise no alarm."""
    empty(cursor)
    shutil.rmtree(ledger.directory.path, ignore_errors=True)
    ledger.positions.clear()
    ledger.grow(chance.randint(300, 1_200), chance)
    ledger.record(chance.randint(1, 40), chance)
    if (found := ledger.verify()).wrong:
        raise Failed(f"a false alarm: {found.first}")
    ledger.keep()
    copy_tables(cursor)


def tampered(ledger: ALedger, cursor: Cursor, chance: random.Random) -> str:
    """Tamper once, verify, undo; what was done."""
    tamper = chance.choice(TAMPERINGS)
    with kept_aside(ledger, cursor):
        expected = tamper(Tampering(ledger, cursor, chance))
        found = ledger.verify()
    if not expected.is_met_by(found):
        raise Failed(f"{tamper.__name__}: expected {expected}, found {found.first}")
    return tamper.__name__


def run(ledger: ALedger, cursor: Cursor, tamperings: int, stores: int, seed: int) -> Counter[str]:
    """Go through all of it; how often each tampering was found. Raises Failed."""
    chance, done = random.Random(seed), Counter[str]()
    for number in range(stores):
        clean_store(ledger, cursor, chance)
        for _ in range(min(PER_STORE, tamperings - done.total())):
            done[tampered(ledger, cursor, chance)] += 1
        say(f"{number + 1} clean stores, {done.total()} tamperings found")
    return done


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@click.command()
@click.option("--tamperings", default=1_000)
@click.option("--stores", default=100, help="Clean stores; the tamperings happen in the first.")
@click.option("--seed", default=2026)
def main(tamperings: int, stores: int, seed: int) -> None:
    """Tamper as superuser of an embedded PostgreSQL of its own. The exit code says how it went."""
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="amends-tampering-") as name:
        home = Path(name)
        home.chmod(0o711)
        with EmbeddedPostgres(home, throwaway=True) as server:
            addresses = {"database_url": server.url, "owner_database_url": server.owner_url}
            settings = Settings(data_dir=home, **addresses)
            migrate_database(settings)
            ledger = ALedger(create_engine(settings), home / "places" / "checkpoints")
            with as_superuser(server.url_for(SUPERUSER)) as cursor:
                done = run(ledger, cursor, tamperings, stores, seed)
            ledger.engine.dispose()
    for tampering, count in sorted(done.items()):
        print(f"{tampering:<24} {count:>5} of {count} found where it begins")
    seconds = time.monotonic() - begin
    print(f"{done.total()} tamperings found, {stores} clean stores quiet, in {seconds:.0f} s")


if __name__ == "__main__":
    main()
