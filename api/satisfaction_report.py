"""The satisfaction report over HTTP: what customers say afterwards, in one language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from api import params
from api.json_body import rfc3339
from api.json_schema import NUMBER, TEXT, TIME, Json, an_object, list_of, or_null, ref
from api.lessons_report import end_of_period, period_of
from api.pages import reading
from api.routes import Answer, Call, Route
from domain.book import Labels
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import Role
from projections.lessons_period import Period
from projections.lessons_values import Share
from projections.satisfaction import NAME
from projections.satisfaction_report import (
    REPEAT_WITHIN,
    OrderFigures,
    SatisfactionReport,
    ScaleFigures,
    satisfaction_report,
)

READERS: Final = frozenset(Role) - {Role.REPORTER}
DEFINITIONS: Final = {
    "scores": Labels(
        "Scores given in the period. Averages, low and net leave invalid scores out: those in a "
        "row of ten or more identical ones of a customer.",
        "期间内给出的评分。平均分、低分数和净值均不含无效评分：同一客户连续十个及以上相同的评分。",
    ),
    "low": Labels("Below 4 of 5 on any scale.", "按任一量表折算低于5分制的4分。"),
    "net": Labels(
        "NPS: the share of 9 and 10 less the share of 0 to 6, in percent points.",
        "NPS：9至10分的占比减去0至6分的占比（百分点）。",
    ),
    "surveys_answered": Labels(
        "Surveys sent in the period that have been answered by now.",
        "期间内发出的调查中至今已答复的。",
    ),
    "repeat_complaints": Labels(
        "Cases reported in the period that follow one of the same customer by the same channel "
        f"within {REPEAT_WITHIN.days} days, of all that were neither merged nor dismissed.",
        f"期间内上报且在{REPEAT_WITHIN.days}天内同一客户曾以同一渠道投诉的案例，"
        "占未被合并或驳回的案例。",
    ),
    "orders": Labels(
        "Directors' orders opened in the period, as they stand now. In time: the plan came within "
        "its time, of those whose plan came or is overdue.",
        "期间内触发的总监督办单的现状。按时：方案在期限内提交的，占已提交或已逾期的。",
    ),
}


def show_satisfaction(call: Call) -> Answer:
    """Counted by the database, in one snapshot."""
    now = datetime.now(UTC)
    period = period_of(call, now.date()) or Period.last_twelve_months(now.date())
    language = call.query["language"] or call.language
    with reading(call, NAME) as (connection, state):
        # The report reads in a snapshot of its own, which no earlier statement may have begun.
        connection.rollback()
        report = satisfaction_report(connection, period, now)
    headers = {
        "Amends-Read-Position": str(state.position),
        "Amends-Lag-Seconds": f"{state.lag_seconds:.3f}",
        "Content-Language": language,
        "Vary": "Accept-Language",
    }
    return Answer(report_json(report, now, language), headers=headers)


def report_json(report: SatisfactionReport, now: datetime, language: str) -> dict[str, Any]:
    """The figures with labels in one language, and what each of them means."""
    return {
        "report": "satisfaction",
        "language": language,
        "period": {"from": rfc3339(report.period.start), "to": rfc3339(report.period.end)},
        "made_at": rfc3339(now),
        "scores": [_scale(each, language) for each in report.scales],
        "scores_by_touchpoint": [
            {
                **_label("touchpoint", "touchpoints", each.touchpoint, language),
                **_scale(each, language),
            }
            for each in report.touchpoints
        ],
        "surveys_answered": _share(report.answered),
        "surveys_answered_by_occasion": [
            {**_label("occasion", "survey_occasions", occasion, language), **_share(share)}
            for occasion, share in report.answered_by_occasion
        ],
        "repeat_complaints": _share(report.repeat_complaints),
        "orders": _orders(report.orders, language),
        "definitions": {name: each.in_language(language) for name, each in DEFINITIONS.items()},
    }


def _scale(figures: ScaleFigures, language: str) -> dict[str, Any]:
    return {
        **_label("scale", "score_scales", figures.scale, language),
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
            {**_label("trigger", "order_triggers", trigger, language), "count": count}
            for trigger, count in figures.by_trigger
        ],
        "waiting_for_plan": figures.waiting_for_plan,
        "planned": figures.planned,
        "closed": figures.closed,
        "in_time": _share(figures.in_time),
    }


def _label(name: str, book: str, code: str | None, language: str) -> dict[str, str | None]:
    label = edition(CURRENT_EDITION).label(book, code, language) if code else None
    return {name: code, f"{name}_label": label}


def _share(share: Share) -> dict[str, Any]:
    rounded = None if share.share is None else round(share.share, 4)
    return {"count": share.count, "of": share.of, "share": rounded}


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


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
    report = an_object(
        report={"const": "satisfaction"},
        language={"enum": ["en", "zh"]},
        period=an_object(**{"from": TIME, "to": TIME}),
        made_at=TIME,
        scores=list_of(an_object(**scale)),
        scores_by_touchpoint=list_of(an_object(touchpoint=TEXT, touchpoint_label=TEXT, **scale)),
        surveys_answered=share,
        surveys_answered_by_occasion=list_of(counted),
        repeat_complaints=share,
        orders=orders,
        definitions={"type": "object", "additionalProperties": TEXT},
    )
    return {"SatisfactionReport": report}


SATISFACTION_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/reports/satisfaction",
        name="show_satisfaction",
        summary="Scores without the invalid ones, surveys, repeat complaints, directors' orders.",
        tag="Reports",
        view=show_satisfaction,
        roles=READERS,
        params=(
            end_of_period("from", "This day (UTC) or this time, and later. By default a year ago."),
            end_of_period("to", "Up to this day (UTC), included, or before this time."),
            params.choice("language", ("en", "zh"), "Instead of the `Accept-Language` header."),
            params.WAIT_FOR,
        ),
        shows="SatisfactionReport",
    ),
)
