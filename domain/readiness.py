"""Rules that the case and the caller decide alone, whatever a step's details say.

They are judged before the details, and say which steps are offered at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import errors
from domain.authority import exceeds_authority
from domain.values import Status

if TYPE_CHECKING:
    from domain.circumstances import Caller
    from domain.conflict_case import ConflictCase


def case_was_imported(case: ConflictCase, by: Caller) -> None:
    if case.imported is None:
        raise errors.NotImported


def evidence_complete(case: ConflictCase, by: Caller) -> None:
    known = {piece.kind for piece in case.evidence}
    missing = sorted(case.edition.book("evidence_kinds").codes - known)
    if missing:
        raise errors.EvidenceMissing(kinds=missing)


def again_only_after_failure(case: ConflictCase, by: Caller) -> None:
    if case.status is Status.RISK_ASSESSED and not case.attempt_has_failed:
        raise errors.NoFailedSolution


def something_proposed(case: ConflictCase, by: Caller) -> None:
    """Not so where only a source says that solutions were proposed."""
    if not case.proposed_solutions:
        raise errors.UnknownSolution(proposed=[])


def two_options(case: ConflictCase, by: Caller) -> None:
    proposed = len(case.proposed_solutions)
    if proposed < 2:
        raise errors.TooFewOptions(proposed=proposed, needed=2)


def feasibility_complete(case: ConflictCase, by: Caller) -> None:
    missing = {
        solution.id: unscored
        for solution in case.proposed_solutions
        if (unscored := solution.proposal.feasibility.missing)
    }
    if missing:
        raise errors.FeasibilityIncomplete(solution_ids=list(missing), missing=missing)


def every_risk_assessed(case: ConflictCase, by: Caller) -> None:
    unassessed = case.unassessed_solutions
    if unassessed:
        raise errors.RiskUnassessed(solution_ids=unassessed)


def some_option_open(case: ConflictCase, by: Caller) -> None:
    """One of the solutions was not rejected and was explained to the customer."""
    standing = [solution for solution in case.proposed_solutions if not solution.rejection]
    if not standing:
        raise errors.SolutionWasRejected(solution_ids=[s.id for s in case.proposed_solutions])
    if not any(solution.was_explained for solution in standing):
        raise errors.CustomerNotConsulted(solution_ids=[solution.id for solution in standing])


def something_chosen(case: ConflictCase, by: Caller) -> None:
    if case.choice is None:
        raise errors.NothingChosen


def not_approved_yet(case: ConflictCase, by: Caller) -> None:
    if case.approval is not None:
        raise errors.AlreadyApproved


def approved(case: ConflictCase, by: Caller) -> None:
    if case.approval is None:
        raise errors.NotApproved


def nothing_carried_out(case: ConflictCase, by: Caller) -> None:
    """What was begun is not undone by taking back the word; a revised plan changes course."""
    mine = [plan.revision for plan in case.plans if plan.attempt == case.attempt]
    done = sorted(number for revision, number in case.completed_plan_steps if revision in mine)
    if done:
        raise errors.AlreadyCarriedOut(step_numbers=done)


def four_eyes(case: ConflictCase, by: Caller) -> None:
    """Approver, proposer and chooser: the approver is neither of the other two (S31)."""
    if by.actor.id == case.chosen_solution.proposal.actor.id:
        raise errors.ApproverIsProposer
    if case.choice and by.actor.id == case.choice.actor.id:
        raise errors.ApproverIsChooser


def within_authority(case: ConflictCase, by: Caller) -> None:
    if exceeds_authority(case, case.chosen_solution.proposal.remedies, by.roles):
        raise errors.BeyondAuthority


def decision_stands(case: ConflictCase, by: Caller) -> None:
    """A solution is chosen and, where the choice asked for it, approved."""
    something_chosen(case, by)
    if case.choice and case.needs_approval:
        raise errors.ApprovalMissing(reasons=case.choice.approval_reasons)


def something_to_carry_out(case: ConflictCase, by: Caller) -> None:
    if not case.plans:
        raise errors.NothingChosen


def some_plan_step_open(case: ConflictCase, by: Caller) -> None:
    plan = case.plans[-1]
    numbers = range(1, len(plan.steps) + 1)
    if all((plan.revision, number) in case.completed_plan_steps for number in numbers):
        raise errors.PlanStepAlreadyDone(step_numbers=list(numbers))


def lessons_known(case: ConflictCase, by: Caller) -> None:
    if not case.lessons:
        raise errors.LessonsMissing


def lessons_of_this_attempt(case: ConflictCase, by: Caller) -> None:
    if case.attempt not in (attempt for attempt, _ in case.lessons):
        raise errors.LessonsMissing(attempt=case.attempt)


def both_answers_known(case: ConflictCase, by: Caller) -> None:
    answers = {"satisfied": case.satisfied, "substantially_solved": case.substantially_solved}
    unknown = [name for name, answer in answers.items() if answer is None]
    if unknown:
        raise errors.AnswersUnknown(unknown=unknown)


def something_planned(case: ConflictCase, by: Caller) -> None:
    if not case.preventions:
        raise errors.UnknownPrevention(planned=[])


def some_prevention_open(case: ConflictCase, by: Caller) -> None:
    if not case.preventions.keys() - case.preventions_done.keys():
        raise errors.PreventionAlreadyDone(prevention_ids=sorted(case.preventions_done))


def some_prevention_done(case: ConflictCase, by: Caller) -> None:
    if not case.preventions.keys() & case.preventions_done.keys():
        raise errors.PreventionNotDone(prevention_ids=sorted(case.preventions))
