"""Telling the customer: material that was asked for, progress, and delays before they happen."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain import errors, events
from domain.clocks.run import ClockRun, State
from domain.commitments import TO_THE_CUSTOMER, Commitment
from domain.overdue import is_overdue

if TYPE_CHECKING:
    from domain.circumstances import Caller, Circumstances
    from domain.conflict_case import ConflictCase


def something_asked(case: ConflictCase, by: Caller) -> None:
    """The last thing that was heard of supplements is that somebody wants one."""
    if not case.supplements or isinstance(case.supplements[-1], events.SupplementSent):
        raise errors.NothingAsked


def blockers_are_answered(
    case: ConflictCase, event: events.ProgressUpdated, by: Circumstances
) -> None:
    """Who names what is in the way, says what is done about it (S46)."""
    if event.blockers and not event.countermeasures:
        raise errors.BlockersUnanswered(field="countermeasures")


def minutes_say_something(case: ConflictCase, event: events.MinutesSent, by: Circumstances) -> None:
    """Empty ones would count as an answer to the customer, who was told nothing."""
    if not (event.agreements or event.open_points):
        raise errors.NothingInMinutes(field="agreements")


def delay_is_ahead(case: ConflictCase, event: events.DelayDisclosed, by: Circumstances) -> None:
    """It is about one thing that is open, and expected later than it is due."""
    if event.expected_at <= due_time(case, event, by):
        raise errors.NoDelay(field="expected_at")


def due_time(case: ConflictCase, event: events.DelayDisclosed, by: Circumstances) -> datetime:
    """When that is due which will be late. Raises NothingDelayed."""
    named_run = event.clock is not None and event.run is not None
    if named_run == (event.commitment_id is not None) or (event.clock is None) != (
        event.run is None
    ):
        raise errors.NothingDelayed
    due_at = _due_of_run(case, event, by) if named_run else _due_of_promise(case, event)
    if due_at is None:
        raise errors.NothingDelayed
    return due_at


def _due_of_run(
    case: ConflictCase, event: events.DelayDisclosed, by: Circumstances
) -> datetime | None:
    found = (run for run in case.clock_runs(by.now) if (run.clock, run.number) == key_of(event))
    return next((run.due_at for run in found if not run.is_over), None)


def _due_of_promise(case: ConflictCase, event: events.DelayDisclosed) -> datetime | None:
    commitment = case.commitments.get(str(event.commitment_id))
    if commitment is None or not commitment.may_be_given:
        return None
    return commitment.made.due_at if commitment.owed.is_open(case.occasions) else None


def key_of(event: events.DelayDisclosed) -> tuple[str, int] | str:
    """What a disclosure is about: a run by clock and number, or a promise by its id."""
    if event.clock is not None and event.run is not None:
        return event.clock, event.run
    return str(event.commitment_id)


def disclosure_of(case: ConflictCase, key: tuple[str, int] | str) -> events.DelayDisclosed | None:
    """The first that the customer heard of a delay."""
    return next((event for event in case.disclosures if key_of(event) == key), None)


def run_to_disclose(case: ConflictCase, run: ClockRun, told: bool, seen_at: datetime) -> bool:
    """Whether a run will probably be missed, and the customer has not been told (S47).

    A breach is predicted from the warning on.
    """
    return (
        told
        and run.state is State.RUNNING
        and run.warn_at is not None
        and run.warn_at <= seen_at
        and disclosure_of(case, (run.clock, run.number)) is None
    )


def promise_to_disclose(
    case: ConflictCase, commitment: Commitment, hours: int, seen_at: datetime
) -> bool:
    """The same of a promise to a customer, which is warned of so many hours before."""
    owed = commitment.owed
    warn_at = owed.warn_at(hours)
    return (
        commitment.made.promised_to in TO_THE_CUSTOMER
        and warn_at is not None
        and warn_at <= seen_at
        and not is_overdue(commitment.made.due_at, seen_at, on_record=owed.breach_recorded)
        and owed.is_open(case.occasions)
        and disclosure_of(case, commitment.id) is None
    )
