"""Refusals of reviews, audits and corrective actions (S64)."""

from __future__ import annotations

from domain.errors.refusal import Refusal


class ReviewNotFound(Refusal):
    """There is no review with this id."""

    code = "review_not_found"


class ReviewHasMoved(Refusal):
    """The change names a version that is no longer the review's newest."""

    code = "review_has_moved"


class ReviewAlreadyHeld(Refusal):
    """The review is on record as held; nothing about it changes any more."""

    code = "review_already_held"


class HeldInFuture(Refusal):
    """A review is on record as held once it has been held."""

    code = "held_in_future"


class HeldBeforeOpened(Refusal):
    """A review cannot have been held before its day."""

    code = "held_before_opened"


class OwnerAbsent(Refusal):
    """Whoever a review belongs to takes part in it (S64)."""

    code = "owner_absent"


class TooFewParties(Refusal):
    """A review across departments needs several of them (S64)."""

    code = "too_few_parties"


class PartyToldTwice(Refusal):
    """A party is named once, with all of its people."""

    code = "party_told_twice"


class NotAnAudit(Refusal):
    """Figures are recorded of audits only."""

    code = "not_an_audit"


class AuditFiguresMissing(Refusal):
    """An audit is held once it has told all of its figures (S64)."""

    code = "audit_figures_missing"


class FigureNotOfThisAudit(Refusal):
    """The audit does not look at this figure."""

    code = "figure_not_of_this_audit"


class FigureToldTwice(Refusal):
    """A figure is told once in a request."""

    code = "figure_told_twice"


class ExpectationMissing(Refusal):
    """The book does not say what is expected of this figure: the audit does."""

    code = "expectation_missing"


class ReviewDecisionNotFound(Refusal):
    """The review took no decision of this number, or was not held yet."""

    code = "review_decision_not_found"


class ReviewDecisionAlreadyDone(Refusal):
    """The decision is on record as done."""

    code = "review_decision_already_done"


class DueDayOver(Refusal):
    """A decision gets a day that lies ahead of whoever sets it: the meeting, or who moves it."""

    code = "due_day_over"


class DueUnchanged(Refusal):
    """The decision is due on this day already."""

    code = "due_unchanged"


class CorrectiveActionNotFound(Refusal):
    """There is no corrective action with this id."""

    code = "corrective_action_not_found"


class CorrectiveActionHasMoved(Refusal):
    """The change names a version that is no longer the action's newest."""

    code = "corrective_action_has_moved"


class CorrectiveActionAlreadyDone(Refusal):
    """The corrective action is done and waits to be verified."""

    code = "corrective_action_already_done"


class CorrectiveActionAlreadyVerified(Refusal):
    """The corrective action was verified; nothing about it changes any more."""

    code = "corrective_action_already_verified"


class CorrectiveActionNotDone(Refusal):
    """A corrective action is verified once it is done."""

    code = "corrective_action_not_done"


class OwnerUnchanged(Refusal):
    """The decision or corrective action belongs to this owner already."""

    code = "owner_unchanged"


class VerifierDidIt(Refusal):
    """Whoever did a corrective action does not verify it (S64)."""

    code = "verifier_did_it"


class VerifierNotAPerson(Refusal):
    """A person verifies a corrective action, no other service."""

    code = "verifier_not_a_person"
