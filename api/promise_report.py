"""The promise report over HTTP: promises kept and broken, delays told in time, targets met."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from api.json_schema import NUMBER, TEXT, Json, an_object, list_of, or_null, ref
from api.period_report import Figures, PeriodReport, labelled
from api.reports.as_json import share_json
from domain.book import Labels
from projections.deadline_tables import NAME
from projections.lessons_period import Period
from projections.lessons_values import TargetFigures
from projections.promise_report import (
    STATES,
    PromiseFigures,
    promise_report,
)

DEFINITIONS: Final = {
    "promises": Labels(
        "Promises made in the period, as they stand now. In time: kept by their time, of those "
        "that were kept, late or broken. Late: kept after their time, or only after the breach "
        "was on record, whatever time was named. Late and broken are all the breaches.",
        "期间内作出的承诺的现状。按时：在期限内履行的，占已履行、逾期履行和违约的承诺。逾期：超过期限才履行，"
        "或违约已被记录之后才报告履行（无论所填时间）。逾期与违约合计为全部违约。",
    ),
    "confirmed": Labels(
        "Promises confirmed on a second channel, of all.",
        "已通过第二渠道确认的承诺，占全部承诺。",
    ),
    "disclosed": Labels(
        "Breaches that the customer was told of by their due time, of all breaches of promises to "
        "customers and of clocks whose delays customers are told of.",
        "在期限前已向客户披露的违约，占对客户承诺及应告知客户的时限的全部违约。",
    ),
    "reminders": Labels(
        "Reminders given of promises made and minutes sent in the period.",
        "针对期间内的承诺和纪要发出的跟进提醒。",
    ),
    "targets": Labels(
        "Runs of service clocks that began in the period. Attained: met, of those met or missed.",
        "期间内开始的服务时钟轮次。达成：按时完成的，占已完成和逾期的。",
    ),
}


def _figures(connection: Connection, period: Period, now: datetime, language: str) -> Figures:
    report = promise_report(connection, period, now)
    return {
        "promises": _promises(report.total),
        "promises_by_kind": [
            {**labelled("kind", "commitment_kinds", each.code, language), **_promises(each)}
            for each in report.by_kind
        ],
        "promises_by_owner": [{"owner": each.code, **_promises(each)} for each in report.by_owner],
        "confirmed": share_json(report.confirmed),
        "disclosed": share_json(report.disclosed),
        "reminders": report.reminders,
        "targets": [_target(each, language) for each in report.targets],
    }


def _promises(figures: PromiseFigures) -> dict[str, Any]:
    return {"made": figures.made, **figures.states, "in_time": share_json(figures.in_time)}


def _target(figures: TargetFigures, language: str) -> dict[str, Any]:
    return {
        **labelled("clock", "service_clocks", figures.clock, language),
        "met": figures.met,
        "missed": figures.missed,
        "running": figures.running,
        "cancelled": figures.cancelled,
        "attained": share_json(figures.attained),
    }


REPORT: Final = PeriodReport(
    code="promises",
    read_model=NAME,
    past=lambda front: front.past_deadlines,
    count=_figures,
    definitions=DEFINITIONS,
)


def promise_report_schemas() -> dict[str, Json]:
    """The report and its parts."""
    share = ref("Share")
    figures: dict[str, Json] = {"made": NUMBER, **dict.fromkeys(STATES, NUMBER), "in_time": share}
    target = an_object(
        clock=TEXT,
        clock_label=TEXT,
        met=NUMBER,
        missed=NUMBER,
        running=NUMBER,
        cancelled=NUMBER,
        attained=share,
    )
    report = REPORT.schema(
        promises=an_object(**figures),
        promises_by_kind=list_of(an_object(kind=TEXT, kind_label=TEXT, **figures)),
        promises_by_owner=list_of(an_object(owner=or_null(TEXT), **figures)),
        confirmed=share,
        disclosed=share,
        reminders=NUMBER,
        targets=list_of(target),
    )
    return {"PromiseReport": report}


PROMISE_REPORT_ROUTES: Final = (
    REPORT.route(
        "show_promise_report",
        "Promises kept, late and broken, delays told in time, targets met and missed.",
        "PromiseReport",
    ),
)
