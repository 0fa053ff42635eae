"""The promise report over HTTP: promises kept and broken, delays told in time, targets met."""

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
from projections.deadline_tables import NAME
from projections.lessons_period import Period
from projections.lessons_values import Share, TargetFigures
from projections.promise_report import (
    STATES,
    PromiseFigures,
    PromiseReport,
    promise_report,
)

READERS: Final = frozenset(Role) - {Role.REPORTER}
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


def show_promise_report(call: Call) -> Answer:
    """Counted by the database, in one snapshot."""
    now = datetime.now(UTC)
    period = period_of(call, now.date()) or Period.last_twelve_months(now.date())
    language = call.query["language"] or call.language
    with reading(call, NAME) as (connection, state):
        # The report reads in a snapshot of its own, which no earlier statement may have begun.
        connection.rollback()
        report = promise_report(connection, period, now)
    headers = {
        "Amends-Read-Position": str(state.position),
        "Amends-Lag-Seconds": f"{state.lag_seconds:.3f}",
        "Content-Language": language,
        "Vary": "Accept-Language",
    }
    return Answer(report_json(report, now, language), headers=headers)


def report_json(report: PromiseReport, now: datetime, language: str) -> dict[str, Any]:
    """The figures with labels in one language, and what each of them means."""
    return {
        "report": "promises",
        "language": language,
        "period": {"from": rfc3339(report.period.start), "to": rfc3339(report.period.end)},
        "made_at": rfc3339(now),
        "promises": _promises(report.total),
        "promises_by_kind": [
            {**_label("kind", "commitment_kinds", each.code, language), **_promises(each)}
            for each in report.by_kind
        ],
        "promises_by_owner": [{"owner": each.code, **_promises(each)} for each in report.by_owner],
        "confirmed": _share(report.confirmed),
        "disclosed": _share(report.disclosed),
        "reminders": report.reminders,
        "targets": [_target(each, language) for each in report.targets],
        "definitions": {name: each.in_language(language) for name, each in DEFINITIONS.items()},
    }


def _promises(figures: PromiseFigures) -> dict[str, Any]:
    return {"made": figures.made, **figures.states, "in_time": _share(figures.in_time)}


def _target(figures: TargetFigures, language: str) -> dict[str, Any]:
    return {
        **_label("clock", "service_clocks", figures.clock, language),
        "met": figures.met,
        "missed": figures.missed,
        "running": figures.running,
        "cancelled": figures.cancelled,
        "attained": _share(figures.attained),
    }


def _label(name: str, book: str, code: str | None, language: str) -> dict[str, str | None]:
    label = edition(CURRENT_EDITION).label(book, code, language) if code else None
    return {name: code, f"{name}_label": label}


def _share(share: Share) -> dict[str, Any]:
    rounded = None if share.share is None else round(share.share, 4)
    return {"count": share.count, "of": share.of, "share": rounded}


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
    report = an_object(
        report={"const": "promises"},
        language={"enum": ["en", "zh"]},
        period=an_object(**{"from": TIME, "to": TIME}),
        made_at=TIME,
        promises=an_object(**figures),
        promises_by_kind=list_of(an_object(kind=TEXT, kind_label=TEXT, **figures)),
        promises_by_owner=list_of(an_object(owner=or_null(TEXT), **figures)),
        confirmed=share,
        disclosed=share,
        reminders=NUMBER,
        targets=list_of(target),
        definitions={"type": "object", "additionalProperties": TEXT},
    )
    return {"PromiseReport": report}


PROMISE_REPORT_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/reports/promises",
        name="show_promise_report",
        summary="Promises kept, late and broken, delays told in time, targets met and missed.",
        tag="Reports",
        view=show_promise_report,
        roles=READERS,
        params=(
            end_of_period("from", "This day (UTC) or this time, and later. By default a year ago."),
            end_of_period("to", "Up to this day (UTC), included, or before this time."),
            params.choice("language", ("en", "zh"), "Instead of the `Accept-Language` header."),
            params.WAIT_FOR,
        ),
        shows="PromiseReport",
    ),
)
