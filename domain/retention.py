"""How long personal data is kept: of a case by type, status and age; of indicators by age."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.book import Edition
from domain.conflict_case import ConflictCase
from domain.events import CaseEvent, PersonalDataErased
from domain.months import add_months


@dataclass(frozen=True, kw_only=True)
class Aged:
    """What the retention of a case depends on.

    `ended_at`: the newest time at which an event of it occurred, erasures aside. `is_erased`: what
    was recorded last is an erasure, so nothing of the person is left in it.
    """

    status: str
    conflict_type: str | None
    ended_at: datetime | None
    is_erased: bool = False


def aged(history: Sequence[CaseEvent]) -> Aged:
    """A case as its retention sees it: what became of it, whenever its data was erased.

    `history`: its events in order, at least the first.
    """
    case = ConflictCase.folded(history[0].case_id, history)
    lived = [event for event in history if not isinstance(event, PersonalDataErased)]
    confirmation = case.confirmation
    return Aged(
        status=case.status,
        conflict_type=confirmation.conflict_type if confirmation else None,
        ended_at=max(event.occurred_at for event in lived),
        is_erased=lived[-1] is not history[-1],
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
    """Whether indicators of somebody of whom no case tells need not be kept any longer.

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


def person_over(
    cases: Sequence[Aged], supplied_at: datetime | None, books: Edition, now: datetime
) -> bool:
    """Whether a person is past their time: by their cases, or by their indicators.

    These decide where there is no case, or where all that the cases told is erased.
    `supplied_at`: when the newest indicator was recorded; None where there is none.
    """
    if supplied_at is not None and all(case.is_erased for case in cases):
        return indicators_over(supplied_at, books, now)
    return is_over(cases, books, now)
