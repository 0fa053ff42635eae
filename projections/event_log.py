"""Reading the log for the read models: pages of facts, also of events that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from projections.faults import is_fault_of_event
from projections.read_model import Fact


class Recorder(Protocol):
    """What is needed of the event store; see `service.event_store`."""

    def read_page(self, after: int, limit: int) -> Any:
        """Events after a position, in order, and the horizon below which nothing can appear."""

    def select_events(self, originator_id: UUID, *, gt: int | None = None) -> Sequence[Any]:
        """The events of one case after a version, in order."""


class Mapper(Protocol):
    """What turns stored events into events; see `service.mapper`."""

    def logged(self, recorded: Any) -> Any:
        """The event with its position and the time it was recorded at."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Facts in order of position. `read_to`: nothing at or below it is left to read."""

    facts: Sequence[Fact]
    read_to: int
    is_last: bool


class EventLog:
    """The log as facts. The page read last is kept, so that several models share one reading."""

    def __init__(self, recorder: Recorder, mapper: Mapper) -> None:
        self._recorder = recorder
        self._mapper = mapper
        self._kept: tuple[int, int, LogPage] | None = None

    def read(self, after: int, limit: int) -> LogPage:
        """Up to `limit` events after a position.

        May be the page as it was read a moment ago: complete up to its `read_to` for ever,
        since the log only grows at its end.
        """
        if self._kept is not None and self._kept[:2] == (after, limit):
            return self._kept[2]
        page = self.read_anew(after, limit)
        self._kept = (after, limit, page)
        return page

    def read_anew(self, after: int, limit: int) -> LogPage:
        """The same, from the store."""
        page = self._recorder.read_page(after, limit)
        facts = self._facts(page.events)
        if len(facts) == limit:
            return LogPage(facts, facts[-1].position, is_last=False)
        return LogPage(facts, max(after, page.horizon - 1), is_last=True)

    def forget(self) -> None:
        """Read from the store next time."""
        self._kept = None

    def of_case(self, case_id: UUID, from_version: int, up_to: int) -> list[Fact]:
        """The events of one case from a version on, up to and including a position."""
        recorded = self._recorder.select_events(case_id, gt=from_version - 1)
        return self._facts(each for each in recorded if each.id <= up_to)

    def _facts(self, recorded: Iterable[Any]) -> list[Fact]:
        return [self._fact(each) for each in recorded]

    def _fact(self, recorded: Any) -> Fact:
        event: Any = None
        fault: Exception | None = None
        try:
            event = self._mapper.logged(recorded).event
        except Exception as error:
            if not is_fault_of_event(error):
                raise
            fault = error
        return Fact(
            recorded.originator_id,
            recorded.originator_version,
            recorded.id,
            recorded.recorded_at,
            recorded.topic,
            event,
            fault,
        )
