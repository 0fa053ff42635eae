"""The counting of the lessons-learned report: prevention, training, and who came back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    Select,
    case,
    cast,
    distinct,
    func,
    or_,
    select,
)

from domain.values import Status
from projections.figures import Share
from projections.lessons_tables import CASES, LESSONS, PREVENTIONS, TRAININGS
from projections.lessons_values import REPEAT_WITHIN, CodeCount, PreventionFigures, RepeatFigures


def prevention_state(today: date) -> ColumnElement[str]:
    """The code of a preventive action's state; an effect shows that it was checked."""
    p = PREVENTIONS.c
    return case(
        (p.effect.is_not(None), "checked"),
        (p.done_on.is_not(None), "completed"),
        (p.due_on < today, "overdue"),
        else_="planned",
    )


def prevention_counts(c: CTE, today: date) -> Select[Any]:
    """One row per group: preventive actions by state."""
    state = prevention_state(today)
    states = ("planned", "overdue", "completed")
    late = PREVENTIONS.c.done_on > PREVENTIONS.c.due_on
    return (
        select(
            c.c.grp,
            *(func.count().filter(state == name).label(name) for name in states),
            func.count().filter(late).label("done_late"),
        )
        .join(PREVENTIONS, PREVENTIONS.c.case_id == c.c.case_id)
        .group_by(func.rollup(c.c.grp))
    )


def learning_counts(c: CTE) -> Select[Any]:
    """One row per group: cases with lessons, those of them with a preventive action."""
    return (
        select(
            c.c.grp,
            func.count(distinct(LESSONS.c.case_id)).label("learned"),
            func.count(distinct(PREVENTIONS.c.case_id)).label("covered"),
        )
        .join(LESSONS, LESSONS.c.case_id == c.c.case_id)
        .join(PREVENTIONS, PREVENTIONS.c.case_id == c.c.case_id, isouter=True)
        .group_by(func.rollup(c.c.grp))
    )


def training_counts(c: CTE) -> Select[Any]:
    """One row per group: trainings held and people who took part."""
    return (
        select(
            c.c.grp,
            func.count().label("trainings"),
            func.sum(TRAININGS.c.participants).label("participants"),
        )
        .join(TRAININGS, TRAININGS.c.case_id == c.c.case_id)
        .group_by(func.rollup(c.c.grp))
    )


def prevention_figures(row: Mapping[str, Any], effects: tuple[CodeCount, ...]) -> PreventionFigures:
    """The figures in the rows of the three statements above, together, and by effect."""
    return PreventionFigures(
        planned=row.get("planned", 0),
        overdue=row.get("overdue", 0),
        completed=row.get("completed", 0),
        checked=effects,
        done_late=row.get("done_late", 0),
        covered=Share(row.get("covered", 0), row.get("learned", 0)),
        trainings=row.get("trainings", 0),
        participants=row.get("participants") or 0,
    )


def repeat_counts(c: CTE, now: datetime) -> Select[Any]:
    """One row per group: who came back within 90 days, before and after the first prevention."""
    first_done, day = _first_done(c), _days(c, now)
    in_scope = or_(first_done.c.grp.is_(None), first_done.c.grp == day.c.grp)
    before = day.c.reported_on < first_done.c.first_done_on
    after = day.c.reported_on >= first_done.c.first_done_on
    counted = {
        "of": day.c.cases,
        "repeated": day.c.came_back,
        "of_before": case((before, day.c.cases), else_=0),
        "repeated_before": case((before, day.c.came_back), else_=0),
        "of_after": case((after, day.c.cases), else_=0),
        "repeated_after": case((after, day.c.came_back), else_=0),
    }
    return (
        select(
            first_done.c.grp,
            first_done.c.first_done_on,
            *(_total(value).label(name) for name, value in counted.items()),
        )
        .select_from(first_done.join(day, in_scope, isouter=True))
        .group_by(first_done.c.grp, first_done.c.first_done_on)
    )


def repeat_figures(row: Mapping[str, Any]) -> RepeatFigures:
    """The figures in a row of `repeat_counts`; a group without cases has none."""
    return RepeatFigures(
        overall=Share(row.get("repeated", 0), row.get("of", 0)),
        first_done_on=row.get("first_done_on"),
        before=Share(row.get("repeated_before", 0), row.get("of_before", 0)),
        after=Share(row.get("repeated_after", 0), row.get("of_after", 0)),
    )


def _total(counts: Any) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(counts), 0), BigInteger)


def _first_done(c: CTE) -> CTE:
    return (
        select(c.c.grp, func.min(PREVENTIONS.c.done_on).label("first_done_on"))
        .join(PREVENTIONS, PREVENTIONS.c.case_id == c.c.case_id, isouter=True)
        .group_by(func.rollup(c.c.grp))
        .cte("first_done")
    )


def _days(c: CTE, now: datetime) -> CTE:
    """Cases that can be judged, and those that came back, by group and day of the report."""
    again = CASES.alias("again")
    came_back = (
        select(again.c.case_id)
        .where(
            again.c.customer_ref == c.c.customer_ref,
            again.c.conflict_subtype == c.c.conflict_subtype,
            again.c.reported_at > c.c.reported_at,
            again.c.reported_at <= c.c.reported_at + REPEAT_WITHIN,
            again.c.status != Status.MERGED,
        )
        .exists()
    )
    return (
        select(
            c.c.grp,
            cast(c.c.reported_at, Date).label("reported_on"),
            func.count().label("cases"),
            func.count().filter(came_back).label("came_back"),
        )
        .where(
            c.c.conflict_subtype.is_not(None),
            c.c.status != Status.MERGED,
            c.c.reported_at <= now - REPEAT_WITHIN,
        )
        .group_by(c.c.grp, cast(c.c.reported_at, Date))
        .cte("day")
    )
