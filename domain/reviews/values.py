"""What reviews and audits are told in: codes, counts and days, no text that somebody typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from domain.kinds import Between, CodeOf
from domain.value_kinds import ExternalRef

Heads = Annotated[int, Between(1, 1_000)]
Times = Annotated[int, Between(1, 1_000_000)]
Figure = Annotated[Decimal, Between(0, 1_000_000_000)]
"""Percent or a count, as the book `audit_figures` says; at most four decimals."""
FigureCode = Annotated[str, CodeOf("audit_figures")]
Party = Annotated[str, CodeOf("review_parties")]


@dataclass(frozen=True, kw_only=True)
class Attendance:
    """How many people of a party were there."""

    party: Party
    people: Heads


@dataclass(frozen=True, kw_only=True)
class FindingCount:
    """How often something was found."""

    finding: Annotated[str, CodeOf("review_findings")]
    times: Times


@dataclass(frozen=True, kw_only=True)
class ReviewDecision:
    """What is to be done, by whom and until when; the file, ticket or case, where there is one."""

    measure: Annotated[str, CodeOf("improvement_measures")]
    owner: ExternalRef | None = None
    due_on: date | None = None
    file_ref: ExternalRef | None = None


class ChangeReason(StrEnum):
    """Why a decision was given to somebody else, or got another day."""

    OWNER_AWAY = "owner_away"
    WRONG_OWNER = "wrong_owner"
    OWNER_OVERLOADED = "owner_overloaded"
    WAITS_FOR_OTHERS = "waits_for_others"
    SCOPE_CHANGED = "scope_changed"
    PRIORITY_CHANGED = "priority_changed"
    RECORDED_IN_ERROR = "recorded_in_error"


@dataclass(frozen=True, kw_only=True)
class FigureGiven:
    """A figure as an audit found it; `expected` may be left out where the book says it.

    `sampled`: how many records were looked at.
    """

    figure: FigureCode
    sampled: Times
    expected: Figure | None = None
    found: Figure


@dataclass(frozen=True, kw_only=True)
class AuditedFigure:
    """What was expected of a figure, and what so many sampled records show."""

    figure: FigureCode
    sampled: Times
    expected: Figure
    found: Figure
