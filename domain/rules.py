"""Rules of single steps. Each takes (case, event, circumstances) and may raise its Refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import errors, events
from domain.book_answers import score_range
from domain.values import Status

if TYPE_CHECKING:
    from domain.circumstances import Circumstances
    from domain.conflict_case import ConflictCase
    from domain.events import CaseEvent


def case_was_imported(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    if case.imported is None:
        raise errors.NotImported


def source_states_no_merge(
    case: ConflictCase, event: events.CaseImported | events.ImportedEntryNoted, by: Circumstances
) -> None:
    """A merge is a link to another case, which only `merge_into` makes."""
    if event.leads_to is Status.MERGED and case.status is not Status.MERGED:
        raise errors.InvalidValue(field="leads_to", reason="out_of_range")


def source_moves_only_its_own(
    case: ConflictCase, event: events.ImportedEntryNoted, by: Circumstances
) -> None:
    if case.is_handled_here and event.leads_to is not case.status:
        raise errors.HandledHere(status=case.status)


def customer_agreed(case: ConflictCase, event: events.ConflictConfirmed, by: Circumstances) -> None:
    if not event.agreement.agreed:
        raise errors.CustomerHasNotAgreed


def subtype_fits_type(
    case: ConflictCase, event: events.ConflictConfirmed, by: Circumstances
) -> None:
    subtype = case.edition.book("conflict_subtypes").entry(event.conflict_subtype)
    if subtype.parent != event.conflict_type:
        raise errors.SubtypeOfOtherType(
            conflict_type=event.conflict_type, conflict_subtype=event.conflict_subtype
        )


def alternative_offered(
    case: ConflictCase, event: events.ConflictDismissed, by: Circumstances
) -> None:
    if not event.alternatives_offered:
        raise errors.NoAlternativeOffered


def document_or_reason(
    case: ConflictCase, event: events.EvidenceAttached, by: Circumstances
) -> None:
    if (event.document is None) == (event.absent_reason is None):
        raise errors.EvidenceIncomplete(kind=event.kind)


def evidence_complete(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    known = {piece.kind for piece in case.evidence}
    missing = sorted(case.edition.book("evidence_kinds").codes - known)
    if missing:
        raise errors.EvidenceMissing(kinds=missing)


def again_only_after_failure(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    if case.status is Status.RISK_ASSESSED and not case.attempt_has_failed:
        raise errors.NoFailedSolution


def main_issue_listed(
    case: ConflictCase, event: events.ConflictAnalysed, by: Circumstances
) -> None:
    """The main issue is named by its place in the list, from 1."""
    if not 1 <= event.main_issue <= len(event.issues):
        raise errors.MainIssueNotListed(main_issue=event.main_issue, issues=len(event.issues))


def primary_cause_once(
    case: ConflictCase, event: events.ConflictAnalysed, by: Circumstances
) -> None:
    if event.primary_cause in event.secondary_causes:
        raise errors.PrimaryCauseRepeated(primary_cause=event.primary_cause)


def replaced_solution_known(
    case: ConflictCase, event: events.SolutionProposed, by: Circumstances
) -> None:
    if event.replaces is not None and not case.is_proposed(event.replaces):
        raise errors.UnknownSolution(solution_id=event.replaces)


def plan_step_open(case: ConflictCase, event: events.PlanStepCompleted, by: Circumstances) -> None:
    plan = case.plans[-1]
    if not 1 <= event.step_number <= len(plan.steps):
        raise errors.UnknownPlanStep(step_number=event.step_number, steps=len(plan.steps))
    if (plan.revision, event.step_number) in case.completed_plan_steps:
        raise errors.PlanStepAlreadyDone(step_number=event.step_number)


def score_on_scale(case: ConflictCase, event: events.ConflictFollowedUp, by: Circumstances) -> None:
    if event.score is None:
        return
    least, most = score_range(case.edition, event.score.scale)
    if not least <= event.score.value <= most:
        raise errors.ScoreOutsideScale(scale=event.score.scale, least=least, most=most)


def lessons_known(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    if not case.lessons:
        raise errors.LessonsMissing


def lessons_of_this_attempt(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    if case.attempt not in (attempt for attempt, _ in case.lessons):
        raise errors.LessonsMissing(attempt=case.attempt)


def both_answers_known(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    answers = {"satisfied": case.satisfied, "substantially_solved": case.substantially_solved}
    unknown = [name for name, answer in answers.items() if answer is None]
    if unknown:
        raise errors.AnswersUnknown(unknown=unknown)


def prevention_open(
    case: ConflictCase, event: events.PreventionCompleted, by: Circumstances
) -> None:
    if event.prevention_id not in case.preventions:
        raise errors.UnknownPrevention(prevention_id=event.prevention_id)
    if event.prevention_id in case.preventions_done:
        raise errors.PreventionAlreadyDone(prevention_id=event.prevention_id)


def prevention_done(case: ConflictCase, event: events.PreventionChecked, by: Circumstances) -> None:
    if event.prevention_id not in case.preventions:
        raise errors.UnknownPrevention(prevention_id=event.prevention_id)
    if event.prevention_id not in case.preventions_done:
        raise errors.PreventionNotDone(prevention_id=event.prevention_id)


def handed_over_evidence_known(
    case: ConflictCase, event: events.CaseReferred, by: Circumstances
) -> None:
    require_evidence(case, event.handed_over)


def require_evidence(case: ConflictCase, evidence_ids: tuple[str, ...]) -> None:
    """Raise UnknownEvidence for the ids that are no evidence of this case."""
    unknown = sorted(set(evidence_ids) - {piece.evidence_id for piece in case.evidence})
    if unknown:
        raise errors.UnknownEvidence(evidence_ids=unknown)


def other_case(case: ConflictCase, event: events.CaseMerged, by: Circumstances) -> None:
    """That the other case exists and does not lead back here is checked where cases are found."""
    if event.into_case_id == case.id:
        raise errors.MergedIntoItself
