"""`python -m benchmarks.ledger`: what the ledger costs the appends, and how fast it is verified."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import psycopg2

from benchmarks.append_contestants import ours, ours_with_command, python
from benchmarks.appending import Contest, Round
from projections.ledger.directory import CheckpointDirectory
from projections.ledger.health import ledger_health
from projections.ledger.keeping import keeping
from projections.ledger.rounds import LedgerRound
from projections.ledger.verification import verify_ledger
from service.assembly import build
from service.database import create_engine, migrate_database
from service.embedded_postgres import database_for
from service.settings import Settings

APPENDS: dict[str, Contest] = {
    "append": python(ours),
    "append with command": python(ours_with_command),
}
FILL = """
INSERT INTO events
SELECT n::bigint << 12, timestamptz '2026-01-01 00:00Z' + n * interval '1 second',
    gen_random_uuid(), 1, 'interaction_logged:1', decode(repeat(md5(n::text), 16), 'hex')
FROM generate_series(1, %s) AS n
"""


def cost(settings: Settings, writers: int, rounds: int, seconds: float) -> dict[str, Any]:
    """Appends per second with and without a ledger beside them, in turns; the median share."""
    shares: dict[str, list[float]] = {name: [] for name in APPENDS}
    rates: dict[str, list[float]] = {name: [] for name in APPENDS}
    lags: list[float] = []
    each = Round(settings.required_database_url(), writers, seconds)
    for number in range(rounds):
        for name, appends in APPENDS.items():
            order = (True, False) if number % 2 else (False, True)
            found = {kept: _rate(settings, appends, each, lags, kept=kept) for kept in order}
            shares[name].append(found[True] / found[False])
            rates[name].append(found[False])
            say(f"round {number + 1}, {name}: {found[False]:,.0f}/s, {shares[name][-1]:.1%} kept")
    return {
        name: {
            "writers": writers,
            "per_second_without": round(statistics.median(rates[name])),
            "of_that_with_ledger": round(statistics.median(shares[name]), 4),
            "lowest": round(min(shares[name]), 4),
            "highest": round(max(shares[name]), 4),
        }
        for name in APPENDS
    } | {"lag_seconds_highest": round(max(lags), 3)}


def _rate(
    settings: Settings,
    appends: Contest,
    each: Round,
    lags: list[float],
    *,
    kept: bool,
) -> float:
    if not kept:
        rate = appends(each).per_second
        LedgerRound(build(settings))()  # what came in is added while nothing is measured
        return rate
    with _worker(settings):
        rate = appends(each).per_second
        lags.append(_lag(settings))
        return rate


@contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    """The ledger in a process of its own, as a worker keeps it."""
    arguments = [sys.executable, "-m", "benchmarks.ledger", "--keep", str(settings.data_dir)]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        process.communicate()


def _keep(data_dir: Path) -> None:
    with database_for(Settings(data_dir=data_dir)) as settings:
        work = LedgerRound(build(settings))
        work()
        with keeping(work):
            print("kept", flush=True)
            sys.stdin.read()


def _lag(settings: Settings) -> float:
    engine = create_engine(settings, pool_size=1)
    with engine.connect() as connection:
        found = ledger_health(connection)
    engine.dispose()
    return max(found.lag_seconds, found.unsigned_seconds)


def verifying(settings: Settings, events: int) -> dict[str, Any]:
    """Seconds to build a ledger of so many events of 256 bytes, and to verify all of it."""
    with closing(psycopg2.connect(settings.owner_database_url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(FILL, (events,))
        connection.cursor().execute("SELECT adopt_event_store()")
        connection.cursor().execute("VACUUM ANALYZE events")
    service = build(settings)
    begin = time.monotonic()
    LedgerRound(service)()
    built = time.monotonic()
    directory = CheckpointDirectory(settings.published_dir)
    found = verify_ledger(service.engine, directory, directory.keys())
    done = time.monotonic()
    assert (found.ok, found.events) == (True, events), found
    service.engine.dispose()
    return {
        "events": events,
        "build_seconds": round(built - begin, 2),
        "verify_seconds": round(done - built, 2),
    }


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def _database(parent: Path, name: str) -> Iterator[Settings]:
    with database_for(Settings(data_dir=parent / name)) as settings:
        migrate_database(settings)
        yield replace(settings, log_level="error")


@click.command()
@click.option("--events", default=1_000_000, help="Events to verify; 0: none.")
@click.option("--writers", default=8)
@click.option("--rounds", default=7, help="Rounds of appends; 0: none.")
@click.option("--seconds", default=5.0, help="Of each round.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result here.")
@click.option("--keep", type=click.Path(path_type=Path), hidden=True)
def main(
    events: int,
    writers: int,
    rounds: int,
    seconds: float,
    json_path: Path | None,
    keep: Path | None,
) -> None:
    """Measure on an embedded PostgreSQL of its own, with fsync on."""
    if keep is not None:
        _keep(keep)
        return
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="amends-bench-") as name:
        Path(name).chmod(0o711)
        if events:
            with _database(Path(name), "verify") as settings:
                result["verify"] = verifying(settings, events)
                say(str(result["verify"]))
        if rounds:
            with _database(Path(name), "append") as settings:
                result["append"] = cost(settings, writers, rounds, seconds)
    print(json.dumps(result, indent=1))
    if json_path:
        json_path.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
