"""Readers that follow the log and remember only a count and a running hash per originator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from random import Random
from threading import Event
from typing import Any
from uuid import UUID
from zlib import crc32

import psycopg2
from eventsourcing.persistence import Notification

from service.database import create_engine
from service.event_store import EventRecorder, Pacing, statements
from service.settings import Settings
from tests.no_skip.ledger import Ledger

END = "end:1"
"""Topic of the last event of a storm."""

FAULTS_KEPT = 10
REPORTED_EVERY_EVENTS = 1_000

# What the log holds when all is over: no horizon, since nobody writes any more.
STORED = """
SELECT originator_id::text, originator_version, topic, state, position FROM events
WHERE position > %s ORDER BY position
"""


@dataclass
class Seen:
    """What came by: equal for two that got the same events in the same order."""

    total: int = 0
    newest: int = -1
    originators: dict[UUID, tuple[int, int, int]] = field(default_factory=dict)
    """Newest version, number of events and running hash of each."""

    faults: list[str] = field(default_factory=list)

    def take(self, event: Notification) -> None:
        """The next event; notes what is wrong with it."""
        version, before = event.originator_version, event.originator_version - 1
        newest, number, running = self.originators.get(event.originator_id, (before, 0, 0))
        if event.id <= self.newest:
            self._fault(f"position {event.id} after {self.newest}")
        if newest != before:
            self._fault(f"version {version} of {event.originator_id} after {newest}")
        running = crc32(b"%d %d %b" % (event.id, version, event.state), running)
        self.originators[event.originator_id] = version, number + 1, running
        self.newest = event.id
        self.total += 1

    def _fault(self, text: str) -> None:
        if len(self.faults) < FAULTS_KEPT:
            self.faults.append(text)


@dataclass(frozen=True)
class Reading:
    """How one reader reads: after which position, by what door, with which page query."""

    number: int
    url: str
    after: int
    subscribes: bool
    seed: int
    page_query: str = statements.PAGE


@dataclass(frozen=True)
class Verdict:
    """What a reader says in the end: no fault means that it got exactly what the log holds."""

    reader: int
    events: int
    faults: list[str]


def read(reading: Reading, ledger: Ledger, verdicts: Any) -> None:
    """A process that follows the log to its end, and then compares with the log at rest."""
    statements.PAGE = reading.page_query
    recorder = EventRecorder(create_engine(Settings(database_url=reading.url), pool_size=1))
    seen = Seen()
    for event in _events(recorder, reading):
        seen.take(event)
        if seen.total % REPORTED_EVERY_EVENTS == 0 or event.topic == END:
            ledger.reached(reading.number, seen.total)
        if event.topic == END:
            break
    faults = seen.faults or _differences(seen, _as_stored(reading))
    verdicts.put(Verdict(reading.number, seen.total, faults))


def _events(recorder: EventRecorder, reading: Reading) -> Iterable[Notification]:
    if reading.subscribes:
        return recorder.subscribe(gt=reading.after)
    return _by_pages(recorder, reading.after, Random(reading.seed))


def _by_pages(recorder: EventRecorder, after: int, random: Random) -> Iterator[Notification]:
    """Pages of any size, each after the last event that came."""
    pacing, never = Pacing(), Event()
    while True:
        events = recorder.read_page(after, random.randint(1, 1_000)).events
        yield from events
        if events:
            after = events[-1].id
            pacing.found()
        else:
            pacing.wait(never)


def _as_stored(reading: Reading) -> Seen:
    """The same from the table itself, in the order of positions."""
    stored = Seen()
    with (
        closing(psycopg2.connect(reading.url)) as connection,
        connection.cursor("log at rest") as cursor,
    ):
        cursor.execute(STORED, (reading.after,))
        for originator_id, version, topic, state, position in cursor:
            originator = UUID(originator_id)
            stored.take(Notification(originator, version, topic, bytes(state), position))
    return stored


def _differences(seen: Seen, stored: Seen) -> list[str]:
    if seen == stored:
        return []
    unlike = [
        f"{originator}: read {seen.originators.get(originator)}, stored {kept}"
        for originator, kept in stored.originators.items()
        if seen.originators.get(originator) != kept
    ]
    return [f"read {seen.total} events of {stored.total}", *unlike[:FAULTS_KEPT]]
