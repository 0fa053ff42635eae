"""What is heard of a conflict, until it is confirmed or dismissed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from domain.events.envelope import CaseEvent
from domain.kinds import CodeOf, ListLimit
from domain.value_kinds import (
    CaseReference,
    Channel,
    Count,
    Emotion,
    ExternalRef,
    LocalId,
    LongPersonalText,
    LongStaffText,
    Sha256,
    ShortPersonalText,
    SourceNarrative,
    SourceText,
    Touchpoint,
)
from domain.values import (
    Agreement,
    Customer,
    Document,
    Restatement,
    Sentiment,
    SourceFact,
    SourceRecord,
    Stakeholder,
    Status,
)


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
