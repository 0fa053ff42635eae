"""Imported history in the lessons-learned report: counted apart, in the words of its sources."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, true

from projections.figures import Share, answer_conditions, answers_in
from projections.lessons_period import Period
from projections.lessons_tables import IMPORTED
from projections.lessons_values import ImportedFigures

GROUPINGS = {"product": IMPORTED.c.product, "channel": IMPORTED.c.channel}
"""Groupings by what a source says of its own cases; of the others it knows nothing."""


def count_imported(
    connection: Connection, period: Period, group_by: str
) -> tuple[ImportedFigures, tuple[ImportedFigures, ...], tuple[ImportedFigures, ...]]:
    """All imported cases received in the period; the same by source; and by group."""
    everything = _figures(connection, period, {})
    sources = _figures(connection, period, {"system": IMPORTED.c.system})
    groups: tuple[ImportedFigures, ...] = ()
    if group_by in GROUPINGS:
        named = func.coalesce(GROUPINGS[group_by], "")
        groups = _figures(connection, period, {"system": IMPORTED.c.system, "code": named})
    return everything[0] if everything else ImportedFigures(None, None), sources, groups


def _figures(
    connection: Connection, period: Period, keys: dict[str, ColumnElement[Any]]
) -> tuple[ImportedFigures, ...]:
    """The figures by these keys, most cases first."""
    found = select(*(column.label(name) for name, column in keys.items()), *_counts()).where(
        _received_in(period)
    )
    outcomes = _outcomes(connection, period, keys)
    rows = connection.execute(found.group_by(*keys.values())).mappings()
    made = [_made(row, outcomes.get(_key(row), [])) for row in rows if row["cases"]]
    return tuple(sorted(made, key=lambda each: (-each.cases, each.system or "", each.code or "")))


def _received_in(period: Period) -> ColumnElement[bool]:
    return IMPORTED.c.received_on.between(period.first_day, period.last_day)


def _counts() -> list[ColumnElement[Any]]:
    counted = {
        "cases": true(),
        "went_on": IMPORTED.c.went_on,
        "known": IMPORTED.c.reopen_count.is_not(None),
        "reopened": IMPORTED.c.reopen_count > 0,
        **answer_conditions("timely", IMPORTED.c.timely),
        **answer_conditions("disputed", IMPORTED.c.disputed),
    }
    counts = [func.count().filter(when).label(name) for name, when in counted.items()]
    return [*counts, func.coalesce(func.sum(IMPORTED.c.reopen_count), 0).label("reopenings")]


def _outcomes(
    connection: Connection, period: Period, keys: dict[str, ColumnElement[Any]]
) -> dict[tuple[Any, Any], list[tuple[str | None, int]]]:
    wording = IMPORTED.c.outcome
    named = [column.label(name) for name, column in keys.items()]
    found = select(*named, wording.label("outcome"), func.count().label("cases"))
    found = found.where(_received_in(period)).group_by(*keys.values(), wording)
    outcomes: dict[tuple[Any, Any], list[tuple[str | None, int]]] = {}
    for row in connection.execute(found).mappings():
        outcomes.setdefault(_key(row), []).append((row["outcome"], row["cases"]))
    return outcomes


def _key(row: Any) -> tuple[Any, Any]:
    return row.get("system"), row.get("code")


def _made(row: Any, outcomes: list[tuple[str | None, int]]) -> ImportedFigures:
    system, code = _key(row)
    return ImportedFigures(
        system,
        code,
        cases=row["cases"],
        timely=answers_in(row, "timely"),
        disputed=answers_in(row, "disputed"),
        reopened=Share(row["reopened"], row["known"]),
        reopenings=row["reopenings"],
        went_on=row["went_on"],
        outcomes=tuple(sorted(outcomes, key=lambda each: (-each[1], each[0] or ""))),
    )
