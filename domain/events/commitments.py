"""Promises and what the customer is told of them: kept, broken, delayed, on their way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.events.envelope import CaseEvent
from domain.kinds import Between, CodeOf, ListLimit
from domain.value_kinds import (
    Channel,
    Count,
    DueInstant,
    LocalId,
    LongPersonalText,
    LongStaffText,
    OwnerRef,
    ShortPersonalText,
)
from domain.values import Agreement


@dataclass(frozen=True, kw_only=True)
class CommitmentMade(CaseEvent):
    """Somebody promised something by a time (S32).

    `outcome`: by what one can tell that it is kept. `replaces`: a promise that this one stands
    in for; `agreement`: the customer's word on that. `commitment_id` (C1, C2 ...) and
    `needs_approval` are decided: a written promise may have to be approved before it is given.
    """

    NAME = "commitment_made"

    commitment_id: LocalId
    kind: Annotated[str, CodeOf("commitment_kinds")]
    text: LongPersonalText
    outcome: ShortPersonalText
    owner: OwnerRef
    due_at: DueInstant
    promised_to: Annotated[str, CodeOf("stakeholder_roles")]
    channel: Channel
    in_writing: bool
    replaces: LocalId | None = None
    agreement: Agreement | None = None
    needs_approval: bool


@dataclass(frozen=True, kw_only=True)
class CommitmentApproved(CaseEvent):
    """Somebody else approved a promise, which may now be given in writing."""

    NAME = "commitment_approved"

    commitment_id: LocalId
    comment: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class CommitmentKept(CaseEvent):
    """What was promised is done; the time of the event says whether in time."""

    NAME = "commitment_kept"

    commitment_id: LocalId
    result: LongPersonalText | None = None
    evidence_ids: Annotated[tuple[LocalId, ...], ListLimit(50)] = ()


@dataclass(frozen=True, kw_only=True)
class CommitmentWithdrawn(CaseEvent):
    """A promise is taken back; `agreement`: the customer's word on that."""

    NAME = "commitment_withdrawn"

    commitment_id: LocalId
    reason: LongPersonalText
    agreement: Agreement | None = None


@dataclass(frozen=True, kw_only=True)
class AgreementConfirmed(CaseEvent):
    """What was agreed was confirmed once more, on a second channel (S12).

    `about`: a promise (C1), minutes (M1) or a solution that the customer was consulted on (S1).
    """

    NAME = "agreement_confirmed"

    about: LocalId
    channel: Channel
    in_writing: bool
    text: LongPersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class OpenPointsSettled(CaseEvent):
    """Nothing is open any more of what minutes (M1, M2 ... in the order they were sent) left so."""

    NAME = "open_points_settled"

    minutes_id: LocalId
    result: LongPersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class CommitmentBroken(CaseEvent):
    """A promise was not kept by its time. `due_at` is decided: when that was."""

    NAME = "commitment_broken"

    commitment_id: LocalId
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReminderGiven(CaseEvent):
    """A promise (C1) or the open points of minutes (M1) are still open so many days on (S48).

    `due_at` is decided: when the day of the reminder had come.
    """

    NAME = "reminder_given"

    about: LocalId
    reminder: Annotated[str, CodeOf("reminders")]
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class SupplementAsked(CaseEvent):
    """The customer asked for more material, which is due in 72 hours (S48)."""

    NAME = "supplement_asked"

    channel: Channel
    text: LongPersonalText


@dataclass(frozen=True, kw_only=True)
class SupplementSent(CaseEvent):
    """The material that was asked for was sent."""

    NAME = "supplement_sent"

    channel: Channel
    text: LongPersonalText | None = None
    evidence_ids: Annotated[tuple[LocalId, ...], ListLimit(50)] = ()


@dataclass(frozen=True, kw_only=True)
class ProgressUpdated(CaseEvent):
    """The customer was told how far the case is, what is in the way, and what is done about it."""

    NAME = "progress_updated"

    channel: Channel
    completion_percent: Annotated[int, Between(0, 100)]
    blockers: Annotated[tuple[LongPersonalText, ...], ListLimit(20)] = ()
    countermeasures: Annotated[tuple[LongPersonalText, ...], ListLimit(20)] = ()
    text: LongPersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class DelayDisclosed(CaseEvent):
    """The customer was told that something will be late, and what they can have instead (S47).

    It is about a promise, or about a run of a clock. `due_at` is decided: when it is due.
    """

    NAME = "delay_disclosed"

    commitment_id: LocalId | None = None
    clock: Annotated[str, CodeOf("service_clocks")] | None = None
    run: Count | None = None
    expected_at: DueInstant
    alternative: LongPersonalText
    channel: Channel
    reason: LongPersonalText | None = None
    due_at: datetime
