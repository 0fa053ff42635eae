"""Values of several fields that a case is told in, and the words for where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.book import Edition
from domain.book_answers import minor_units
from domain.kinds import CodeOf, Composite, TextLimit
from domain.value_kinds import (
    Amount,
    Attitude,
    Channel,
    Count,
    Currency,
    ExternalRef,
    LocalId,
    LongPersonalText,
    LongStaffText,
    MediaType,
    OneToFive,
    OwnerRef,
    PastInstant,
    PlaybookStepId,
    Priority,
    Score,
    Sha256,
    ShortPersonalText,
    SizeBytes,
    SourceText,
    Uri,
    VersionName,
)

RISK_RESPONSE_THRESHOLD = 12
"""A risk of this likelihood x impact (of 25) or more needs a response and an approval (S26)."""


class Status(StrEnum):
    """Where a case stands; the first seven and `closed` are its stages in order."""

    REPORTED = "reported"
    CONFIRMED = "confirmed"
    ANALYSED = "analysed"
    SOLUTION_PROPOSED = "solution_proposed"
    RISK_ASSESSED = "risk_assessed"
    RESOLVED = "resolved"
    FOLLOWED_UP = "followed_up"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class ActorKind(StrEnum):
    """Whether a person, another service or Amends itself acted."""

    PERSON = "person"
    SERVICE = "service"
    SYSTEM = "system"


class Via(StrEnum):
    """The door a command came through."""

    API = "api"
    CLI = "cli"
    IMPORT = "import"
    TIMER = "timer"


class Role(StrEnum):
    """What a credential may do; one credential may hold several."""

    REPORTER = "reporter"
    HANDLER = "handler"
    ANALYST = "analyst"
    APPROVER = "approver"
    AUDITOR = "auditor"
    PRIVACY = "privacy"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acted: the credential's stable id, and of what kind it is."""

    id: str
    kind: ActorKind


@dataclass(frozen=True, kw_only=True)
class Money(Composite):
    """An amount in a currency (ISO 4217), in whole minor units: no half a yen."""

    amount: Amount
    currency: Currency

    def own_fault(self, edition: Edition) -> tuple[str, str] | None:
        """Finer than the currency's smallest unit."""
        units = self.amount.scaleb(minor_units(edition, self.currency))
        return None if units == units.to_integral_value() else ("amount", "below_minor_unit")


@dataclass(frozen=True, kw_only=True)
class Customer:
    """Who was wronged: the reference is the key, name and contact are personal."""

    ref: ExternalRef
    name: ShortPersonalText | None = None
    contact: ShortPersonalText | None = None
    tier: Annotated[str, CodeOf("customer_tiers")] | None = None


@dataclass(frozen=True, kw_only=True)
class SourceRecord:
    """The record of another system that a report came from."""

    system: ExternalRef
    external_id: ExternalRef


@dataclass(frozen=True, kw_only=True)
class Restatement:
    """The problem said back to the customer (S11)."""

    fact: LongPersonalText
    feeling: LongPersonalText
    intention: LongPersonalText


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Whether the customer agrees with the restatement, when and by which channel (S11)."""

    agreed: bool
    at: PastInstant
    channel: Channel


@dataclass(frozen=True, kw_only=True)
class Stakeholder:
    """Somebody with a stake in the case: attitude -2 to 2, influence 1 to 5 (S13)."""

    role: Annotated[str, CodeOf("stakeholder_roles")]
    name: ShortPersonalText | None = None
    attitude: Attitude
    influence: OneToFive


@dataclass(frozen=True, kw_only=True)
class Document:
    """Where a piece of evidence lies and how to recognise it: SHA-256 in hex, size in bytes."""

    uri: Uri
    sha256: Sha256
    media_type: MediaType
    size_bytes: SizeBytes


@dataclass(frozen=True, kw_only=True)
class BackgroundFile:
    """The file that a mediator got: its SHA-256 in hex, and the version of the case in it (S36)."""

    sha256: Sha256
    case_version: Count


@dataclass(frozen=True, kw_only=True)
class PlaybookMark:
    """Whether a step of the playbook was followed; what was left out needs a reason."""

    step: PlaybookStepId
    followed: bool
    reason: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class Sentiment:
    """A sentiment label as given by an external service, with its model's version (S57)."""

    label: Annotated[str, CodeOf("sentiments")]
    model_version: VersionName


