"""How a conflict ends, what is learned from it, and how it opens again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.events.envelope import CaseEvent
from domain.kinds import CodeOf, ListLimit
from domain.solution_values import Remedy
from domain.value_kinds import (
    Channel,
    Count,
    DueDay,
    LocalId,
    LongPersonalText,
    LongStaffText,
    OwnerRef,
    PastDay,
    ShortStaffText,
    Touchpoint,
)
from domain.values import SatisfactionScore, Status


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
    """What the case taught us (S58), and which wrong behaviours were seen in it (S33)."""

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
    wrong_behaviours: Annotated[
        tuple[Annotated[str, CodeOf("wrong_behaviours")], ...], ListLimit(20)
    ] = ()


@dataclass(frozen=True, kw_only=True)
class PreventionPlanned(CaseEvent):
    """Somebody will see to it that this does not happen again (S60)."""

    NAME = "prevention_planned"

    prevention_id: LocalId
    action: LongStaffText
    owner: OwnerRef
    due_on: DueDay


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
