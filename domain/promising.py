"""Promising: the rules of the steps of the commitment ledger (S12, S32, S48)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import errors, events
from domain.book_answers import promise_needs_approval
from domain.clocks.policy import policy_of
from domain.commitments import TO_THE_CUSTOMER, Commitment, Minutes, reminder_days
from domain.sequence import require_not_before
from domain.vagueness import is_same, says_nothing

if TYPE_CHECKING:
    from datetime import datetime

    from domain.circumstances import Caller, Circumstances
    from domain.conflict_case import ConflictCase
    from domain.events import CaseEvent
    from domain.values import Agreement


# What the domain decides


def commitment_id(case: ConflictCase, event: CaseEvent, by: Circumstances) -> str:
    return f"C{len(case.commitments) + 1}"


def needs_approval(case: ConflictCase, event: events.CommitmentMade, by: Circumstances) -> bool:
    """A written promise to a customer, by the kind of promise and the type of customer."""
    if not event.in_writing or event.promised_to not in TO_THE_CUSTOMER:
        return False
    kind = case.edition.entry("commitment_kinds", event.kind)
    return bool(kind.details["approval_in_writing"]) or _customer_is_guarded(case)


def _customer_is_guarded(case: ConflictCase) -> bool:
    confirmed = case.confirmation
    if confirmed is None or confirmed.customer_type is None:
        return False
    return promise_needs_approval(case.edition, confirmed.customer_type)


def due_time(case: ConflictCase, event: events.CommitmentBroken, by: Circumstances) -> datetime:
    return commitment_of(case, event.commitment_id).made.due_at


def reminder_time(case: ConflictCase, event: events.ReminderGiven, by: Circumstances) -> datetime:
    return reminders_of(case, event.about)[event.reminder]


# What the case and the caller decide alone


def something_to_approve(case: ConflictCase, by: Caller) -> None:
    waiting = [each for each in _open(case) if each.approval is None]
    if not waiting:
        raise errors.UnknownCommitment(commitment_ids=[])
    if all(each.made.actor.id == by.actor.id for each in waiting):
        raise errors.ApproverIsPromiser


def something_to_keep(case: ConflictCase, by: Caller) -> None:
    if any(_may_be_kept(case, each) for each in case.commitments.values()):
        return
    for each in _open(case):
        raise errors.CommitmentNotApproved(commitment_id=each.id)
    raise errors.UnknownCommitment(commitment_ids=[])


def something_to_withdraw(case: ConflictCase, by: Caller) -> None:
    if not _open(case):
        raise errors.UnknownCommitment(commitment_ids=[])


def something_to_settle(case: ConflictCase, by: Caller) -> None:
    if not _unsettled(case):
        raise errors.NoOpenPoints(minutes_ids=[])


def something_agreed(case: ConflictCase, by: Caller) -> None:
    consulted = any(each.consultation for each in case.solutions.values())
    if not (consulted or case.minutes or _open(case)):
        raise errors.UnknownAgreement(agreements=[])


def no_promise_open(case: ConflictCase, by: Caller) -> None:
    """Nothing that was promised is forgotten; what was broken is on record."""
    standing = [each.id for each in _open(case) if each.may_be_given and each.broken is None]
    if standing:
        raise errors.PromisesOpen(commitment_ids=standing)


# What the details decide


def outcome_says_more(case: ConflictCase, event: events.CommitmentMade, by: Circumstances) -> None:
    """Specific and measurable (S32): neither the promise again, nor words that promise nothing."""
    outcome, text = event.outcome.reveal(), event.text.reveal()
    if not isinstance(outcome, str) or says_nothing(outcome) or is_same(outcome, text):
        raise errors.VaguePromise(field="outcome")


def replaced_by_agreement(
    case: ConflictCase, event: events.CommitmentMade, by: Circumstances
) -> None:
    if event.replaces is not None:
        replaced = _open_commitment(case, event.replaces)
        _require_agreement(replaced, event.agreement)


def withdrawn_by_agreement(
    case: ConflictCase, event: events.CommitmentWithdrawn, by: Circumstances
) -> None:
    _require_agreement(_open_commitment(case, event.commitment_id), event.agreement)


def _require_agreement(commitment: Commitment, agreement: Agreement | None) -> None:
    """A promise that the customer has is changed only with the customer, once it was made."""
    given = commitment.may_be_given and commitment.made.promised_to in TO_THE_CUSTOMER
    if given and not (agreement and agreement.agreed):
        raise errors.ChangeNotAgreed(field="agreement", commitment_id=commitment.id)
    if agreement:
        require_not_before(commitment.made.occurred_at, agreement.at, "agreement.at")


def may_be_approved(
    case: ConflictCase, event: events.CommitmentApproved, by: Circumstances
) -> None:
    commitment = _open_commitment(case, event.commitment_id)
    if commitment.approval is not None:
        raise errors.CommitmentNotOpen(commitment_id=commitment.id, state="approved")
    if commitment.made.actor.id == by.actor.id:
        raise errors.ApproverIsPromiser
    if commitment.made.due_at <= event.occurred_at:
        raise errors.DueInPast(field="commitment_id")


def may_be_kept(case: ConflictCase, event: events.CommitmentKept, by: Circumstances) -> None:
    commitment = commitment_of(case, event.commitment_id)
    if not commitment.may_be_given:
        raise errors.CommitmentNotApproved(commitment_id=commitment.id)
    if not _may_be_kept(case, commitment):
        state = commitment.owed.state(case.occasions, by.now)
        raise errors.CommitmentNotOpen(commitment_id=commitment.id, state=state)


def open_points_stand(
    case: ConflictCase, event: events.OpenPointsSettled, by: Circumstances
) -> None:
    if event.minutes_id not in {minutes.id for minutes in _unsettled(case)}:
        raise errors.NoOpenPoints(minutes_ids=[minutes.id for minutes in _unsettled(case)])


def another_channel(
    case: ConflictCase, event: events.AgreementConfirmed, by: Circumstances
) -> None:
    """A second confirmation comes by another channel than the agreement (S12)."""
    if event.channel == _channel_of(case, event.about):
        raise errors.SameChannel(field="channel", channel=event.channel)


def may_be_written(case: ConflictCase, event: events.AgreementConfirmed, by: Circumstances) -> None:
    """What may not be promised in writing is not confirmed in writing either."""
    commitment = case.commitments.get(event.about)
    if commitment is None or not event.in_writing or commitment.approval is not None:
        return
    kind = case.edition.entry("commitment_kinds", commitment.made.kind)
    guarded = kind.details["approval_in_writing"] or _customer_is_guarded(case)
    if commitment.made.promised_to in TO_THE_CUSTOMER and guarded:
        raise errors.CommitmentNotApproved(commitment_id=commitment.id)


def promise_is_broken(
    case: ConflictCase, event: events.CommitmentBroken, by: Circumstances
) -> None:
    """Recorded once, also where the promise was kept, too late, in the meantime."""
    commitment = commitment_of(case, event.commitment_id)
    if commitment.broken is not None:
        raise errors.DeadlineAlreadyRecorded(commitment_id=commitment.id)
    breach_at = commitment.owed.breach_at(case.occasions)
    if breach_at is None or breach_at >= by.now:
        raise errors.DeadlineNotReached(commitment_id=commitment.id)


def reminder_is_due(case: ConflictCase, event: events.ReminderGiven, by: Circumstances) -> None:
    """Each reminder is given once, while what it reminds of is open."""
    if any((e.about, e.reminder) == (event.about, event.reminder) for e in case.reminders):
        raise errors.DeadlineAlreadyRecorded(about=event.about, reminder=event.reminder)
    due_at = reminders_of(case, event.about).get(event.reminder)
    if due_at is None or due_at >= by.now:
        raise errors.DeadlineNotReached(about=event.about, reminder=event.reminder)


# What they have in common


def commitment_of(case: ConflictCase, commitment_id: str) -> Commitment:
    """The promise of this id. Raises UnknownCommitment."""
    if commitment_id not in case.commitments:
        raise errors.UnknownCommitment(commitment_ids=list(case.commitments))
    return case.commitments[commitment_id]


def reminders_of(case: ConflictCase, about: str) -> dict[str, datetime]:
    """When to remind of a promise or of minutes, while they are open. Raises UnknownCommitment."""
    minutes = {each.id: each for each in case.sent_minutes}
    owed = minutes[about].owed if about in minutes else commitment_of(case, about).owed
    policy = policy_of(case.edition.number)
    return owed.reminders(reminder_days(case.edition), policy, case.occasions)


def _open_commitment(case: ConflictCase, commitment_id: str) -> Commitment:
    commitment = commitment_of(case, commitment_id)
    if not commitment.owed.is_open(case.occasions):
        state = commitment.owed.otherwise(case.occasions)
        raise errors.CommitmentNotOpen(commitment_id=commitment_id, state=state)
    return commitment


def _open(case: ConflictCase) -> list[Commitment]:
    return [each for each in case.commitments.values() if each.owed.is_open(case.occasions)]


def _may_be_kept(case: ConflictCase, commitment: Commitment) -> bool:
    """Also after the end of the case, where it was broken by then."""
    owed = commitment.owed
    if owed.since is None or owed.kept_at or owed.ended_at:
        return False
    return owed.is_open(case.occasions) or owed.breach_at(case.occasions) is not None


def _unsettled(case: ConflictCase) -> list[Minutes]:
    return [each for each in case.sent_minutes if each.owed.is_open(case.occasions)]


def _channel_of(case: ConflictCase, about: str) -> str:
    """The channel on which something was agreed first. Raises UnknownAgreement."""
    channels = {each.id: each.made.channel for each in _open(case)}
    channels |= {f"M{n}": sent.channel for n, sent in enumerate(case.minutes, start=1)}
    channels |= {
        each.id: each.consultation.channel
        for each in case.solutions.values()
        if each.consultation is not None
    }
    if about not in channels:
        raise errors.UnknownAgreement(agreements=sorted(channels))
    return channels[about]