@dataclass(frozen=True, kw_only=True)
class FishboneCause:
    """One bone of the fishbone diagram (S18)."""

    category: Annotated[str, CodeOf("fishbone_categories")]
    cause: LongStaffText


@dataclass(frozen=True, kw_only=True)
class PlanStep:
    """One step of an action plan; its number is its place in the plan, from 1 (S37)."""

    action: LongStaffText
    owner: OwnerRef
    due: datetime
    priority: Priority


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """Something given to the customer, with its value in money or in points (S29)."""

    remedy: Annotated[str, CodeOf("remedies")]
    value: Money | None = None
    points: Count | None = None


@dataclass(frozen=True, kw_only=True)
class Feasibility:
    """Scores 1 to 5 on the five dimensions; what is not scored yet is left out (S24)."""

    resources: OneToFive | None = None
    time: OneToFive | None = None
    manpower: OneToFive | None = None
    customer_acceptance: OneToFive | None = None
    market: OneToFive | None = None

    @property
    def scores(self) -> dict[str, int | None]:
        """By dimension."""
        return {
            "resources": self.resources,
            "time": self.time,
            "manpower": self.manpower,
            "customer_acceptance": self.customer_acceptance,
            "market": self.market,
        }

    @property
    def missing(self) -> list[str]:
        """The dimensions that are not scored yet."""
        return [dimension for dimension, score in self.scores.items() if score is None]

    @property
    def is_complete(self) -> bool:
        return not self.missing

    @property
    def total(self) -> int:
        """Out of 25; a missing score counts nothing."""
        return sum(score for score in self.scores.values() if score is not None)


@dataclass(frozen=True, kw_only=True)
class Risk:
    """One of the four risk factors: likelihood x impact, and what is done about it (S25, S26)."""

    factor: Annotated[str, CodeOf("risk_factors")]
    likelihood: OneToFive
    impact: OneToFive
    response: Annotated[str, CodeOf("risk_responses")] | None = None
    note: LongStaffText | None = None

    @property
    def score(self) -> int:
        """Likelihood x impact, 1 to 25."""
        return self.likelihood * self.impact

    @property
    def is_high(self) -> bool:
        return self.score >= RISK_RESPONSE_THRESHOLD


@dataclass(frozen=True, kw_only=True)
class Explained:
    """What was explained to the customer about a solution (S27)."""

    pros: bool
    cons: bool
    risks: bool

    @property
    def fully(self) -> bool:
        return self.pros and self.cons and self.risks


@dataclass(frozen=True, kw_only=True)
class ComparedSolution:
    """One line of the comparison a choice was made on: total of 25, highest risk of 25."""

    solution_id: LocalId
    feasibility_total: int
    highest_risk: int


@dataclass(frozen=True, kw_only=True)
class PrincipleCheck:
    """One of the six principles, whether it is met, and the evidence it points to (S28)."""

    principle: Annotated[str, CodeOf("principles")]
    met: bool
    evidence_ids: tuple[LocalId, ...] = ()
    note: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class SatisfactionScore:
    """A score with its scale: 1-5, 1-10 or NPS 0-10 (S51)."""

    scale: Annotated[str, CodeOf("score_scales")]
    value: Score


class SurveyOccasion(StrEnum):
    """Why a customer is asked: their case is solved, they talked to us, or it is time again."""

    RESOLUTION = "resolution"
    CONTACT = "contact"
    CYCLE = "cycle"


@dataclass(frozen=True, kw_only=True)
class OrderGround:
    """An event that a director's order rests on: a score or a complaint, in any case."""

    case_id: UUID
    version: Count


@dataclass(frozen=True, kw_only=True)
class SourceFact:
    """One column of a source's record, exactly as given."""

    name: Annotated[str, TextLimit(80)]
    value: SourceText
