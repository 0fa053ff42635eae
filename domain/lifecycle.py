"""What may follow what: the one table every command passes through, whoever sends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from domain import (
    deadlines,
    emotions,
    events,
    gate,
    orders,
    playbooks,
    promising,
    readiness,
    routes,
    rules,
    sequence,
    surveys,
    telling,
)
from domain import decisions as decide
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
    (case, caller); a case offers only the steps for which they hold. `rules`: called in order
    with (case, event, circumstances). Each rule may raise a Refusal.
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


TABLE: tuple[Step, ...] = (
    Step(
        command="report",
        event=events.ConflictReported,
        allowed_in=NEW,
        leads_to=Status.REPORTED,
        roles=INTAKE,
        decides={"reference": decide.reference, "edition": decide.edition},
    ),
    Step(
        command="import_record",
        event=events.CaseImported,
        allowed_in=NEW,
        roles=IMPORTER,
        decides={"reference": decide.reference, "edition": decide.edition},
        rules=(rules.source_states_no_merge,),
    ),
    Step(
        command="note_imported_entry",
        event=events.ImportedEntryNoted,
        allowed_in=frozenset(Status),
        roles=IMPORTER,
        ready=(readiness.case_was_imported,),
        rules=(rules.source_states_no_merge, rules.source_moves_only_its_own),
        may_precede_report=True,
    ),
    Step(
        command="acknowledge",
        event=events.ConflictAcknowledged,
        allowed_in=OPEN,
        ready=(emotions.person_answers_anger,),
    ),
    Step(
        command="confirm",
        event=events.ConflictConfirmed,
        allowed_in=frozenset({Status.REPORTED}),
        leads_to=Status.CONFIRMED,
        ready=(emotions.person_answers_anger,),
        rules=(rules.customer_agreed, rules.subtype_fits_type),
    ),
    Step(
        command="dismiss",
        event=events.ConflictDismissed,
        allowed_in=frozenset({Status.REPORTED}),
        leads_to=Status.DISMISSED,
        ready=(emotions.person_answers_anger,),
        rules=(rules.alternative_offered,),
    ),
    Step(
        command="attach_evidence",
        event=events.EvidenceAttached,
        allowed_in=OPEN,
        roles=INTAKE,
        decides={"evidence_id": decide.evidence_id},
        rules=(rules.document_or_reason,),
    ),
    Step(
        command="log_interaction",
        event=events.InteractionLogged,
        allowed_in=OPEN,
        roles=INTAKE,
        rules=(emotions.person_turns_to_the_angry,),
        may_precede_report=True,
    ),
    Step(
        command="analyse",
        event=events.ConflictAnalysed,
        allowed_in=frozenset({Status.CONFIRMED, Status.RISK_ASSESSED}),
        leads_to=Status.ANALYSED,
        decides={"attempt": decide.attempt_of_analysis},
        ready=(readiness.again_only_after_failure, readiness.evidence_complete),
        rules=(rules.main_issue_listed, rules.primary_cause_once),
    ),
    Step(
        command="propose_solution",
        event=events.SolutionProposed,
        allowed_in=frozenset({Status.ANALYSED, Status.SOLUTION_PROPOSED, Status.RISK_ASSESSED}),
        leads_to=Status.SOLUTION_PROPOSED,
        decides={"solution_id": decide.solution_id},
        rules=(rules.replaced_solution_known,),
    ),
    Step(
        command="assess_risk",
        event=events.RiskAssessed,
        allowed_in=frozenset({Status.SOLUTION_PROPOSED, Status.RISK_ASSESSED}),
        decides={"leads_to": decide.status_after_assessment},
        ready=(readiness.something_proposed,),
        rules=(gate.solution_known, gate.four_factors, gate.high_risks_answered),
    ),
    Step(
        command="consult_customer",
        event=events.CustomerConsulted,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        ready=(emotions.person_answers_anger, readiness.something_proposed),
        rules=(gate.solution_known,),
    ),
    Step(
        command="choose_solution",
        event=events.SolutionChosen,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        decides={"comparison": decide.comparison, "approval_reasons": decide.approval_reasons},
        ready=(
            readiness.two_options,
            readiness.feasibility_complete,
            readiness.every_risk_assessed,
            readiness.some_option_open,
            routes.followed_before_choice,
        ),
        rules=(
            gate.solution_known,
            gate.not_rejected_before,
            gate.customer_consulted,
            gate.accepted_or_explained,
            gate.six_principles,
            gate.fair_points_to_evidence,
        ),
    ),
    Step(
        command="approve_solution",
        event=events.SolutionApproved,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        roles=APPROVER,
        decides={"solution_id": decide.chosen_solution_id},
        ready=(
            readiness.something_chosen,
            readiness.four_eyes,
            readiness.not_approved_yet,
            readiness.within_authority,
        ),
    ),
    Step(
        command="reject_solution",
        event=events.SolutionRejected,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        roles=APPROVER,
        decides={"solution_id": decide.chosen_solution_id},
        ready=(readiness.something_chosen, readiness.four_eyes, readiness.not_approved_yet),
    ),
    Step(
        command="complete_plan_step",
        event=events.PlanStepCompleted,
        allowed_in=frozenset({Status.RISK_ASSESSED, Status.RESOLVED, Status.FOLLOWED_UP}),
        ready=(readiness.decision_stands, readiness.some_plan_step_open),
        rules=(rules.plan_step_open,),
    ),
    Step(
        command="revise_plan",
        event=events.PlanRevised,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        decides={"revision": decide.next_plan_revision},
        ready=(readiness.decision_stands,),
    ),
    Step(
        command="resolve",
        event=events.ConflictResolved,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        leads_to=Status.RESOLVED,
        ready=(
            emotions.person_answers_anger,
            readiness.decision_stands,
            routes.followed_before_resolution,
        ),
        rules=(gate.remedies_as_decided,),
    ),
    Step(
        command="follow_up",
        event=events.ConflictFollowedUp,
        allowed_in=frozenset({Status.RESOLVED, Status.FOLLOWED_UP}),
        leads_to=Status.FOLLOWED_UP,
        roles=INTAKE,
        rules=(rules.score_on_scale,),
    ),
    Step(
        command="record_lessons",
        event=events.LessonsRecorded,
        allowed_in=frozenset({Status.RESOLVED, Status.FOLLOWED_UP}),
        roles=LEARNER,
    ),
    Step(
        command="plan_prevention",
        event=events.PreventionPlanned,
        allowed_in=OPEN | {Status.CLOSED},
        roles=LEARNER,
        decides={"prevention_id": decide.prevention_id},
        ready=(readiness.lessons_known,),
    ),
    Step(
        command="complete_prevention",
        event=events.PreventionCompleted,
        allowed_in=OPEN | {Status.CLOSED},
        roles=LEARNER,
        ready=(
            readiness.lessons_known,
            readiness.something_planned,
            readiness.some_prevention_open,
        ),
        rules=(rules.prevention_open,),
    ),
    Step(
        command="check_prevention",
        event=events.PreventionChecked,
        allowed_in=OPEN | {Status.CLOSED},
        roles=LEARNER,
        ready=(
            readiness.lessons_known,
            readiness.something_planned,
            readiness.some_prevention_done,
        ),
        rules=(rules.prevention_done,),
    ),
    Step(
        command="hold_training",
        event=events.TrainingHeld,
        allowed_in=OPEN | {Status.CLOSED},
        roles=LEARNER,
        ready=(readiness.lessons_known,),
    ),
    Step(
        command="close",
        event=events.CaseClosed,
        allowed_in=frozenset({Status.FOLLOWED_UP}),
        leads_to=Status.CLOSED,
        ready=(
            readiness.lessons_of_this_attempt,
            readiness.both_answers_known,
            promising.no_promise_open,
        ),
    ),
    Step(
        command="reopen",
        event=events.CaseReopened,
        allowed_in=frozenset(
            {Status.RESOLVED, Status.FOLLOWED_UP, Status.CLOSED, Status.DISMISSED}
        ),
        roles=INTAKE,
        decides={"attempt": decide.next_attempt, "leads_to": decide.status_after_reopening},
    ),
    Step(
        command="send_survey",
        event=events.SurveySent,
        allowed_in=OPEN,
        roles=INTAKE,
        decides={"survey_id": surveys.survey_id},
        ready=(emotions.person_answers_anger,),
        rules=(surveys.something_to_ask_about,),
    ),
    Step(
        command="answer_survey",
        event=events.SurveyAnswered,
        allowed_in=OPEN | {Status.CLOSED, Status.DISMISSED},
        roles=INTAKE,
        decides={
            "occasion": surveys.occasion,
            "scale": surveys.scale,
            "leads_to": surveys.status_after_answer,
        },
        ready=(surveys.some_survey_unanswered,),
        rules=(
            surveys.survey_unanswered,
            surveys.something_answered,
            surveys.value_on_scale,
            sequence.not_before_what_it_answers,
        ),
    ),
    Step(
        command="open_director_order",
        event=events.DirectorOrderOpened,
        allowed_in=frozenset(Status),
        roles=TIMER,
        by_timers=True,
        decides={"order_id": orders.order_id, "led_by": orders.leader},
        ready=(orders.no_order_open,),
    ),
    Step(
        command="deliver_director_plan",
        event=events.DirectorPlanDelivered,
        allowed_in=frozenset(Status),
        roles=APPROVER,
        decides={"order_id": orders.open_order_id},
        ready=(orders.some_order_open, orders.plan_is_missing),
        rules=(sequence.not_before_what_it_answers,),
    ),
    Step(
        command="close_director_order",
        event=events.DirectorOrderClosed,
        allowed_in=frozenset(Status),
        roles=APPROVER,
        decides={"order_id": orders.open_order_id},
        ready=(orders.some_order_open, orders.plan_is_there),
        rules=(sequence.not_before_what_it_answers,),
    ),
    Step(
        command="escalate",
        event=events.CaseEscalated,
        allowed_in=OPEN,
        roles=DECIDER,
    ),
    Step(
        command="refer",
        event=events.CaseReferred,
        allowed_in=OPEN,
        roles=DECIDER,
        rules=(
            rules.handed_over_evidence_known,
            rules.something_handed_over,
            rules.file_of_this_case,
        ),
    ),
    Step(
        command="assign",
        event=events.CaseAssigned,
        allowed_in=OPEN,
        roles=DECIDER,
    ),
    Step(
        command="set_service_terms",
        event=events.ServiceTermsSet,
        allowed_in=OPEN,
        roles=DECIDER,
        rules=(deadlines.terms_given,),
    ),
    Step(
        command="await_customer",
        event=events.CustomerAwaited,
        allowed_in=OPEN,
        ready=(deadlines.not_awaiting_yet,),
    ),
    Step(
        command="hear_customer",
        event=events.CustomerHeard,
        allowed_in=OPEN,
        roles=INTAKE,
        ready=(deadlines.customer_is_awaited,),
    ),
    Step(
        command="send_minutes",
        event=events.MinutesSent,
        allowed_in=OPEN,
        ready=(emotions.person_answers_anger,),
    ),
    Step(
        command="warn_deadline",
        event=events.DeadlineWarned,
        allowed_in=frozenset(Status),
        roles=TIMER,
        by_timers=True,
        decides={"rule": deadlines.winning_rule, "due_at": deadlines.due_time},
        rules=(deadlines.warning_is_due,),
    ),
    Step(
        command="miss_deadline",
        event=events.DeadlineMissed,
        allowed_in=frozenset(Status),
        roles=TIMER,
        by_timers=True,
        decides={"rule": deadlines.winning_rule, "due_at": deadlines.due_time},
        rules=(deadlines.due_time_has_passed,),
    ),
    Step(
        command="make_commitment",
        event=events.CommitmentMade,
        allowed_in=OPEN,
        decides={
            "commitment_id": promising.commitment_id,
            "needs_approval": promising.needs_approval,
        },
        rules=(
            emotions.person_promises_to_the_angry,
            promising.due_time_ahead,
            promising.outcome_says_more,
            promising.replaced_by_agreement,
        ),
    ),
    Step(
        command="approve_commitment",
        event=events.CommitmentApproved,
        allowed_in=OPEN,
        roles=APPROVER,
        ready=(promising.something_to_approve,),
        rules=(promising.may_be_approved, sequence.not_before_what_it_answers),
    ),
    Step(
        command="keep_commitment",
        event=events.CommitmentKept,
        allowed_in=OPEN | {Status.CLOSED},
        ready=(promising.something_to_keep,),
        rules=(
            promising.may_be_kept,
            promising.evidence_is_known,
            sequence.not_before_what_it_answers,
        ),
    ),
    Step(
        command="withdraw_commitment",
        event=events.CommitmentWithdrawn,
        allowed_in=OPEN,
        roles=DECIDER,
        ready=(promising.something_to_withdraw,),
        rules=(
            emotions.person_takes_back_from_the_angry,
            promising.withdrawn_by_agreement,
            sequence.not_before_what_it_answers,
        ),
    ),
    Step(
        command="confirm_agreement",
        event=events.AgreementConfirmed,
        allowed_in=OPEN,
        ready=(promising.something_agreed,),
        rules=(
            emotions.person_confirms_to_the_angry,
            promising.another_channel,
            promising.may_be_written,
        ),
    ),
    Step(
        command="settle_open_points",
        event=events.OpenPointsSettled,
        allowed_in=OPEN,
        ready=(promising.something_to_settle,),
        rules=(promising.open_points_stand,),
    ),
    Step(
        command="break_commitment",
        event=events.CommitmentBroken,
        allowed_in=frozenset(Status) - {Status.CLOSED},
        roles=TIMER,
        by_timers=True,
        decides={"due_at": promising.due_time},
        rules=(promising.promise_is_broken,),
    ),
    Step(
        command="remind",
        event=events.ReminderGiven,
        allowed_in=OPEN,
        roles=TIMER,
        by_timers=True,
        decides={"due_at": promising.reminder_time},
        rules=(promising.reminder_is_due,),
    ),
    Step(
        command="ask_supplement",
        event=events.SupplementAsked,
        allowed_in=OPEN,
        roles=INTAKE,
    ),
    Step(
        command="send_supplement",
        event=events.SupplementSent,
        allowed_in=OPEN,
        ready=(emotions.person_answers_anger, telling.something_asked),
        rules=(telling.evidence_is_known,),
    ),
    Step(
        command="update_progress",
        event=events.ProgressUpdated,
        allowed_in=OPEN,
        ready=(emotions.person_answers_anger,),
        rules=(telling.blockers_are_answered,),
    ),
    Step(
        command="disclose_delay",
        event=events.DelayDisclosed,
        allowed_in=OPEN,
        decides={"due_at": telling.due_time},
        ready=(emotions.person_answers_anger,),
        rules=(telling.delay_is_ahead,),
    ),
    Step(
        command="withdraw",
        event=events.ConflictWithdrawn,
        allowed_in=OPEN,
        leads_to=Status.WITHDRAWN,
        roles=INTAKE,
    ),
    Step(
        command="merge_into",
        event=events.CaseMerged,
        allowed_in=OPEN,
        leads_to=Status.MERGED,
        rules=(rules.other_case,),
    ),
    Step(
        command="unmerge",
        event=events.CaseUnmerged,
        allowed_in=frozenset({Status.MERGED}),
        decides={"leads_to": decide.status_before_merge},
    ),
    Step(
        command="erase_personal_data",
        event=events.PersonalDataErased,
        allowed_in=frozenset(Status),
        roles=PRIVACY,
    ),
    Step(
        command="recognise_emotion",
        event=events.EmotionRecognised,
        allowed_in=OPEN,
        roles=LISTENER,
        decides={"said_at": emotions.said_at},
        rules=(emotions.words_were_heard, emotions.not_recognised_before),
        may_precede_report=True,
        stands_aside=True,
    ),
    Step(
        command="name_task_force",
        event=events.TaskForceNamed,
        allowed_in=OPEN,
        roles=DECIDER,
        rules=(routes.each_member_once,),
    ),
    Step(
        command="withdraw_approval",
        event=events.ApprovalWithdrawn,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        roles=APPROVER,
        decides={"solution_id": decide.chosen_solution_id},
        ready=(
            readiness.something_chosen,
            readiness.approved,
            readiness.nothing_carried_out,
        ),
    ),
    Step(
        command="record_playbook",
        event=events.PlaybookRecorded,
        allowed_in=OPEN,
        rules=(playbooks.steps_of_playbook, playbooks.skipped_with_reason),
    ),
)

STEPS: dict[str, Step] = {step.command: step for step in TABLE}
STEP_OF_EVENT: dict[type[CaseEvent], Step] = {step.event: step for step in TABLE}
