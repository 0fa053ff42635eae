"""Values of several fields that a case is told in, and words: who acts, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from domain.kinds import CodeOf, TextLimit
from domain.value_kinds import (
    Attitude,
    Channel,
    Count,
    ExternalRef,
    LongPersonalText,
    LongStaffText,
    MediaType,
    OneToFive,
    Ordinal,
    PastInstant,
    PlaybookStepId,
    Score,
    Sha256,
    ShortPersonalText,
    SizeBytes,
    SourceText,
    Uri,
    VersionName,
)


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
    """The file that a mediator got: its SHA-256 in hex, and the version of the case in it (S36).

    The digest is the caller's word: nothing compares it with a file.
    """

    sha256: Sha256
    case_version: Ordinal


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
