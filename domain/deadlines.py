"""Terms, waiting, warnings and breaches: the rules of the steps that concern service clocks.

A timer cannot record a warning or a breach that the case's own events do not bear out: the clock
is computed again when the command runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from domain import errors, events
from domain.clocks.run import ClockRun, State

if TYPE_CHECKING:
    from domain.circumstances import Caller, Circumstances
    from domain.conflict_case import ConflictCase
    from domain.events import CaseEvent

    AboutARun = events.DeadlineWarned | events.DeadlineMissed

TERMS = ("urgency", "request_kind", "customer_tier", "regulation", "calendar")


def terms_given(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    if all(getattr(event, name) is None for name in TERMS):
        raise errors.NoTermsGiven


def not_awaiting_yet(case: ConflictCase, by: Caller) -> None:
    if case.awaits_customer:
        raise errors.AlreadyAwaitingCustomer


def customer_is_awaited(case: ConflictCase, by: Caller) -> None:
    if not case.awaits_customer:
        raise errors.NotAwaitingCustomer


def warning_is_due(case: ConflictCase, event: events.DeadlineWarned, by: Circumstances) -> None:
    """A run is warned of once, while it can still be met."""
    run = run_of(case, event, by)
    if is_recorded(case.deadlines_warned, run) or is_recorded(case.deadlines_missed, run):
        raise errors.DeadlineAlreadyRecorded(clock=run.clock, run=run.number)
    if run.state is not State.RUNNING or run.warn_at is None or run.warn_at > by.now:
        raise errors.DeadlineNotReached(clock=run.clock, run=run.number)


def due_time_has_passed(
    case: ConflictCase, event: events.DeadlineMissed, by: Circumstances
) -> None:
    """A breach is recorded once, also where the clock was stopped, too late, in the meantime."""
    run = run_of(case, event, by)
    if is_recorded(case.deadlines_missed, run):
        raise errors.DeadlineAlreadyRecorded(clock=run.clock, run=run.number)
    if run.missed_at is None:
        raise errors.DeadlineNotReached(clock=run.clock, run=run.number)


def run_of(case: ConflictCase, event: AboutARun, by: Circumstances) -> ClockRun:
    """The run that a deadline event speaks of. Raises UnknownClockRun."""
    for run in case.clock_runs(by.now):
        if (run.clock, run.number) == (event.clock, event.run):
            return run
    raise errors.UnknownClockRun(clock=event.clock, run=event.run)


def runs_named(recorded: Iterable[AboutARun]) -> set[tuple[str, int]]:
    """The keys of the runs that these events are about."""
    return {(event.clock, event.run) for event in recorded}


def is_recorded(
    recorded: list[events.DeadlineWarned] | list[events.DeadlineMissed], run: ClockRun
) -> bool:
    return any((event.clock, event.run) == (run.clock, run.number) for event in recorded)


def winning_rule(case: ConflictCase, event: AboutARun, by: Circumstances) -> str:
    """The rule that sets the run: the shortest that applies (S45)."""
    return run_of(case, event, by).rule


def due_time(case: ConflictCase, event: AboutARun, by: Circumstances) -> datetime | None:
    return run_of(case, event, by).due_at
