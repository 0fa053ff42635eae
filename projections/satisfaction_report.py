"""The satisfaction report: averages without invalid scores, surveys, repeat complaints, orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Float, Row, cast, exists, func, select, tuple_

from domain.order_triggers import BOOK, REPEAT_COMPLAINT
from domain.reference_books import CURRENT_EDITION, edition
from projections.figures import Share
from projections.lessons_period import Period
from projections.satisfaction_questions import plan_is_overdue, scores_with_validity
from projections.satisfaction_tables import CASES, ORDERS, SURVEYS

REPEAT_WITHIN: Final = timedelta(
    days=edition(CURRENT_EDITION).entry(BOOK, REPEAT_COMPLAINT).details["within_days"]
)
NPS: Final = "nps"
PROMOTER, PASSIVE = 9, 7
"""The usual parts of NPS: promoters give 9 or 10, detractors 0 to 6."""


@dataclass(frozen=True, kw_only=True)
class ScaleFigures:
    """Scores on one scale. `average`, `low` and `net` leave the `invalid` ones out.

    `net`: promoters less detractors, in percent points; only of the scale NPS. None of nothing.
    """

    scale: str
    touchpoint: str | None
    valid: int
    invalid: int
    average: float | None
    low: int
    net: float | None


@dataclass(frozen=True, kw_only=True)
class OrderFigures:
    """Orders opened in the period, as they stand at `now`.

    `in_time`: the plan came in time, of those whose plan came or is overdue.
    """

    opened: int
    by_trigger: tuple[tuple[str, int], ...]
    waiting_for_plan: int
    planned: int
    closed: int
    in_time: Share


@dataclass(frozen=True, kw_only=True)
class SatisfactionReport:
    """All figures of a period: scores given in it, surveys sent, cases reported, orders opened.

    `answered`: surveys that were answered by now, of those sent. `repeat_complaints`: reports of
    the period that follow one of the same customer by the same channel within the window of the
    reference book, of all reports that were neither merged nor dismissed.
    """

    period: Period
    scales: tuple[ScaleFigures, ...]
    touchpoints: tuple[ScaleFigures, ...]
    answered: Share
    answered_by_occasion: tuple[tuple[str, Share], ...]
    repeat_complaints: Share
    orders: OrderFigures


def satisfaction_report(
    connection: Connection, period: Period, now: datetime
) -> SatisfactionReport:
    """Count everything. `connection` has to be in one snapshot, so that all figures agree."""
    scores = _scores(connection, period)
    surveys = _surveys(connection, period)
    return SatisfactionReport(
        period=period,
        scales=tuple(figures for figures in scores if figures.touchpoint is None),
        touchpoints=tuple(figures for figures in scores if figures.touchpoint is not None),
        answered=Share(sum(s.count for _, s in surveys), sum(s.of for _, s in surveys)),
        answered_by_occasion=surveys,
        repeat_complaints=_repeats(connection, period),
        orders=_orders(connection, period, now),
    )


def _scores(connection: Connection, period: Period) -> list[ScaleFigures]:
    """By scale, and by scale and touchpoint where one is known."""
    s = scores_with_validity().subquery("s")
    valid = s.c.is_valid
    value = cast(s.c.value, Float)
    by_scale, by_both = tuple_(s.c.scale), tuple_(s.c.scale, s.c.touchpoint)
    statement = (
        select(
            s.c.scale,
            s.c.touchpoint,
            func.grouping(s.c.touchpoint).label("is_total"),
            func.count().filter(valid).label("valid"),
            func.count().filter(~valid).label("invalid"),
            func.avg(value).filter(valid).label("average"),
            func.count().filter(valid, s.c.is_low).label("low"),
            func.count().filter(valid, s.c.value >= PROMOTER).label("promoters"),
            func.count().filter(valid, s.c.value < PASSIVE).label("detractors"),
        )
        .where(s.c.given_at >= period.start, s.c.given_at < period.end)
        .group_by(func.grouping_sets(by_scale, by_both))
        .order_by(s.c.scale, s.c.touchpoint.nulls_first())
    )
    rows = connection.execute(statement).all()
    return [_figures(row) for row in rows if row.is_total or row.touchpoint is not None]


def _figures(row: Row[Any]) -> ScaleFigures:
    net = 100 * (row.promoters - row.detractors) / row.valid if row.valid else None
    return ScaleFigures(
        scale=row.scale,
        touchpoint=row.touchpoint,
        valid=row.valid,
        invalid=row.invalid,
        average=row.average,
        low=row.low,
        net=net if row.scale == NPS else None,
    )


def _surveys(connection: Connection, period: Period) -> tuple[tuple[str, Share], ...]:
    statement = (
        select(SURVEYS.c.occasion, func.count(SURVEYS.c.answered_at), func.count())
        .where(SURVEYS.c.sent_at >= period.start, SURVEYS.c.sent_at < period.end)
        .group_by(SURVEYS.c.occasion)
        .order_by(SURVEYS.c.occasion)
    )
    return tuple((occasion, Share(*counts)) for occasion, *counts in connection.execute(statement))


def _repeats(connection: Connection, period: Period) -> Share:
    before = CASES.alias("before")
    is_repeat = exists().where(
        before.c.subject_ref == CASES.c.subject_ref,
        before.c.channel == CASES.c.channel,
        before.c.case_id != CASES.c.case_id,
        before.c.is_complaint,
        before.c.reported_at >= CASES.c.reported_at - REPEAT_WITHIN,
        before.c.reported_at <= CASES.c.reported_at,
        # Of two at the same instant, the second one by its id is the repeat one.
        (before.c.reported_at < CASES.c.reported_at) | (before.c.case_id < CASES.c.case_id),
    )
    counted = select(func.count().filter(is_repeat), func.count()).where(
        CASES.c.is_complaint,
        CASES.c.reported_at >= period.start,
        CASES.c.reported_at < period.end,
    )
    return Share(*connection.execute(counted).one())


def _orders(connection: Connection, period: Period, now: datetime) -> OrderFigures:
    late = (ORDERS.c.planned_at > ORDERS.c.plan_due_at) | plan_is_overdue(now)
    in_time = ORDERS.c.planned_at <= ORDERS.c.plan_due_at
    of_period = (ORDERS.c.opened_at >= period.start, ORDERS.c.opened_at < period.end)
    states = {
        name: func.count().filter(ORDERS.c.state == name) for name in ("open", "planned", "closed")
    }
    counted = select(
        func.count().label("opened"),
        *(count.label(f"{name}_") for name, count in states.items()),
        func.count().filter(in_time).label("in_time"),
        func.count().filter(in_time | late).label("judged"),
    ).where(*of_period)
    row = connection.execute(counted).one()
    triggers = select(ORDERS.c.trigger, func.count()).where(*of_period).group_by(ORDERS.c.trigger)
    return OrderFigures(
        opened=row.opened,
        by_trigger=tuple(tuple(r) for r in connection.execute(triggers.order_by(ORDERS.c.trigger))),
        waiting_for_plan=row.open_,
        planned=row.planned_,
        closed=row.closed_,
        in_time=Share(row.in_time, row.judged),
    )
