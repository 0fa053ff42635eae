"""Writers that do whatever could make a reader skip an event."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from random import Random
from uuid import UUID

import psycopg2
import pytest

from tests.no_skip.ledger import Ledger
from tests.service.event_store.steps import all_at_once, ask

ORIGINATORS_AT_ONCE = 20
EVENTS_PER_ORIGINATOR = 5_000

APPEND = """
SELECT append_events(
    ARRAY(SELECT %(originator)s::uuid FROM generate_series(1, %(events)s)),
    ARRAY(SELECT generate_series(%(version)s, %(version)s + %(events)s - 1)),
    ARRAY(SELECT 'solution_proposed:1' FROM generate_series(1, %(events)s)),
    ARRAY(SELECT %(state)s::bytea FROM generate_series(1, %(events)s)),
    NULL, NULL, NULL, '{}', '{}', '{}')
"""


@dataclass
class Writer:
    """One connection in autocommit, with the originators that nobody else writes to."""

    name: str
    url: str
    ledger: Ledger
    random: Random
    largest_append: int
    versions: dict[UUID, int] = field(default_factory=dict)

    def run(self, do: Callable[[Writer], None]) -> None:
        """Do it again and again until enough was written."""
        with closing(psycopg2.connect(self.url)) as self.connection:
            self.connection.autocommit = True
            while not self.ledger.finished():
                if self.ledger.too_far_ahead():
                    self.pause(0.01)
                else:
                    do(self)

    def execute(self, statement: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement)

    def pause(self, longest_seconds: float) -> None:
        """Stay in the open transaction for a while, mostly a short one."""
        ask(self.connection, "SELECT pg_sleep(%s)", longest_seconds * self.random.random() ** 3)

    def append(self) -> None:
        """Append to one originator; `settle` tells whether it lasted."""
        self.originator, self.events = self._originator(), self._number()
        values = {
            "originator": str(self.originator),
            "version": self.versions[self.originator] + 1,
            "events": self.events,
            "state": self.random.randbytes(8),
        }
        with self.connection.cursor() as cursor:
            cursor.execute(APPEND, values)

    def settle(self, statement: str = "COMMIT") -> None:
        """End the transaction and count its events."""
        self.execute(statement)
        self.committed()

    def committed(self) -> None:
        """Count the events of the last append."""
        self.versions[self.originator] += self.events
        self.ledger.add(self.events)
        if self.versions[self.originator] > EVENTS_PER_ORIGINATOR:
            del self.versions[self.originator]

    def _originator(self) -> UUID:
        while len(self.versions) < ORIGINATORS_AT_ONCE:
            self.versions[UUID(bytes=self.random.randbytes(16))] = 0
        return self.random.choice(list(self.versions))

    def _number(self) -> int:
        """Events of one append: mostly one or few, seldom many, and sometimes the most."""
        chance = self.random.random()
        if chance < 0.9:
            wanted = 1 if chance < 0.6 else self.random.randint(2, 10)
        else:
            wanted = self.random.randint(11, 500) if chance < 0.99 else self.largest_append
        return min(wanted, self.largest_append)


def at_once(writer: Writer) -> None:
    """One statement, as the service does it."""
    writer.append()
    writer.committed()


def with_a_pause(writer: Writer) -> None:
    writer.execute("BEGIN")
    writer.append()
    writer.pause(0.05)
    writer.settle()


def in_a_long_transaction(writer: Writer) -> None:
    writer.execute("BEGIN")
    writer.append()
    writer.pause(1.5)
    writer.settle()


def and_take_it_back(writer: Writer) -> None:
    writer.execute("BEGIN")
    writer.append()
    writer.pause(0.05)
    writer.execute("ROLLBACK")


def and_write_elsewhere(writer: Writer) -> None:
    """Two steps in one transaction, the first one in a savepoint."""
    writer.execute("BEGIN; SAVEPOINT step")
    writer.append()
    writer.execute("RELEASE step")
    writer.pause(0.05)
    writer.execute("DELETE FROM commands WHERE recorded_at IS NULL")
    writer.settle()


def after_writing_elsewhere(writer: Writer) -> None:
    """A position from an id taken earlier is what the store must refuse."""
    writer.execute("BEGIN; SELECT pg_current_xact_id()")
    writer.pause(0.05)
    with pytest.raises(psycopg2.Error, match="must be the first write"):
        writer.append()
    writer.execute("ROLLBACK")


def in_two_phases(writer: Writer) -> None:
    """Between its phases the transaction belongs to no connection at all."""
    writer.execute("BEGIN")
    writer.append()
    writer.execute(f"PREPARE TRANSACTION '{writer.name}'")
    writer.pause(0.2)
    if writer.random.random() < 0.3:
        writer.execute(f"ROLLBACK PREPARED '{writer.name}'")
    else:
        writer.settle(f"COMMIT PREPARED '{writer.name}'")


def nothing_but_hold(writer: Writer) -> None:
    """Take a transaction id and keep it; this one writes in another database."""
    writer.execute("BEGIN; SELECT pg_current_xact_id()")
    writer.pause(0.5)
    writer.execute("COMMIT")
    writer.pause(0.5)


Kind = tuple[Callable[[Writer], None], int]

CROWD: tuple[Kind, ...] = (
    (at_once, 3),
    (with_a_pause, 2),
    (in_a_long_transaction, 2),
    (and_take_it_back, 1),
    (and_write_elsewhere, 1),
    (after_writing_elsewhere, 1),
    (in_two_phases, 1),
)
"""What the writers of one process do, and how many of them do it."""

ELSEWHERE: tuple[Kind, ...] = ((nothing_but_hold, 1),)
"""The writers in another database of the cluster."""


def write(
    name: str, url: str, crowd: tuple[Kind, ...], seed: int, largest_append: int, ledger: Ledger
) -> None:
    """A process of writers, each in a thread of its own, until enough was written."""
    works = []
    for do, number in crowd:
        for each in range(number):
            own_name = f"{name}-{do.__name__}-{each}"
            random = Random(f"{seed} {own_name}")
            writer = Writer(own_name, url, ledger, random, largest_append)
            works.append(partial(writer.run, do))
    all_at_once(works)
