"""One step of the lifecycle: the row that every command passes through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from domain.events import ENVELOPE, CaseEvent
from domain.kinds import OwnField, fields_of
from domain.values import Role, Status

OPEN = frozenset(
    {
        Status.REPORTED,
        Status.CONFIRMED,
        Status.ANALYSED,
        Status.SOLUTION_PROPOSED,
        Status.RISK_ASSESSED,
        Status.RESOLVED,
        Status.FOLLOWED_UP,
    }
)
NEW: frozenset[Status] = frozenset()
"""Allowed in no status: the step that begins a case."""

HANDLER = frozenset({Role.HANDLER})
APPROVER = frozenset({Role.APPROVER})
INTAKE = frozenset({Role.REPORTER, Role.HANDLER})
DECIDER = frozenset({Role.HANDLER, Role.APPROVER})
LEARNER = frozenset({Role.HANDLER, Role.ANALYST})
IMPORTER = frozenset({Role.ADMIN})
PRIVACY = frozenset({Role.PRIVACY})
TIMER = frozenset({Role.ADMIN})
LISTENER = frozenset({Role.REPORTER, Role.HANDLER, Role.ADMIN})


@dataclass(frozen=True, kw_only=True)
class Step:
    """One row: the order, the fact, when it is allowed, where it leads, who may, what must hold.

    `leads_to` None: the status stays, unless the event has a decided `leads_to` of its own.
    `decides`: fields of the event that the domain fills in, each with the function that does.
    `ready`: rules that hold or not before any details are known, called in order with
    (case, caller); a case offers only the steps for which they hold. `offered`: the same, but
    asked for the offer alone: what they refuse, the rules refuse by the details, more exactly.
    `rules`: called in order with (case, event, circumstances). Each rule may raise a Refusal.
    `may_precede_report`: it may have occurred before the case was reported.
    `by_timers`: nobody but a timer takes it, so that it stands in nobody's way: see
    `ConflictCase.is_still`. `stands_aside`: neither does it, whoever takes it.
    """

    command: str
    event: type[CaseEvent]
    allowed_in: frozenset[Status]
    leads_to: Status | None = None
    roles: frozenset[Role] = HANDLER
    decides: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    ready: tuple[Callable[..., None], ...] = ()
    offered: tuple[Callable[..., None], ...] = ()
    rules: tuple[Callable[..., None], ...] = ()
    may_precede_report: bool = False
    by_timers: bool = False
    stands_aside: bool = False

    @property
    def begins_a_case(self) -> bool:
        return not self.allowed_in

    @property
    def body_fields(self) -> tuple[OwnField, ...]:
        """What the caller supplies: the event's own fields without the decided ones."""
        return tuple(
            own
            for own in fields_of(self.event)
            if own.name not in ENVELOPE and own.name not in self.decides
        )

    def status_after(self, event: CaseEvent, status: Status) -> Status:
        """Where `event` leads a case that stood in `status`."""
        decided: Status | None = getattr(event, "leads_to", None)
        return decided or self.leads_to or status
