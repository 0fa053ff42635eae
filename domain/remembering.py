"""How each event changes what the case shows. Nothing here refuses: what is recorded, happened.

An event may come without the ones it builds on: a case is also folded as it was at an instant,
and what was recorded late is left out then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from domain import events
from domain.commitments import Commitment
from domain.reference_books import edition
from domain.solution import Plan, Solution

if TYPE_CHECKING:
    from domain.conflict_case import ConflictCase


def _reported(case: ConflictCase, event: events.ConflictReported) -> None:
    case.report = event
    case.reference = event.reference
    case.edition = edition(event.edition)
    case.subject_ref = event.subject_ref
    case.began_at = event.occurred_at


def _imported(case: ConflictCase, event: events.CaseImported) -> None:
    case.imported = event
    case.reference = event.reference
    case.edition = edition(event.edition)
    case.subject_ref = event.subject_ref
    case.began_at = event.occurred_at


def _analysed(case: ConflictCase, event: events.ConflictAnalysed) -> None:
    case.analyses.append(event)
    case.attempt = event.attempt
    _forget_decision(case)


def _confirmed(case: ConflictCase, event: events.ConflictConfirmed) -> None:
    case.confirmation = event


def _dismissed(case: ConflictCase, event: events.ConflictDismissed) -> None:
    case.dismissal = event


def _solution_proposed(case: ConflictCase, event: events.SolutionProposed) -> None:
    case.solutions[event.solution_id] = Solution(event, case.attempt)
    if event.replaces in case.solutions:
        case.solutions[event.replaces].replaced_by = event.solution_id
    _forget_decision(case)


def _risk_assessed(case: ConflictCase, event: events.RiskAssessed) -> None:
    if solution := case.solutions.get(event.solution_id):
        solution.assessment = event
        # The customer was told of other risks: what they answered then no longer holds.
        solution.consultation = None
    _forget_decision(case)


def _customer_consulted(case: ConflictCase, event: events.CustomerConsulted) -> None:
    case.consultations.append(event)
    if solution := case.solutions.get(event.solution_id):
        solution.consultation = event


def _solution_chosen(case: ConflictCase, event: events.SolutionChosen) -> None:
    case.choice, case.approval, case.withdrawn_approval = event, None, None
    if solution := case.solutions.get(event.solution_id):
        steps = solution.proposal.steps
        case.plans.append(Plan(len(case.plans) + 1, case.attempt, event.solution_id, steps))


def _solution_approved(case: ConflictCase, event: events.SolutionApproved) -> None:
    case.approval, case.withdrawn_approval = event, None


def _playbook_recorded(case: ConflictCase, event: events.PlaybookRecorded) -> None:
    case.playbooks.append(event)
    case.playbook_marks |= {mark.step: mark for mark in event.steps}


def _approval_withdrawn(case: ConflictCase, event: events.ApprovalWithdrawn) -> None:
    case.approval, case.withdrawn_approval = None, event


def _solution_rejected(case: ConflictCase, event: events.SolutionRejected) -> None:
    if solution := case.solutions.get(event.solution_id):
        solution.rejection = event
    _forget_decision(case)


def _forget_decision(case: ConflictCase) -> None:
    """A choice holds for what was compared; a changed comparison asks for a new one."""
    case.choice = case.approval = case.withdrawn_approval = None


def _plan_step_completed(case: ConflictCase, event: events.PlanStepCompleted) -> None:
    revision = case.plans[-1].revision if case.plans else 0
    case.completed_plan_steps[revision, event.step_number] = event


def _plan_revised(case: ConflictCase, event: events.PlanRevised) -> None:
    chosen = case.choice.solution_id if case.choice else ""
    case.plans.append(Plan(event.revision, case.attempt, chosen, event.steps, event.reason))


def _resolved(case: ConflictCase, event: events.ConflictResolved) -> None:
    case.resolutions[case.attempt] = event


def _followed_up(case: ConflictCase, event: events.ConflictFollowedUp) -> None:
    case.follow_ups.append((case.attempt, event))


def _survey_sent(case: ConflictCase, event: events.SurveySent) -> None:
    case.surveys[event.survey_id] = event


def _survey_answered(case: ConflictCase, event: events.SurveyAnswered) -> None:
    case.survey_answers.append((case.attempt, event))


def _order_opened(case: ConflictCase, event: events.DirectorOrderOpened) -> None:
    case.orders[event.order_id] = event


def _order_planned(case: ConflictCase, event: events.DirectorPlanDelivered) -> None:
    case.order_plans[event.order_id] = event


def _order_closed(case: ConflictCase, event: events.DirectorOrderClosed) -> None:
    case.orders_closed[event.order_id] = event


def _lessons_recorded(case: ConflictCase, event: events.LessonsRecorded) -> None:
    case.lessons.append((case.attempt, event))


def _prevention_planned(case: ConflictCase, event: events.PreventionPlanned) -> None:
    case.preventions[event.prevention_id] = event


def _prevention_completed(case: ConflictCase, event: events.PreventionCompleted) -> None:
    case.preventions_done[event.prevention_id] = event


def _prevention_checked(case: ConflictCase, event: events.PreventionChecked) -> None:
    case.preventions_checked[event.prevention_id] = event


def _reopened(case: ConflictCase, event: events.CaseReopened) -> None:
    case.reopenings.append(event)
    case.attempt = event.attempt
    case.closed_at = None
    _forget_decision(case)


def _commitment_made(case: ConflictCase, event: events.CommitmentMade) -> None:
    case.commitments[event.commitment_id] = Commitment(event)
    if event.replaces in case.commitments:
        case.commitments[event.replaces].replacement = event


def _commitment_noted(part: str) -> Callable[[ConflictCase, Any], None]:
    """For events that tell one more thing about a promise."""

    def remember(case: ConflictCase, event: Any) -> None:
        if commitment := case.commitments.get(event.commitment_id):
            setattr(commitment, part, event)

    return remember


def _points_settled(case: ConflictCase, event: events.OpenPointsSettled) -> None:
    case.points_settled[event.minutes_id] = event


def _withdrawn(case: ConflictCase, event: events.ConflictWithdrawn) -> None:
    case.withdrawal = event


def _merged(case: ConflictCase, event: events.CaseMerged) -> None:
    case.merge = event
    case.status_before_merge = case.status


def _unmerged(case: ConflictCase, event: events.CaseUnmerged) -> None:
    case.merge = None


def _closed(case: ConflictCase, event: events.CaseClosed) -> None:
    case.closed_at = event.occurred_at


def _kept_in(list_name: str) -> Callable[[ConflictCase, Any], None]:
    """For events that only join the list of their kind."""

    def remember(case: ConflictCase, event: events.CaseEvent) -> None:
        getattr(case, list_name).append(event)

    return remember


REMEMBER: dict[type[events.CaseEvent], Callable[[ConflictCase, Any], None]] = {
    events.ConflictReported: _reported,
    events.CaseImported: _imported,
    events.ImportedEntryNoted: _kept_in("imported_entries"),
    events.ConflictAcknowledged: _kept_in("acknowledgements"),
    events.ConflictConfirmed: _confirmed,
    events.ConflictDismissed: _dismissed,
    events.EvidenceAttached: _kept_in("evidence"),
    events.InteractionLogged: _kept_in("interactions"),
    events.ConflictAnalysed: _analysed,
    events.SolutionProposed: _solution_proposed,
    events.RiskAssessed: _risk_assessed,
    events.CustomerConsulted: _customer_consulted,
    events.SolutionChosen: _solution_chosen,
    events.SolutionApproved: _solution_approved,
    events.SolutionRejected: _solution_rejected,
    events.PlanStepCompleted: _plan_step_completed,
    events.PlanRevised: _plan_revised,
    events.ConflictResolved: _resolved,
    events.ConflictFollowedUp: _followed_up,
    events.LessonsRecorded: _lessons_recorded,
    events.PreventionPlanned: _prevention_planned,
    events.PreventionCompleted: _prevention_completed,
    events.PreventionChecked: _prevention_checked,
    events.TrainingHeld: _kept_in("trainings"),
    events.CaseClosed: _closed,
    events.CaseReopened: _reopened,
    events.SurveySent: _survey_sent,
    events.SurveyAnswered: _survey_answered,
    events.DirectorOrderOpened: _order_opened,
    events.DirectorPlanDelivered: _order_planned,
    events.DirectorOrderClosed: _order_closed,
    events.CaseEscalated: _kept_in("escalations"),
    events.CaseReferred: _kept_in("referrals"),
    events.CaseAssigned: _kept_in("assignments"),
    events.ServiceTermsSet: _kept_in("service_terms"),
    events.CustomerAwaited: _kept_in("waits"),
    events.CustomerHeard: _kept_in("waits"),
    events.MinutesSent: _kept_in("minutes"),
    events.DeadlineWarned: _kept_in("deadlines_warned"),
    events.DeadlineMissed: _kept_in("deadlines_missed"),
    events.CommitmentMade: _commitment_made,
    events.CommitmentApproved: _commitment_noted("approval"),
    events.CommitmentKept: _commitment_noted("kept"),
    events.CommitmentWithdrawn: _commitment_noted("withdrawal"),
    events.AgreementConfirmed: _kept_in("agreements_confirmed"),
    events.OpenPointsSettled: _points_settled,
    events.CommitmentBroken: _commitment_noted("broken"),
    events.ReminderGiven: _kept_in("reminders"),
    events.SupplementAsked: _kept_in("supplements"),
    events.SupplementSent: _kept_in("supplements"),
    events.ProgressUpdated: _kept_in("progress"),
    events.DelayDisclosed: _kept_in("disclosures"),
    events.ConflictWithdrawn: _withdrawn,
    events.CaseMerged: _merged,
    events.CaseUnmerged: _unmerged,
    events.PersonalDataErased: _kept_in("erasures"),
    events.EmotionRecognised: _kept_in("emotions_recognised"),
    events.TaskForceNamed: _kept_in("task_forces"),
    events.ApprovalWithdrawn: _approval_withdrawn,
    events.PlaybookRecorded: _playbook_recorded,
}
