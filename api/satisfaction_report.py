"""The satisfaction report over HTTP: what customers say afterwards, in one language."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from api.json_schema import NUMBER, TEXT, Json, an_object, list_of, or_null, ref
from api.period_report import Figures, PeriodReport, labelled
from api.reports.definitions import SATISFACTION
from api.reports.figures_json import share_json
from projections.lessons_period import Period
from projections.satisfaction_report import (
    OrderFigures,
    ScaleFigures,
    satisfaction_report,
)
from projections.satisfaction_tables import NAME


def _figures(connection: Connection, period: Period, now: datetime, language: str) -> Figures:
    report = satisfaction_report(connection, period, now)
    return {
        "scores": [_scale(each, language) for each in report.scales],
        "scores_by_touchpoint": [
            {
                **labelled("touchpoint", "touchpoints", each.touchpoint, language),
                **_scale(each, language),
            }
            for each in report.touchpoints
        ],
        "surveys_answered": share_json(report.answered),
        "surveys_answered_by_occasion": [
            {**labelled("occasion", "survey_occasions", occasion, language), **share_json(share)}
            for occasion, share in report.answered_by_occasion
        ],
        "repeat_complaints": share_json(report.repeat_complaints),
        "orders": _orders(report.orders, language),
    }


def _scale(figures: ScaleFigures, language: str) -> dict[str, Any]:
    return {
        **labelled("scale", "score_scales", figures.scale, language),
        "valid": figures.valid,
        "invalid": figures.invalid,
        "average": _rounded(figures.average),
        "low": figures.low,
        "net": _rounded(figures.net),
    }


def _orders(figures: OrderFigures, language: str) -> dict[str, Any]:
    return {
        "opened": figures.opened,
        "by_trigger": [
            {**labelled("trigger", "order_triggers", trigger, language), "count": count}
            for trigger, count in figures.by_trigger
        ],
        "waiting_for_plan": figures.waiting_for_plan,
        "planned": figures.planned,
        "closed": figures.closed,
        "in_time": share_json(figures.in_time),
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


REPORT: Final = PeriodReport(
    code="satisfaction",
    read_model=NAME,
    past=lambda front: front.past_satisfaction,
    count=_figures,
    definitions=SATISFACTION,
)


def satisfaction_schemas() -> dict[str, Json]:
    """The report and its parts."""
    number = or_null({"type": "number"})
    scale: dict[str, Json] = {
        "scale": TEXT, "scale_label": TEXT, "valid": NUMBER, "invalid": NUMBER,
        "average": number, "low": NUMBER, "net": number,
    }  # fmt: skip
    share = ref("Share")
    counted = an_object(count=NUMBER, of=NUMBER, share=number, occasion=TEXT, occasion_label=TEXT)
    by_trigger = an_object(trigger=TEXT, trigger_label=TEXT, count=NUMBER)
    orders = an_object(
        opened=NUMBER,
        by_trigger=list_of(by_trigger),
        waiting_for_plan=NUMBER,
        planned=NUMBER,
        closed=NUMBER,
        in_time=share,
    )
    report = REPORT.schema(
        scores=list_of(an_object(**scale)),
        scores_by_touchpoint=list_of(an_object(touchpoint=TEXT, touchpoint_label=TEXT, **scale)),
        surveys_answered=share,
        surveys_answered_by_occasion=list_of(counted),
        repeat_complaints=share,
        orders=orders,
    )
    return {"SatisfactionReport": report}


SATISFACTION_ROUTES: Final = (
    REPORT.route(
        "show_satisfaction",
        "Scores without the invalid ones, surveys, repeat complaints, directors' orders.",
        "SatisfactionReport",
    ),
)
