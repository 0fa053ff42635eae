"""Every fact a case can record, in the order of its life. These names are the storage format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

from domain.kinds import CodeOf, EachOnce, ListLimit, TextLimit
from domain.values import (
    Actor,
    Agreement,
    CaseReference,
    Channel,
    ComparedSolution,
    Count,
    Customer,
    Document,
    Emotion,
    Explained,
    ExternalRef,
    Feasibility,
    FishboneCause,
    LocalId,
    LongPersonalText,
    LongStaffText,
    OwnerRef,
    PastDay,
    PlanStep,
    PrincipleCheck,
    Remedy,
    Restatement,
    Risk,
    SatisfactionScore,
    Sentiment,
    Sha256,
    ShortPersonalText,
    ShortRestrictedText,
    ShortStaffText,
    SourceFact,
    SourceNarrative,
    SourceRecord,
    SourceText,
    Stakeholder,
    Status,
    SubjectRef,
    Touchpoint,
    Via,
)


@dataclass(frozen=True, kw_only=True)
class CaseEvent:
    """What every event carries, besides what the store adds: position and recorded_at.

    `subject_ref` names the person under whose key the event's personal text is sealed.
    """

    NAME: ClassVar[str]
    SCHEMA: ClassVar[int] = 1

    originator_id: UUID
    originator_version: int
    occurred_at: datetime
    actor: Actor
    via: Via
    correlation_id: Annotated[str, TextLimit(128)]
    causation_id: Annotated[str, TextLimit(128)] | None = None
    subject_ref: SubjectRef

    @property
    def case_id(self) -> UUID:
        return self.originator_id

    @property
    def version(self) -> int:
        return self.originator_version


ENVELOPE = frozenset(CaseEvent.__annotations__) - {"NAME", "SCHEMA"}
"""The fields that every event has; the others are what the event itself says."""


@dataclass(frozen=True, kw_only=True)
class ConflictReported(CaseEvent):
    """Somebody told us that a customer was wronged."""

    NAME = "conflict_reported"

    reference: CaseReference
    edition: int
    channel: Channel
    customer: Customer
    summary: ShortPersonalText
    description: LongPersonalText | None = None
    desired_outcome: LongPersonalText | None = None
    language: Annotated[str, CodeOf("languages")] | None = None
    urgency: Annotated[str, CodeOf("urgencies")] | None = None
    request_kind: Annotated[str, CodeOf("request_kinds")] | None = None
    emotion: Emotion | None = None
    product_ref: ExternalRef | None = None
    order_ref: ExternalRef | None = None
    contract_ref: ExternalRef | None = None
    touchpoint: Touchpoint | None = None
    source: SourceRecord | None = None


@dataclass(frozen=True, kw_only=True)
class CaseImported(CaseEvent):
    """A case handled elsewhere was taken over, exactly as its source tells it.

    What the source does not say stays unknown. `leads_to` is the status the record
    itself states; `received_on` is the source's own date, which may lack a time of day.
    """

    NAME = "case_imported"

    reference: CaseReference
    edition: int
    source: SourceRecord
    row_digest: Sha256
    leads_to: Status
    received_on: date
    channel: Channel | None = None
    product: SourceText | None = None
    issue: SourceText | None = None
    company: SourceText | None = None
    forwarded_on: date | None = None
    outcome: SourceText | None = None
    timely: bool | None = None
    disputed: bool | None = None
    reopen_count: Count | None = None
    narrative: SourceNarrative | None = None
    facts: tuple[SourceFact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ImportedEntryNoted(CaseEvent):
    """The source's own log has an entry for an imported case; what is not said is unknown."""

    NAME = "imported_entry_noted"

    row_digest: Sha256
    leads_to: Status
    source_state: SourceText
    timely: bool | None = None
    reopen_count: Count | None = None
    facts: tuple[SourceFact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ConflictAcknowledged(CaseEvent):
    """The customer was told that we know."""

    NAME = "conflict_acknowledged"

    channel: Channel
    text: LongPersonalText


@dataclass(frozen=True, kw_only=True)
class ConflictConfirmed(CaseEvent):
    """We and the customer mean the same problem, and it has a kind and a weight."""

    NAME = "conflict_confirmed"

    restatement: Restatement
    agreement: Agreement
    conflict_type: Annotated[str, CodeOf("conflict_types")]
    conflict_subtype: Annotated[str, CodeOf("conflict_subtypes")]
    complaint_cause: Annotated[str, CodeOf("complaint_causes")]
    severity: Annotated[str, CodeOf("severities")]
    customer_type: Annotated[str, CodeOf("customer_types")] | None = None
    barrier: Annotated[str, CodeOf("barriers")] | None = None
    stakeholders: tuple[Stakeholder, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ConflictDismissed(CaseEvent):
    """We will not pursue the report; the customer heard why and what else is possible."""

    NAME = "conflict_dismissed"

    reason: Annotated[str, CodeOf("dismissal_reasons")]
    explanation: LongPersonalText
    alternatives_offered: Annotated[tuple[LongPersonalText, ...], ListLimit(10)]


@dataclass(frozen=True, kw_only=True)
class EvidenceAttached(CaseEvent):
    """A piece of evidence is known, or known not to exist."""

    NAME = "evidence_attached"

    evidence_id: LocalId
    kind: Annotated[str, CodeOf("evidence_kinds")]
    document: Document | None = None
    absent_reason: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class InteractionLogged(CaseEvent):
    """We and the customer were in contact (S67)."""

    NAME = "interaction_logged"

    channel: Channel
    direction: Annotated[str, CodeOf("interaction_directions")]
    people: Annotated[tuple[ShortPersonalText, ...], ListLimit(20)] = ()
    content: LongPersonalText
    process: LongStaffText | None = None
    result: LongStaffText | None = None
    satisfied: bool | None = None
    emotion: Emotion | None = None
    sentiment: Sentiment | None = None
    touchpoint: Touchpoint | None = None
    next_step: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class ConflictAnalysed(CaseEvent):
    """We know what it is about, on the surface and at the root."""

    NAME = "conflict_analysed"

    attempt: int
    issues: Annotated[tuple[ShortStaffText, ...], ListLimit(20, least=1)]
    main_issue: Count
    primary_cause: Annotated[str, CodeOf("cause_classes")]
    secondary_causes: tuple[Annotated[str, CodeOf("cause_classes")], ...] = ()
    surface_cause: LongStaffText
    root_cause: LongStaffText
    five_whys: Annotated[tuple[LongStaffText, ...], ListLimit(5, least=1)]
    fishbone: tuple[FishboneCause, ...] = ()
    kano_class: Annotated[str, CodeOf("kano_classes")] | None = None
    stated_needs: Annotated[tuple[LongPersonalText, ...], ListLimit(20)] = ()
    unstated_needs: Annotated[tuple[LongPersonalText, ...], ListLimit(20)] = ()
    accountable: ShortRestrictedText | None = None


@dataclass(frozen=True, kw_only=True)
class SolutionProposed(CaseEvent):
    """A way out is on the table; it may replace an earlier proposal of the same attempt."""

    NAME = "solution_proposed"

    solution_id: LocalId
    replaces: LocalId | None = None
    kind: Annotated[str, CodeOf("solution_kinds")]
    title: ShortStaffText
    steps: Annotated[tuple[PlanStep, ...], ListLimit(50, least=1)]
    expected_effect: LongStaffText
    remedies: Annotated[tuple[Remedy, ...], ListLimit(20)] = ()
    feasibility: Feasibility


@dataclass(frozen=True, kw_only=True)
class RiskAssessed(CaseEvent):
    """What could go wrong with one solution, in numbers.

    `leads_to` is decided: risk_assessed once every proposed solution is assessed.
    """

    NAME = "risk_assessed"

    solution_id: LocalId
    risks: Annotated[tuple[Risk, ...], ListLimit(4), EachOnce("risk_factors")]
    leads_to: Status


@dataclass(frozen=True, kw_only=True)
class CustomerConsulted(CaseEvent):
    """The customer heard the pros, cons and risks of a solution, and answered (S27)."""

    NAME = "customer_consulted"

    solution_id: LocalId
    channel: Channel
    explained: Explained
    answer: Annotated[str, CodeOf("consultation_answers")]
    comment: LongPersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class SolutionChosen(CaseEvent):
    """One of at least two solutions was chosen, with the comparison it was chosen on.

    `approval_reasons` is decided: why somebody else must approve; empty when nobody must.
    """

    NAME = "solution_chosen"

    solution_id: LocalId
    principles: Annotated[tuple[PrincipleCheck, ...], ListLimit(6), EachOnce("principles")]
    reason: LongStaffText | None = None
    comparison: tuple[ComparedSolution, ...]
    approval_reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SolutionApproved(CaseEvent):
    """Somebody other than proposer and chooser agreed to the chosen solution."""

    NAME = "solution_approved"

    solution_id: LocalId
    comment: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class SolutionRejected(CaseEvent):
    """Somebody other than proposer and chooser refused the chosen solution."""

    NAME = "solution_rejected"

    solution_id: LocalId
    reason: LongStaffText


@dataclass(frozen=True, kw_only=True)
class PlanStepCompleted(CaseEvent):
    """A step of the plan in force was done; steps are numbered from 1."""

    NAME = "plan_step_completed"

    step_number: Count
    result: LongPersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class PlanRevised(CaseEvent):
    """The plan missed its effect and was changed; the earlier plan stays readable (S38)."""

    NAME = "plan_revised"

    revision: int
    reason: LongStaffText
    steps: Annotated[tuple[PlanStep, ...], ListLimit(50, least=1)]


@dataclass(frozen=True, kw_only=True)
class ConflictResolved(CaseEvent):
    """What the customer got, whether they accept it, and who was right."""

    NAME = "conflict_resolved"

    outcome: Annotated[str, CodeOf("resolution_outcomes")]
    remedies: Annotated[tuple[Remedy, ...], ListLimit(20)] = ()
    customer_accepts: bool
    explanation: LongPersonalText
    upheld: Annotated[str, CodeOf("upheld")]


@dataclass(frozen=True, kw_only=True)
class ConflictFollowedUp(CaseEvent):
    """We asked again: satisfied, and substantially solved? What was not answered is left out."""

    NAME = "conflict_followed_up"

    channel: Channel
    satisfied: bool | None = None
    substantially_solved: bool | None = None
    score: SatisfactionScore | None = None
    touchpoint: Touchpoint | None = None
    comment: LongPersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class LessonsRecorded(CaseEvent):
    """What the case taught us (S58)."""

    NAME = "lessons_recorded"

    verdict: Annotated[str, CodeOf("verdicts")]
    root: LongStaffText
    trigger: LongStaffText
    what_worked: LongStaffText | None = None
    what_made_it_worse: LongStaffText | None = None
    missed_by_early_detection: LongStaffText | None = None
    lesson_codes: Annotated[
        tuple[Annotated[str, CodeOf("lesson_codes")], ...], ListLimit(20, least=1)
    ]


@dataclass(frozen=True, kw_only=True)
class PreventionPlanned(CaseEvent):
    """Somebody will see to it that this does not happen again (S60)."""

    NAME = "prevention_planned"

    prevention_id: LocalId
    action: LongStaffText
    owner: OwnerRef
    due_on: date


@dataclass(frozen=True, kw_only=True)
class PreventionCompleted(CaseEvent):
    """The preventive action was done."""

    NAME = "prevention_completed"

    prevention_id: LocalId
    done_on: PastDay
    result: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class PreventionChecked(CaseEvent):
    """Whether the preventive action had its effect."""

    NAME = "prevention_checked"

    prevention_id: LocalId
    effect: Annotated[str, CodeOf("prevention_effects")]
    finding: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class TrainingHeld(CaseEvent):
    """People were trained or informed because of the lesson (S61)."""

    NAME = "training_held"

    topic: ShortStaffText
    audience: ShortStaffText
    held_on: PastDay
    participants: Count
    effect: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class CaseClosed(CaseEvent):
    """Nothing more is to be done for the customer."""

    NAME = "case_closed"


@dataclass(frozen=True, kw_only=True)
class CaseReopened(CaseEvent):
    """It was not over; earlier attempts stay in the record.

    `leads_to` is decided: confirmed, or reported where the customer never agreed to a restatement.
    """

    NAME = "case_reopened"

    attempt: int
    reason: LongPersonalText
    leads_to: Status


@dataclass(frozen=True, kw_only=True)
class CaseEscalated(CaseEvent):
    """Somebody higher up has to see to the case by a time."""

    NAME = "case_escalated"

    level: Annotated[str, CodeOf("escalation_levels")]
    reason: LongStaffText
    due: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CaseReferred(CaseEvent):
    """An outside mediator was called in, with what they need to know (S36)."""

    NAME = "case_referred"

    mediator: ShortPersonalText
    mediator_reference: ShortPersonalText | None = None
    handed_over: Annotated[tuple[LocalId, ...], ListLimit(50)] = ()
    background: LongPersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class CaseAssigned(CaseEvent):
    """A handler and a unit answer for the case from now on."""

    NAME = "case_assigned"

    handler: ExternalRef
    unit: OwnerRef | None = None


@dataclass(frozen=True, kw_only=True)
class ServiceTermsSet(CaseEvent):
    """What the case's due times depend on was set; what is not named stays as it was (S41, S45)."""

    NAME = "service_terms_set"

    urgency: Annotated[str, CodeOf("urgencies")] | None = None
    request_kind: Annotated[str, CodeOf("request_kinds")] | None = None
    customer_tier: Annotated[str, CodeOf("customer_tiers")] | None = None
    regulation: Annotated[str, CodeOf("regulations")] | None = None
    calendar: Annotated[str, CodeOf("service_calendars")] | None = None
    reason: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class CustomerAwaited(CaseEvent):
    """We cannot go on before the customer answers; clocks that may pause are paused."""

    NAME = "customer_awaited"

    reason: LongStaffText


@dataclass(frozen=True, kw_only=True)
class CustomerHeard(CaseEvent):
    """The customer we waited for has answered; the clocks go on."""

    NAME = "customer_heard"

    channel: Channel
    text: LongPersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class MinutesSent(CaseEvent):
    """The customer got the minutes of a meeting: what was agreed, and what is open (S48)."""

    NAME = "minutes_sent"

    channel: Channel
    agreements: Annotated[tuple[LongPersonalText, ...], ListLimit(20)] = ()
    open_points: Annotated[tuple[LongPersonalText, ...], ListLimit(20)] = ()
    owner: OwnerRef | None = None
    next_meeting_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class DeadlineWarned(CaseEvent):
    """A clock is about to run out. `rule` and `due_at` are decided: what set it, when it is due."""

    NAME = "deadline_warned"

    clock: Annotated[str, CodeOf("service_clocks")]
    run: Count
    rule: Annotated[str, CodeOf("service_levels")]
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class DeadlineMissed(CaseEvent):
    """A clock ran out. `rule` and `due_at` are decided: what set it, and when it was due."""

    NAME = "deadline_missed"

    clock: Annotated[str, CodeOf("service_clocks")]
    run: Count
    rule: Annotated[str, CodeOf("service_levels")]
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class ConflictWithdrawn(CaseEvent):
    """Who complained does not want to go on."""

    NAME = "conflict_withdrawn"

    withdrawn_by: Annotated[str, CodeOf("withdrawing_parties")]
    reason: LongPersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class CaseMerged(CaseEvent):
    """The case goes on as part of another one: a link, nothing is copied."""

    NAME = "case_merged"

    into_case_id: UUID
    reason: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class CaseUnmerged(CaseEvent):
    """The link was undone; `leads_to` is decided: the status before the merge."""

    NAME = "case_unmerged"

    reason: LongStaffText | None = None
    leads_to: Status


@dataclass(frozen=True, kw_only=True)
class PersonalDataErased(CaseEvent):
    """The subject's keys were destroyed: every personal text recorded so far is unreadable.

    `erasure_id` names the record of the erasure, which all cases of the subject share.
    """

    NAME = "personal_data_erased"

    erasure_id: UUID
    ground: Annotated[str, CodeOf("erasure_grounds")]
    request_ref: ExternalRef | None = None


ALL: tuple[type[CaseEvent], ...] = tuple(CaseEvent.__subclasses__())
BY_NAME: dict[str, type[CaseEvent]] = {event.NAME: event for event in ALL}
