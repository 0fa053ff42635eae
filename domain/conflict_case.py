"""The conflict case: takes a step if the table and the rules allow it, and remembers events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from domain import events
from domain.circumstances import Caller, Circumstances
from domain.clocks.occasions import Occasion, is_waiting, terms_of
from domain.clocks.of_events import occasion_of
from domain.clocks.policy import policy_of
from domain.clocks.run import ClockRun
from domain.clocks.running import clock_runs
from domain.commitments import Commitment, Minutes
from domain.drafting import draft_of
from domain.errors import NothingChosen, Refusal, RoleNotAllowed, StepNotAllowed
from domain.events import CaseEvent
from domain.lifecycle import FIRST_STEPS, STEP_OF_EVENT, STEPS, STEPS_IN, Step
from domain.overdue import INSTANT
from domain.reference_books import CURRENT_EDITION, Edition, edition
from domain.remembering import REMEMBER
from domain.solution import Plan, Solution
from domain.times import require_ahead, require_happened, require_occurred
from domain.values import PlaybookMark, Status


@dataclass
class ConflictCase:
    """One customer conflict, as its events tell it. Version 0 is a case nobody reported yet.

    Where nothing needs to be worked out of them, the events themselves are kept. What belongs
    to one attempt (a reopened case makes another) is kept with the number of the attempt.
    `moved_version` is the newest version that was not a timer's or a listening model's doing.
    `updated_at`: the newest time at which any event occurred; the last one may tell of an earlier.
    """

    id: UUID
    version: int = 0
    moved_version: int = 0
    status: Status = Status.REPORTED
    status_before_merge: Status = Status.REPORTED
    began_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    subject_ref: str = ""
    reference: str = ""
    edition: Edition = field(default_factory=lambda: edition(CURRENT_EDITION))
    attempt: int = 1
    report: events.ConflictReported | None = None
    imported: events.CaseImported | None = None
    imported_entries: list[events.ImportedEntryNoted] = field(default_factory=list)
    acknowledgements: list[events.ConflictAcknowledged] = field(default_factory=list)
    confirmation: events.ConflictConfirmed | None = None
    dismissal: events.ConflictDismissed | None = None
    evidence: list[events.EvidenceAttached] = field(default_factory=list)
    interactions: list[events.InteractionLogged] = field(default_factory=list)
    analyses: list[events.ConflictAnalysed] = field(default_factory=list)
    solutions: dict[str, Solution] = field(default_factory=dict)
    consultations: list[events.CustomerConsulted] = field(default_factory=list)
    choice: events.SolutionChosen | None = None
    approval: events.SolutionApproved | None = None
    withdrawn_approval: events.ApprovalWithdrawn | None = None
    plans: list[Plan] = field(default_factory=list)
    completed_plan_steps: dict[tuple[int, int], events.PlanStepCompleted] = field(
        default_factory=dict
    )
    resolutions: dict[int, events.ConflictResolved] = field(default_factory=dict)
    follow_ups: list[tuple[int, events.ConflictFollowedUp]] = field(default_factory=list)
    lessons: list[tuple[int, events.LessonsRecorded]] = field(default_factory=list)
    preventions: dict[str, events.PreventionPlanned] = field(default_factory=dict)
    preventions_done: dict[str, events.PreventionCompleted] = field(default_factory=dict)
    preventions_checked: dict[str, events.PreventionChecked] = field(default_factory=dict)
    trainings: list[events.TrainingHeld] = field(default_factory=list)
    reopenings: list[events.CaseReopened] = field(default_factory=list)
    surveys: dict[str, events.SurveySent] = field(default_factory=dict)
    survey_answers: list[tuple[int, events.SurveyAnswered]] = field(default_factory=list)
    orders: dict[str, events.DirectorOrderOpened] = field(default_factory=dict)
    order_plans: dict[str, events.DirectorPlanDelivered] = field(default_factory=dict)
    orders_closed: dict[str, events.DirectorOrderClosed] = field(default_factory=dict)
    escalations: list[events.CaseEscalated] = field(default_factory=list)
    referrals: list[events.CaseReferred] = field(default_factory=list)
    assignments: list[events.CaseAssigned] = field(default_factory=list)
    service_terms: list[events.ServiceTermsSet] = field(default_factory=list)
    waits: list[events.CustomerAwaited | events.CustomerHeard] = field(default_factory=list)
    minutes: list[events.MinutesSent] = field(default_factory=list)
    deadlines_warned: list[events.DeadlineWarned] = field(default_factory=list)
    deadlines_missed: list[events.DeadlineMissed] = field(default_factory=list)
    commitments: dict[str, Commitment] = field(default_factory=dict)
    points_settled: dict[str, events.OpenPointsSettled] = field(default_factory=dict)
    agreements_confirmed: list[events.AgreementConfirmed] = field(default_factory=list)
    reminders: list[events.ReminderGiven] = field(default_factory=list)
    supplements: list[events.SupplementAsked | events.SupplementSent] = field(default_factory=list)
    progress: list[events.ProgressUpdated] = field(default_factory=list)
    disclosures: list[events.DelayDisclosed] = field(default_factory=list)
    occasions: list[Occasion] = field(default_factory=list)
    withdrawal: events.ConflictWithdrawn | None = None
    merge: events.CaseMerged | None = None
    erasures: list[events.PersonalDataErased] = field(default_factory=list)
    emotions_recognised: list[events.EmotionRecognised] = field(default_factory=list)
    task_forces: list[events.TaskForceNamed] = field(default_factory=list)
    playbooks: list[events.PlaybookRecorded] = field(default_factory=list)
    playbook_marks: dict[str, PlaybookMark] = field(default_factory=dict)

    @classmethod
    def folded(cls, case_id: UUID, recorded: Iterable[CaseEvent]) -> ConflictCase:
        """The case as these of its events tell it, in order of version."""
        case = cls(case_id)
        for event in recorded:
            case.remember(event)
        return case

    def remember(self, event: CaseEvent) -> None:
        """Take over what an event says. Never refuses: what is recorded, happened."""
        REMEMBER[type(event)](self, event)
        if occasion := occasion_of(event):
            self.occasions.append(occasion)
        step = STEP_OF_EVENT[type(event)]
        self.status = step.status_after(event, self.status)
        self.version = event.originator_version
        if not (step.by_timers or step.stands_aside):
            self.moved_version = self.version
        self.updated_at = max(self.updated_at or event.occurred_at, event.occurred_at)

    def is_still(self, seen_version: int) -> bool:
        """Whether nobody but timers has moved the case since that version of it was seen."""
        return self.moved_version <= seen_version <= self.version

    def take(self, command: str, details: Mapping[str, Any], by: Circumstances) -> CaseEvent:
        """Check one step, remember its event and hand it back to be stored.

        `details` maps the event's own fields to values of their kinds. Raises a Refusal, and
        then nothing has changed: RoleNotAllowed, StepNotAllowed, InvalidValue, one of
        `domain.times` or one of the step's own rules.
        """
        step = STEPS[command]
        if refusal := self._refusal_of(step, by):
            raise refusal
        require_occurred(self, by, may_precede_report=step.may_precede_report)
        event = draft_of(self, step, details, by)
        require_happened(self, event)
        require_ahead(event)
        for rule in step.rules:
            rule(self, event, by)
        decided: dict[str, Any] = {
            name: decide(self, event, by) for name, decide in step.decides.items()
        }
        event = replace(event, **decided)
        self.remember(event)
        return event

    def _refusal_of(self, step: Step, by: Caller) -> Refusal | None:
        """Why the step is not taken now whatever its details say; None where they decide."""
        if step.roles.isdisjoint(by.roles):
            return RoleNotAllowed(step=step.command, needs=sorted(step.roles))
        if not self._fits_status(step):
            return self._wrong_status(step)
        return self._why_not(step.ready, by)

    def _why_not(self, rules: Iterable[Callable[..., None]], by: Caller) -> Refusal | None:
        try:
            for rule in rules:
                rule(self, by)
        except Refusal as refusal:
            return refusal
        return None

    def _fits_status(self, step: Step) -> bool:
        is_new = self.version == 0
        return step.begins_a_case == is_new and (is_new or self.status in step.allowed_in)

    def _wrong_status(self, step: Step) -> StepNotAllowed:
        waits = self.status is Status.SOLUTION_PROPOSED and Status.RISK_ASSESSED in step.allowed_in
        missing = {"unassessed_solutions": self.unassessed_solutions} if waits else {}
        return StepNotAllowed(
            step=step.command,
            status=self.status if self.version else None,
            allowed_in=[status for status in Status if status in step.allowed_in],
            **missing,
        )

    def allowed_steps(self, by: Caller) -> tuple[Step, ...]:
        """The steps that the caller may take now, if their details are right.

        Any other step is refused to this caller whatever its details say.
        """
        # By status and role first: that spares most steps the making of a refusal nobody reads.
        fitting = STEPS_IN[self.status] if self.version else FIRST_STEPS
        mine = (step for step in fitting if not step.roles.isdisjoint(by.roles))
        return tuple(step for step in mine if self._is_offered(step, by))

    def _is_offered(self, step: Step, by: Caller) -> bool:
        return self._why_not(step.ready, by) is None and self._why_not(step.offered, by) is None

    @property
    def proposed_solutions(self) -> list[Solution]:
        """The solutions of this attempt that no later proposal replaced."""
        return [
            solution
            for solution in self.solutions.values()
            if solution.attempt == self.attempt and not solution.replaced_by
        ]

    def is_proposed(self, solution_id: str) -> bool:
        return any(solution.id == solution_id for solution in self.proposed_solutions)

    @property
    def unassessed_solutions(self) -> list[str]:
        """The ids of the proposed solutions whose risks are not assessed yet."""
        return [solution.id for solution in self.proposed_solutions if not solution.assessment]

    @property
    def chosen_solution(self) -> Solution:
        """The chosen solution. Raises NothingChosen, also where only the choice is told."""
        if self.choice is None or self.choice.solution_id not in self.solutions:
            raise NothingChosen
        return self.solutions[self.choice.solution_id]

    @property
    def is_handled_here(self) -> bool:
        """Whether people took steps here, beyond what the source told and what was erased."""
        told_by_source = len(self.imported_entries) + (self.imported is not None)
        return self.version > told_by_source + len(self.erasures)

    @property
    def needs_approval(self) -> bool:
        """Whether the choice asked for an approval that was not given, or was taken back."""
        asked = self.choice and (self.choice.approval_reasons or self.withdrawn_approval)
        return bool(asked and not self.approval)

    @property
    def attempt_has_failed(self) -> bool:
        """A solution of this attempt was rejected or declined, or its plan missed its effect."""
        mine = [
            solution for solution in self.solutions.values() if solution.attempt == self.attempt
        ]
        return (
            any(solution.rejection for solution in mine)
            or any(s.consultation and s.consultation.answer == "declined" for s in mine)
            or any(plan.reason for plan in self.plans if plan.attempt == self.attempt)
        )

    def clock_runs(self, now: datetime) -> tuple[ClockRun, ...]:
        """Every run of the case's service clocks, as seen at an instant (S40 to S49).

        Never from before a breach that is on record: its event is of the due time itself.
        """
        known_to = max((missed.due_at + INSTANT for missed in self.deadlines_missed), default=now)
        return clock_runs(policy_of(self.edition.number), self.occasions, max(now, known_to))

    @property
    def terms(self) -> dict[str, str]:
        """What the case's due times depend on now, as far as it is known."""
        return terms_of(self.occasions)

    @property
    def awaits_customer(self) -> bool:
        """Whether we said that we wait for the customer, and have not heard since."""
        return is_waiting(self.occasions)

    @property
    def sent_minutes(self) -> list[Minutes]:
        """The minutes in the order they were sent, with what became of their open points."""
        return [
            Minutes(sent, number, self.points_settled.get(f"M{number}"))
            for number, sent in enumerate(self.minutes, start=1)
        ]

    @property
    def open_order(self) -> events.DirectorOrderOpened | None:
        """The director's order that this case bears and that is not closed yet (S50)."""
        standing = [order for name, order in self.orders.items() if name not in self.orders_closed]
        return standing[-1] if standing else None

    @property
    def satisfied(self) -> bool | None:
        """The customer's newest answer in this attempt; None while unknown (S53)."""
        return self._newest_answer("satisfied")

    @property
    def substantially_solved(self) -> bool | None:
        """The newest answer in this attempt; None while unknown (S53)."""
        return self._newest_answer("substantially_solved")

    def _newest_answer(self, question: str) -> bool | None:
        of_attempt = [
            event
            for attempt, event in (*self.follow_ups, *self.survey_answers)
            if attempt == self.attempt
        ]
        answers = [getattr(e, question) for e in sorted(of_attempt, key=attrgetter("version"))]
        known = [answer for answer in answers if answer is not None]
        return known[-1] if known else None
