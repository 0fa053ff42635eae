"""What callers were told, to be compared with what the store holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

from domain.events import (
    CaseEvent,
    CommitmentBroken,
    DeadlineMissed,
    DeadlineWarned,
    DirectorOrderOpened,
    ReminderGiven,
)
from domain.lifecycle import TABLE
from service.assembly import Service
from service.event_store import RecordedEvent
from tests.service.event_store.steps import readable

PAGE_SIZE = 1_000


@dataclass(frozen=True)
class Acknowledged:
    """One answer to one command: this event of this case was recorded at this position."""

    case_id: UUID
    version: int
    position: int


@dataclass
class Ledger:
    """Every answer that any caller got, by its command."""

    answers: dict[UUID, Acknowledged] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def note(self, command_id: UUID, answer: Acknowledged) -> None:
        """Write down an answer; the same command is never answered in two ways."""
        with self._lock:
            assert self.answers.setdefault(command_id, answer) == answer

    def __len__(self) -> int:
        return len(self.answers)


ABOUT: dict[type[CaseEvent], tuple[str, ...]] = {
    DeadlineWarned: ("clock", "run"),
    DeadlineMissed: ("clock", "run"),
    CommitmentBroken: ("commitment_id",),
    ReminderGiven: ("about", "reminder"),
    DirectorOrderOpened: ("trigger", "grounds"),
}
"""What of an event recorded by timers tells it from every other of its case and kind."""
assert ABOUT.keys() == {step.event for step in TABLE if step.by_timers}


@dataclass(frozen=True)
class Comparison:
    """How the store differs from the ledger: all zero when every promise was kept.

    `missing`: acknowledged and not stored. `moved`: stored at another position. `doubled`:
    stored and acknowledged to nobody, or to two commands, or recorded by timers twice. `holes`:
    cases that lack a version. `by_timers`: what timers recorded once each, which nobody asked for.
    """

    acknowledged: int
    missing: int
    moved: int
    doubled: int
    holes: int
    references_used_twice: int
    by_timers: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or moved."""
        faults = (self.missing, self.moved, self.doubled, self.holes, self.references_used_twice)
        return not any(faults)

    def __str__(self) -> str:
        return (
            f"{self.acknowledged:,} acknowledged events and {self.by_timers:,} of timers, "
            f"{self.missing} missing, "
            f"{self.doubled} doubled, {self.moved} moved, {self.holes} holes"
        )


def compare(ledger: Ledger, service: Service) -> Comparison:
    """Hold the store against the ledger, once every command has been answered."""
    readable(service.recorder, max(each.position for each in ledger.answers.values()))
    events = whole_log(service)
    positions = {(each.originator_id, each.originator_version): each.id for each in events}
    told = {(each.case_id, each.version): each.position for each in ledger.answers.values()}
    timed = _by_timers(service, events)
    sizes = Counter(each.originator_id for each in events)
    return Comparison(
        acknowledged=len(ledger),
        missing=len(told.keys() - positions.keys()),
        moved=sum(positions[place] != told[place] for place in told.keys() & positions.keys()),
        doubled=len(events) - len(timed) - len(told) + len(ledger) - len(told),
        holes=sum((case_id, size) not in positions for case_id, size in sizes.items()),
        references_used_twice=_used_twice(service, events),
        by_timers=len(timed),
    )


def whole_log(service: Service) -> list[RecordedEvent]:
    """Every event, by pages, as a new reader sees it."""
    events: list[RecordedEvent] = []
    while True:
        page = service.recorder.read_page(events[-1].id if events else 0, PAGE_SIZE)
        events += page.events
        if len(page.events) < PAGE_SIZE:
            return events


def _by_timers(service: Service, events: Sequence[RecordedEvent]) -> set[tuple[object, ...]]:
    """What timers recorded: which kind of event, of which case, about what."""
    return {
        (type(event), event.case_id, *(repr(getattr(event, name)) for name in ABOUT[type(event)]))
        for event in map(service.mapper.to_domain_event, events)
        if type(event) in ABOUT
    }


def _used_twice(service: Service, events: Sequence[RecordedEvent]) -> int:
    """How many cases bear a reference that another one has."""
    begun = [each for each in events if each.originator_version == 1]
    references = Counter(service.mapper.to_domain_event(each).reference for each in begun)
    return sum(references.values()) - len(references)
