"""Whole cases, one after the other, as process mining sees them: codes, times, and no text.

What a case and an event show here is named one by one: nothing gets into an export because
somebody adds a field to an event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final, Protocol
from uuid import UUID

from domain import events
from domain.conflict_case import ConflictCase
from domain.events import CaseEvent
from domain.lifecycle import STEP_OF_EVENT
from projections.faults import is_fault_of_event
from projections.mining.selection import Selection
from service.event_store import RecordedEvent
from service.event_store.encoding import as_uuid

PAGE_SIZE: Final = 2_000
FIRST: Final = (UUID(int=0), 0)


@dataclass(frozen=True, slots=True)
class MinedEvent:
    """An event. `event` and `status` are None where this version of Amends cannot read it.

    `step` is the lifecycle's word for it, or then the stored name; `occurred_at` is then the
    instant at which it was recorded.
    """

    position: int
    version: int
    name: str
    step: str
    occurred_at: datetime
    recorded_at: datetime
    status: str | None
    event: CaseEvent | None


@dataclass(frozen=True, slots=True)
class MinedCase:
    """A case with all its events, in the order in which they occurred."""

    case: ConflictCase
    events: Sequence[MinedEvent]

    @property
    def name(self) -> str:
        """The reference, or the id of a case whose beginning cannot be read."""
        return self.case.reference or str(self.case.id)

    @property
    def customer_ref(self) -> str | None:
        """Whom the case is about; an imported one names nobody."""
        return None if self.is_imported else self.case.subject_ref or None

    @property
    def is_imported(self) -> bool:
        return self.case.imported is not None

    @property
    def facts(self) -> dict[str, str | int]:
        """What the case is like, in codes of the reference books; what is not known is left out."""
        known = {**self._of_beginning(), **self._of_solving(), **self.case.terms}
        return {name: value for name, value in known.items() if value is not None}

    def _of_beginning(self) -> dict[str, str | int | None]:
        report, imported = self.case.report, self.case.imported
        began = report or imported
        return {
            "status": self.case.status.value,
            "channel": began.channel if began else None,
            "source_system": began.source.system if began and began.source else None,
            "edition": began.edition if began else None,
        }

    def _of_solving(self) -> dict[str, str | int | None]:
        said, resolution = self.case.confirmation, self.case.resolutions.get(self.case.attempt)
        return {
            "attempts": self.case.attempt,
            "conflict_type": said.conflict_type if said else None,
            "conflict_subtype": said.conflict_subtype if said else None,
            "complaint_cause": said.complaint_cause if said else None,
            "severity": said.severity if said else None,
            "outcome": resolution.outcome if resolution else None,
            "upheld": resolution.upheld if resolution else None,
        }

    @property
    def merged_into(self) -> UUID | None:
        """The case that this one goes on in."""
        return self.case.merge.into_case_id if self.case.merge else None

    @property
    def unit(self) -> str | None:
        """The unit that answers for the case now."""
        units = [each.unit for each in self.case.assignments if each.unit]
        return units[-1] if units else None


class Recorder(Protocol):
    """What is needed of the event store; see `service.event_store`."""

    def max_notification_id(self) -> int | None:
        """The newest position that readers may see."""

    def select_events_by_case(
        self, after: tuple[UUID, int], position: int, limit: int
    ) -> Sequence[RecordedEvent]:
        """Events behind a case and version, case by case, up to a position."""

    def select_events(self, originator_id: UUID) -> Sequence[RecordedEvent]:
        """The events of one case by version."""


class Mapper(Protocol):
    """What turns stored events into events; see `service.mapper`."""

    def to_domain_event(self, stored_event: RecordedEvent) -> CaseEvent:
        """The event as it was recorded; its texts stay sealed."""


@dataclass(frozen=True)
class MinedLog:
    """Every case as the log has it up to one position: a page of events in memory, and one case."""

    recorder: Recorder
    mapper: Mapper

    def cases(self, wanted: Selection) -> Iterator[MinedCase]:
        """The cases that are wanted, by id."""
        up_to = self.recorder.max_notification_id()
        if up_to is None:
            return
        recorded = self._named(wanted, up_to) if wanted.names_cases else self._all(up_to)
        for case_id, found in groupby(recorded, key=lambda each: each.originator_id):
            mined = self._mined(case_id, found)
            if wanted.takes(mined.case):
                yield mined

    def _named(self, wanted: Selection, up_to: int) -> Iterator[RecordedEvent]:
        for case_id in sorted(wanted.case_ids or ()):
            yield from (each for each in self.recorder.select_events(case_id) if each.id <= up_to)

    def _all(self, up_to: int) -> Iterator[RecordedEvent]:
        after = FIRST
        while page := self.recorder.select_events_by_case(after, up_to, PAGE_SIZE):
            yield from page
            after = as_uuid(page[-1].originator_id), page[-1].originator_version

    def _mined(self, case_id: UUID, recorded: Iterable[RecordedEvent]) -> MinedCase:
        case = ConflictCase(case_id)
        found = [self._event(case, each) for each in recorded]
        return MinedCase(case, sorted(found, key=lambda each: (each.occurred_at, each.version)))

    def _event(self, case: ConflictCase, recorded: RecordedEvent) -> MinedEvent:
        """The event, remembered by its case. One that cannot be read still happened."""
        name = recorded.topic.partition(":")[0]
        event = self._read(recorded)
        if event is not None:
            case.remember(event)
        return MinedEvent(
            position=recorded.id,
            version=recorded.originator_version,
            name=name,
            step=STEP_OF_EVENT[type(event)].command if event else name,
            occurred_at=event.occurred_at if event else recorded.recorded_at,
            recorded_at=recorded.recorded_at,
            status=case.status.value if event else None,
            event=event,
        )

    def _read(self, recorded: RecordedEvent) -> CaseEvent | None:
        try:
            return self.mapper.to_domain_event(recorded)
        except Exception as error:
            if not is_fault_of_event(error):
                raise
            return None


def solution_of(event: CaseEvent | None) -> str | None:
    """The solution that an event is about."""
    found: str | None = getattr(event, "solution_id", None)
    return found


def assigned_in(event: CaseEvent | None) -> tuple[str | None, str | None]:
    """The handler and the unit that an event names."""
    if isinstance(event, events.CaseAssigned):
        return event.handler, event.unit
    return None, None
