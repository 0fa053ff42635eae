"""Records about regular reviews, audits and corrective actions (S64)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from domain.kinds import Between, CodeOf, ListLimit, TextLimit
from domain.records.base import Record
from domain.reviews.values import (
    Attendance,
    AuditedFigure,
    ChangeReason,
    Figure,
    FigureCode,
    FindingCount,
    Party,
    ReviewDecision,
    Times,
)
from domain.value_kinds import ExternalRef

ReviewKindCode = Annotated[str, CodeOf("review_kinds")]
EditionNumber = Annotated[int, Between(1, 1_000_000)]
DecisionNumber = Annotated[int, Between(1, 50)]
Percentage = Annotated[Decimal, Between(0, 1_000_000_000_000_000)]
"""Of what was expected, which may be next to nothing."""


@dataclass(frozen=True, kw_only=True)
class ReviewRhythmBegan(Record):
    """From `occurred_at` on, reviews of a kind are opened as the books of an edition say.

    One stream for each kind; the next record ends what the one before it began. An edition that
    lacks the kind, which is a code of an earlier one, ends it.
    """

    NAME = "review_rhythm_began"

    kind: Annotated[str, TextLimit(60)]
    edition: EditionNumber


@dataclass(frozen=True, kw_only=True)
class ReviewOpened(Record):
    """A review fell due: what it covers, until when it is to be held, and by whom.

    `occurred_at` is the beginning of its day, whenever a worker came to open it. `known_at`: its
    figures are those that were known then, and can be asked for again. `scheduled_on` is the day
    of the rhythm; a holiday moves the review, but neither that day nor the period.
    """

    NAME = "review_opened"

    kind: ReviewKindCode
    edition: EditionNumber
    scheduled_on: date
    period_from: datetime
    period_to: datetime
    known_at: datetime
    due_at: datetime
    owner: Party


@dataclass(frozen=True, kw_only=True)
class AuditFiguresRecorded(Record):
    """What an audit expected and found; a figure told again replaces the one before."""

    NAME = "audit_figures_recorded"

    figures: Annotated[tuple[AuditedFigure, ...], ListLimit(50, least=1)]


@dataclass(frozen=True, kw_only=True)
class ReviewHeld(Record):
    """The review took place: who was there by party, what was found how often, what was decided."""

    NAME = "review_held"

    held_at: datetime
    attendees: Annotated[tuple[Attendance, ...], ListLimit(50, least=1)]
    findings: tuple[FindingCount, ...] = ()
    decisions: tuple[ReviewDecision, ...] = ()
    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewDecisionDone(Record):
    """Whoever owns a decision of a held review says that it is done; `number` counts from 1."""

    NAME = "review_decision_done"

    number: DecisionNumber
    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewDecisionAssigned(Record):
    """Another team or person carries a decision out from now on; `owner_before` did until then."""

    NAME = "review_decision_assigned"

    number: DecisionNumber
    owner: ExternalRef
    owner_before: ExternalRef
    reason: ChangeReason
    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewDecisionRescheduled(Record):
    """A decision is due on another day; `due_before` is when it was due until then."""

    NAME = "review_decision_rescheduled"

    number: DecisionNumber
    due_on: date
    due_before: datetime
    reason: ChangeReason
    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewMissed(Record):
    """The time of the review ran out before it was on record as held."""

    NAME = "review_missed"


@dataclass(frozen=True, kw_only=True)
class CorrectiveActionOpened(Record):
    """A figure of an audit deviates by more than the book allows.

    `deviation_percent` is rounded; None where nothing was expected.
    """

    NAME = "corrective_action_opened"

    review_id: UUID
    kind: ReviewKindCode
    edition: EditionNumber
    figure: FigureCode
    sampled: Times
    expected: Figure
    found: Figure
    deviation_percent: Percentage | None = None
    threshold_percent: Figure
    owner: ExternalRef
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class CorrectiveActionAssigned(Record):
    """Another team or person owns it from now on."""

    NAME = "corrective_action_assigned"

    owner: ExternalRef


@dataclass(frozen=True, kw_only=True)
class CorrectiveActionDone(Record):
    """Whoever owns it says that it is done."""

    NAME = "corrective_action_done"

    measure: Annotated[str, CodeOf("improvement_measures")]
    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class CorrectiveActionVerified(Record):
    """Somebody else looked whether it helped; some results open it again."""

    NAME = "corrective_action_verified"

    result: Annotated[str, CodeOf("corrective_results")]
    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class CorrectiveActionMissed(Record):
    """Its time ran out before it was on record as done."""

    NAME = "corrective_action_missed"
