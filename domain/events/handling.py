"""Who handles a case, under which terms and clocks, at any time of its life."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.events.envelope import CaseEvent
from domain.kinds import CodeOf, ListLimit
from domain.value_kinds import (
    Channel,
    Count,
    DueInstant,
    ExternalRef,
    LocalId,
    LongPersonalText,
    LongStaffText,
    OwnerRef,
    ShortPersonalText,
)
from domain.values import BackgroundFile


@dataclass(frozen=True, kw_only=True)
class CaseEscalated(CaseEvent):
    """Somebody higher up has to see to the case by a time.

    With `due` it is work of that level until then, ended by what an approver decides, by who is put
    in charge or called in, by the next escalation, or by the resolution. No breach of it is
    recorded: what is to be on record is a promise.
    """

    NAME = "case_escalated"

    level: Annotated[str, CodeOf("escalation_levels")]
    reason: LongStaffText
    due: DueInstant | None = None


@dataclass(frozen=True, kw_only=True)
class CaseReferred(CaseEvent):
    """An outside mediator was called in, with what they need to know (S36).

    The digest in `background_file` is the caller's word: nothing compares it with a file, which may
    have been taken as JSON or as a page, in either language, or from an earlier build. To check it,
    make the file of `case_version` again in the form and language it was taken in.
    """

    NAME = "case_referred"

    mediator: ShortPersonalText
    mediator_reference: ShortPersonalText | None = None
    handed_over: Annotated[tuple[LocalId, ...], ListLimit(50)] = ()
    background: LongPersonalText | None = None
    background_file: BackgroundFile | None = None


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
    next_meeting_at: DueInstant | None = None


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
