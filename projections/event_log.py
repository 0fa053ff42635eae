"""Reading the log for the read models: pages of facts, also of events that cannot be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from sqlalchemy import Connection, Uuid, text

from projections.builds import Build
from projections.chunks import Chunk, Plan
from projections.faults import is_fault_of_event
from projections.read_model import Fact


class Recorder(Protocol):
    """What is needed of the event store; see `service.event_store`."""

    def read_page(self, after: int, limit: int) -> Any:
        """Events after a position, in order, and up to where nothing is left to read."""

    def max_notification_id(self) -> int | None:
        """The newest position that readers may see."""

    def select_boundaries(self, every: int) -> Sequence[UUID]:
        """Cases, in order of id, that cut the store into ranges of about so many events."""

    def select_events_between(self, after: UUID, up_to: UUID, position: int) -> Sequence[Any]:
        """Events of all cases in a range of ids, each one's in order, up to a position."""

    def select_events(self, originator_id: UUID, *, gt: int | None = None) -> Sequence[Any]:
        """The events of one case after a version, in order."""


class Mapper(Protocol):
    """What turns stored events into events; see `service.mapper`."""

    def to_domain_event(self, stored_event: Any) -> Any:
        """The event as it was recorded; its texts stay sealed."""


Place = tuple[int, int]
"""After which position a page begins, and how many events it may have."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Facts in order of position. `read_to`: nothing at or below it is left to read."""

    facts: Sequence[Fact]
    read_to: int
    is_last: bool

    def concerns(self, build: Build) -> bool:
        """Whether feeding the page changes anything.

        Noting how far an idle log was read would be a write for every look at it; only a build
        that is to be put in use has to pass the other one, which may have read as far.
        """
        return bool(self.facts) or (not build.in_use and self.is_last)


class EventLog:
    """The log as facts. Several readers share a page, and the next one is read ahead.

    A page once read stays true: complete up to its `read_to` for ever, since the log only grows
    at its end.
    """

    def __init__(self, recorder: Recorder, mapper: Mapper) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._lock = Lock()
        self._kept: dict[Place, LogPage] = {}
        self._ahead: dict[Place, Future[LogPage]] = {}
        self._reader = ThreadPoolExecutor(1, "log-reader")

    def read(self, after: int, limit: int) -> LogPage:
        """Up to `limit` events after a position; the same page to all who ask in this round."""
        place = (after, limit)
        with self._lock:
            page = self._kept.get(place)
            if page is None:
                coming = self._ahead.pop(place, None)
                page = coming.result() if coming else self.read_anew(after, limit)
                self._kept[place] = page
                if not page.is_last:
                    self._read_ahead((page.read_to, limit))
        return page

    def _read_ahead(self, place: Place) -> None:
        """Read and decode the next page while this one is applied."""
        if place not in self._ahead:
            self._ahead = dict(list(self._ahead.items())[-1:])
            self._ahead[place] = self._reader.submit(self.read_anew, *place)

    def read_anew(self, after: int, limit: int) -> LogPage:
        """The page from the store."""
        page = self._recorder.read_page(after, limit)
        facts = self._facts(page.events)
        return LogPage(facts, page.read_to, is_last=len(facts) < limit)

    def end_round(self) -> None:
        """Let go of the pages that were shared in this round."""
        with self._lock:
            self._kept.clear()

    def plan(self, chunk_events: int) -> Plan | None:
        """How to cut the log as it is now into chunks of whole cases; None for an empty one."""
        newest = self._recorder.max_notification_id()
        if newest is None:
            return None
        return Plan(self._recorder.select_boundaries(chunk_events), newest)

    def of_chunk(self, chunk: Chunk) -> list[Fact]:
        """The events of a range of cases, each one's in order, up to a position."""
        return self._facts(
            self._recorder.select_events_between(
                chunk.after_case, chunk.up_to_case, chunk.up_to_position
            )
        )

    def of_case(self, case_id: UUID, from_version: int, up_to: int) -> list[Fact]:
        """The events of one case from a version on, up to and including a position."""
        recorded = self._recorder.select_events(case_id, gt=from_version - 1)
        return self._facts(each for each in recorded if each.id <= up_to)

    def _facts(self, recorded: Iterable[Any]) -> list[Fact]:
        return [self._fact(each) for each in recorded]

    def _fact(self, recorded: Any) -> Fact:
        return _fact(self._mapper, recorded, recorded.id, recorded.recorded_at)


def facts_of(
    connection: Connection,
    mapper: Mapper,
    cases: Collection[UUID],
    up_to: int,
    known_at: datetime | None = None,
) -> Iterator[Fact]:
    """What the connection sees of these cases, each one's events in order, up to a position.

    `known_at` leaves out what was recorded later, without reading it.
    """
    wanted = {"cases": [str(each) for each in cases], "up_to": up_to, "known_at": known_at}
    for row in connection.execute(_EVENTS_OF, wanted):
        stored = StoredEvent(row.originator_id, row.originator_version, row.topic, bytes(row.state))
        yield _fact(mapper, stored, row.position, row.recorded_at)


_EVENTS_OF = text("""
    SELECT position, originator_id, originator_version, topic, state, recorded_at FROM events
    WHERE originator_id = ANY (CAST(:cases AS uuid[])) AND position <= :up_to
        AND (CAST(:known_at AS timestamptz) IS NULL OR recorded_at <= :known_at)
    ORDER BY originator_id, originator_version
""").columns(originator_id=Uuid)


def _fact(mapper: Mapper, stored: Any, position: int, recorded_at: datetime) -> Fact:
    event: Any = None
    fault: Exception | None = None
    try:
        event = mapper.to_domain_event(stored)
    except Exception as error:
        if not is_fault_of_event(error):
            raise
        fault = error
    return Fact(
        stored.originator_id,
        stored.originator_version,
        position,
        recorded_at,
        stored.topic,
        event,
        fault,
    )
