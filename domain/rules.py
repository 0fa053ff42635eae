"""Rules of what a step says. Each takes (case, event, circumstances) and may raise its Refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain import errors, events
from domain.book_answers import score_range
from domain.values import Status

if TYPE_CHECKING:
    from domain.circumstances import Circumstances
    from domain.conflict_case import ConflictCase


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
        raise errors.CustomerHasNotAgreed(field="agreement.agreed")


def subtype_fits_type(
    case: ConflictCase, event: events.ConflictConfirmed, by: Circumstances
) -> None:
    subtype = case.edition.book("conflict_subtypes").entry(event.conflict_subtype)
    if subtype.parent != event.conflict_type:
        raise errors.SubtypeOfOtherType(
            field="conflict_subtype",
            conflict_type=event.conflict_type,
            conflict_subtype=event.conflict_subtype,
            belongs_to=subtype.parent,
            reference_book="conflict_subtypes",
        )


def alternative_offered(
    case: ConflictCase, event: events.ConflictDismissed, by: Circumstances
) -> None:
    if not event.alternatives_offered:
        raise errors.NoAlternativeOffered(field="alternatives_offered")


def document_or_reason(
    case: ConflictCase, event: events.EvidenceAttached, by: Circumstances
) -> None:
    both, none = event.document and event.absent_reason, not event.document
    if both:
        raise errors.EvidenceIncomplete(field="absent_reason", kind=event.kind, given="both")
    if none and event.absent_reason is None:
        raise errors.EvidenceIncomplete(field="document", kind=event.kind, given="neither")


def main_issue_listed(
    case: ConflictCase, event: events.ConflictAnalysed, by: Circumstances
) -> None:
    """The main issue is named by its place in the list, from 1."""
    if event.main_issue > len(event.issues):
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
    if event.step_number > len(plan.steps):
        raise errors.UnknownPlanStep(step_number=event.step_number, steps=len(plan.steps))
    if (plan.revision, event.step_number) in case.completed_plan_steps:
        raise errors.PlanStepAlreadyDone(step_number=event.step_number)


def score_on_scale(case: ConflictCase, event: events.ConflictFollowedUp, by: Circumstances) -> None:
    if event.score is None:
        return
    least, most = score_range(case.edition, event.score.scale)
    if not least <= event.score.value <= most:
        raise errors.ScoreOutsideScale(scale=event.score.scale, least=least, most=most)


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


def something_handed_over(
    case: ConflictCase, event: events.CaseReferred, by: Circumstances
) -> None:
    """A mediator starts from the record, not from a name and a telephone call."""
    if not (event.handed_over or event.background or event.background_file):
        raise errors.NothingHandedOver(field="background_file")


def file_of_this_case(case: ConflictCase, event: events.CaseReferred, by: Circumstances) -> None:
    """The file tells a version of the case that there is."""
    file = event.background_file
    if file and file.case_version > case.version:
        raise errors.InvalidValue(field="background_file.case_version", reason="not_a_version")


def evidence_is_known(
    case: ConflictCase, event: events.CommitmentKept | events.SupplementSent, by: Circumstances
) -> None:
    require_evidence(case, event.evidence_ids)


def require_evidence(case: ConflictCase, evidence_ids: tuple[str, ...]) -> None:
    """Raise UnknownEvidence for the ids that are no evidence of this case."""
    unknown = sorted(set(evidence_ids) - {piece.evidence_id for piece in case.evidence})
    if unknown:
        raise errors.UnknownEvidence(evidence_ids=unknown)


def other_case(case: ConflictCase, event: events.CaseMerged, by: Circumstances) -> None:
    """That the other case exists and does not lead back here is checked where cases are found."""
    if event.into_case_id == case.id:
        raise errors.MergedIntoItself
