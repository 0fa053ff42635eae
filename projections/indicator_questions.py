"""What the read model of indicators is asked: what a rule's windows held, as known at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)

from domain.early_warning.judging import NOTHING, Tally, Windows
from domain.early_warning.rules import ALL, WarningRule
from projections.indicator_tables import FACTS

AT = bindparam("at", type_=DateTime(timezone=True))


def windows_at(
    connection: Connection, rule: WarningRule, at: datetime
) -> Mapping[str | None, Windows]:
    """The windows of every value of the rule's scope that has enough in the newest one.

    Counted is what had occurred, and was recorded, before the look: so the answer stays the same
    for ever, whatever is recorded later. The scope of everything together has the value None.
    """
    found: defaultdict[str | None, dict[int, Tally]] = defaultdict(dict)
    for value, number, *sums in connection.execute(_counted(rule), {"at": at}):
        found[value][number] = Tally(*map(int, sums))
    numbers = range(rule.baseline_windows + 1)
    return {
        value: [windows.get(number, NOTHING) for number in numbers]
        for value, windows in found.items()
    }


@cache
def _counted(rule: WarningRule) -> Select[Any]:
    windows = _windows(rule).cte("windows")
    if rule.scope == ALL:
        return select(windows)
    newest = windows.alias("newest")
    enough = select(newest.c.value).where(
        newest.c.number == 0, newest.c.occasions >= rule.least_count
    )
    return select(windows).where(windows.c.value.in_(enough))


def _windows(rule: WarningRule) -> Select[Any]:
    """One row for each value of the scope and each window that holds something."""
    value = null() if rule.scope == ALL else FACTS.c[rule.scope]
    number = _number(rule).label("number")
    squares = FACTS.c.thousandths.cast(BigInteger) * FACTS.c.thousandths
    statement = select(
        value.label("value"),
        number,
        func.sum(FACTS.c.occasions).label("occasions"),
        func.sum(FACTS.c.thousandths).label("total"),
        func.sum(squares).label("squares"),
        func.min(FACTS.c.position).label("first"),
        func.max(FACTS.c.position).label("last"),
    )
    known = (FACTS.c.indicator == rule.indicator, FACTS.c.recorded_at < AT)
    named = () if rule.scope == ALL else (value.is_not(None),)
    grouped = (number,) if rule.scope == ALL else (value, number)
    return statement.where(*known, *named, _falls_into_a_window(rule)).group_by(*grouped)


def _falls_into_a_window(rule: WarningRule) -> ColumnElement[bool]:
    """Ranges of an index, one for each window; one for all where they join."""
    if rule.baseline_every == rule.window:
        return and_(FACTS.c.occurred_at >= AT - rule.reach, FACTS.c.occurred_at < AT)
    ranges = []
    for number in range(rule.baseline_windows + 1):
        end = AT - number * rule.baseline_every
        ranges.append(and_(FACTS.c.occurred_at >= end - rule.window, FACTS.c.occurred_at < end))
    return or_(*ranges)


def _number(rule: WarningRule) -> ColumnElement[int]:
    """Which window a fact falls into, 0 the newest: it begins with its first instant."""
    age = func.extract("epoch", AT - FACTS.c.occurred_at)
    every = literal(int(rule.baseline_every.total_seconds()))
    return cast(func.ceil(age / every) - 1, Integer)
