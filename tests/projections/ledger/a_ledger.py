"""A ledger on a database of its own, grown at random, and kept aside while a superuser is at it."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eventsourcing.persistence import StoredEvent
from psycopg2.extensions import cursor as Cursor  # noqa: N812
from psycopg2.extensions import make_dsn
from sqlalchemy import Engine, text

from projections.ledger.directory import CheckpointDirectory
from projections.ledger.feeding import LedgerFeeder
from projections.ledger.findings import Verified
from projections.ledger.notes import VerifierKey
from projections.ledger.places import Publisher
from projections.ledger.signing import CheckpointSigner
from projections.ledger.verification import verify_ledger
from service.event_store import EventRecorder
from tests.service.event_store.steps import readable

ORIGIN = "example.com/tests"
KEPT = (
    "events",
    "records",
    "ledger.leaves",
    "ledger.runs",
    "ledger.subjects",
    "ledger.nodes",
    "ledger.keys",
    "ledger.checkpoints",
)


class ALedger:
    """A store whose ledger is fed, signed and published by hand."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self.engine = engine
        self.key = Ed25519PrivateKey.generate()
        self.old_keys: list[Ed25519PrivateKey] = []
        self.directory = CheckpointDirectory(path)
        self.recorder = EventRecorder(engine)
        self.feeder = LedgerFeeder(engine)
        self.publisher = Publisher(engine, self.directory)
        self.positions: list[int] = []

    def signer(self) -> CheckpointSigner:
        return CheckpointSigner(
            self.engine, self.feeder, ORIGIN, [self.key, *self.old_keys], [self.directory]
        )

    def record(self, count: int, chance: random.Random) -> None:
        """Record so many events, in appends of one to nine, and here and there a record."""
        while count:
            if chance.random() < 0.1:
                self.positions.append(self._record_one(chance.randbytes(20)))
                count -= 1
                continue
            some = min(count, chance.randint(1, 9))
            topic = chance.choice(("conflict_reported:1", "interaction_logged:1"))
            case_id, states = (
                uuid4(),
                [chance.randbytes(chance.randint(1, 60)) for _ in range(some)],
            )
            events = [StoredEvent(case_id, n, topic, state) for n, state in enumerate(states, 1)]
            self.positions += [each.id for each in self.recorder.append(events)]
            count -= some
        readable(self.recorder, self.positions[-1])

    def _record_one(self, state: bytes) -> int:
        call = "append_record(:id, 1, 'x:1', :state, NULL, NULL, NULL, NULL)"
        append = text(f"SELECT first_position FROM {call}")
        with self.engine.begin() as connection:
            values = {"id": uuid4(), "state": state}
            return int(connection.execute(append, values).scalar_one())

    def keep(self) -> None:
        """Add, sign and publish what is new."""
        self.feeder.catch_up()
        self.signer().sign()
        self.publisher.publish()

    def grow(self, count: int, chance: random.Random) -> None:
        """Record so many events; the worker comes by at random moments, and at the end."""
        while count:
            some = min(count, chance.randint(1, 120))
            self.record(some, chance)
            self.feeder.catch_up()
            if chance.random() < 0.6:
                self.signer().sign()
            if chance.random() < 0.6:
                self.publisher.publish()
            count -= some
        self.keep()

    def table_at(self, position: int) -> str:
        """Where the event or record at a position stands."""
        asked = text("SELECT EXISTS (SELECT FROM events WHERE position = :position)")
        with self.engine.connect() as connection:
            is_event = connection.execute(asked, {"position": position}).scalar_one()
        return "events" if is_event else "records"

    def superuser_dsn(self, postgres_url: str) -> str:
        """Address of this ledger's database as the server's superuser."""
        return make_dsn(postgres_url, dbname=str(self.engine.url.database))

    def verify(self) -> Verified:
        keys = [VerifierKey.of(ORIGIN, self.key)]
        return verify_ledger(self.engine, [CheckpointDirectory(self.directory.path)], keys)


@contextmanager
def as_superuser(url: str) -> Iterator[Cursor]:
    """A cursor that nothing refuses: the triggers are switched off in its database."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for table in KEPT:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            yield cursor


def empty(cursor: Cursor) -> None:
    """Make the store and its ledger as new."""
    cursor.execute(f"TRUNCATE {', '.join(KEPT)}, ledger.publications")


def copy_tables(cursor: Cursor) -> None:
    """Put a copy of every table aside."""
    cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE")
    cursor.execute("CREATE SCHEMA kept")
    for table in KEPT:
        cursor.execute(f"CREATE TABLE kept.{table.split('.')[-1]} AS TABLE {table}")


def restore_tables(cursor: Cursor) -> None:
    """Put the copies back."""
    cursor.execute(f"TRUNCATE {', '.join(KEPT)}")
    for table in KEPT:
        cursor.execute(f"INSERT INTO {table} SELECT * FROM kept.{table.split('.')[-1]}")


@contextmanager
def kept_aside(ledger: ALedger, cursor: Cursor) -> Iterator[None]:
    """Whatever happens inside is undone, in the tables and in the directory."""
    path = ledger.directory.path
    copy = path.with_name(f"{path.name}-kept")
    shutil.copytree(path, copy)
    yield
    shutil.rmtree(path)
    copy.rename(path)
    restore_tables(cursor)
