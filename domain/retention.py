"""How long personal data is kept: of a case by type, status and age; of indicators by age."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.book import Edition
from domain.conflict_case import ConflictCase
from domain.months import add_months


@dataclass(frozen=True, kw_only=True)
class Aged:
    """What the retention of a case depends on. `ended_at`: when its newest event happened."""

    status: str
    conflict_type: str | None
    ended_at: datetime | None


def aged(case: ConflictCase) -> Aged:
    """A case as its retention sees it. What became of it before its data was erased counts."""
    confirmation = case.confirmation
    return Aged(
        status=case.status,
        conflict_type=confirmation.conflict_type if confirmation else None,
        ended_at=case.updated_at,
    )


def kept_until(case: Aged, books: Edition) -> datetime | None:
    """When its personal data need not be kept any longer; None while no rule gives an end.

    Where several rules of the book apply, the longest period counts.
    """
    months = [
        int(rule.details["months"])
        for rule in books.book("retention_periods").entries
        if case.status in rule.details["statuses"]
        and case.conflict_type in (rule.details["conflict_types"] or [case.conflict_type])
    ]
    return add_months(case.ended_at, max(months)) if case.ended_at and months else None


def indicators_over(supplied_at: datetime | None, books: Edition, now: datetime) -> bool:
    """Whether indicators of somebody without a case need not be kept any longer.

    `supplied_at`: when the newest was recorded. Without a rule about indicators they are kept.
    """
    months = [
        int(rule.details["months"])
        for rule in books.book("retention_periods").entries
        if rule.details.get("of") == "indicators"
    ]
    if supplied_at is None or not months:
        return False
    return add_months(supplied_at, max(months)) <= now


def is_over(cases: Iterable[Aged], books: Edition, now: datetime) -> bool:
    """Whether nothing of a person need be kept: every case of theirs is past its time.

    One key seals all cases of a person, so their newest case decides for all of them.
    """
    ends = [kept_until(case, books) for case in cases]
    return bool(ends) and all(end is not None and end <= now for end in ends)
