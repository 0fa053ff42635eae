"""The figures of imported cases counted again by hand, as `naive_lessons` counts our own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from domain.conflict_case import ConflictCase
from domain.events import ImportedEntryNoted
from projections.figures import Share
from projections.lessons_period import Period
from projections.lessons_values import ImportedFigures
from tests.projections.naive_lessons import answers
from tests.projections.replayed_cases import Replayed


def imported(
    cases: Iterable[Replayed], period: Period, system: str | None, code: str | None, field: str
) -> ImportedFigures:
    """The figures of imported cases, of one system or all, with one value of `field` or any."""
    mine = [
        c
        for c in cases
        if c.case.imported
        and period.start
        <= datetime.combine(c.case.imported.received_on, datetime.min.time(), UTC)
        < period.end
        and system in (None, c.case.imported.source.system)
        and code in (None, getattr(c.case.imported, field) or "")
    ]
    counts = [n for n in (_newest(c, "reopen_count") for c in mine) if n is not None]
    wordings = Counter(c.case.imported.outcome for c in mine if c.case.imported)
    return ImportedFigures(
        system,
        code,
        cases=len(mine),
        timely=answers(_newest(c, "timely") for c in mine),
        disputed=answers(c.case.imported.disputed for c in mine if c.case.imported),
        reopened=Share(sum(n > 0 for n in counts), len(counts)),
        reopenings=sum(counts),
        went_on=sum(_went_on(c) for c in mine),
        outcomes=tuple(sorted(wordings.items(), key=lambda each: (-each[1], each[0] or ""))),
    )


def _newest(c: Replayed, field: str) -> Any:
    told = [getattr(event, field) for event in (c.case.imported, *c.case.imported_entries)]
    return next((value for value in reversed(told) if value is not None), None)


def _went_on(c: Replayed) -> bool:
    """Whether a step taken here changed the status."""
    case = ConflictCase(c.case.id)
    for event in c.events:
        before = case.status
        case.remember(event)
        own_step = event is not c.case.imported and not isinstance(event, ImportedEntryNoted)
        if own_step and case.status != before:
            return True
    return False
