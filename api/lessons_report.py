"""The lessons-learned report over HTTP: a period, a grouping, three formats, two languages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection

from api import params, parsing, two_clocks
from api.errors import Problem
from api.formats import accepted_form
from api.pages import reading
from api.rendering import Reader
from api.reports.as_csv import report_csv
from api.reports.as_json import report_json
from api.reports.page import STYLE, report_page
from api.reports.wording import Wording
from api.routes import ALL_BUT_REPORTERS, JSON, Answer, Call, Param, Route
from domain.months import add_months
from domain.personal import StaffText
from projections.lessons_answer import LessonsReport
from projections.lessons_period import Period, midnight
from projections.lessons_report import GROUP_BY, ReportRequest, lessons_report
from projections.lessons_tables import NAME
from projections.managers_report import ManagersReport, managers_report

MEDIA_TYPES: Final = {"json": JSON, "html": "text/html", "csv": "text/csv"}
LONGEST_YEARS: Final = 100
LAST_YEAR: Final = 2500


def show_lessons_learned(call: Call) -> Answer:
    """The report in the format and language the caller prefers."""
    form = _format(call)
    instants = two_clocks.instants(call)
    now = instants.seen_at or datetime.now(UTC)
    roles = call.credential.roles
    may_read = not StaffText.READERS.isdisjoint(roles)
    asked = ReportRequest(
        now=now,
        period=period_of(call, now.date()),
        group_by=call.query["group_by"],
        keys=call.front.service.keys if may_read else None,
        instants=instants,
        made_at=datetime.now(UTC),
    )
    with reading(call, NAME) as (connection, _):
        # The report reads in a snapshot of its own, which no earlier statement may have begun.
        connection.rollback()
        report, render = _made(call, connection, asked, form)
        wording = Wording(call.language, report.edition)
        answer = render(call.reader(), wording)
    headers = {
        **answer.headers,
        "Amends-Read-Position": str(report.position),
        "Amends-Lag-Seconds": f"{report.lag_seconds:.3f}",
        "Content-Language": wording.language,
        "Vary": "Accept, Accept-Language",
    }
    return Answer(answer.body, headers=headers, media_type=answer.media_type)


def _made(
    call: Call, connection: Connection, asked: ReportRequest, form: str
) -> tuple[LessonsReport, Callable[[Reader, Wording], Answer]]:
    """The report, and what renders it; the page tells more than the other forms."""
    if form == "html":
        whole = managers_report(connection, asked, call.front.past_managers_report)
        return whole.lessons, partial(_as_html, whole)
    report = lessons_report(connection, asked, call.front.past_lessons)
    return report, partial(_RENDERED[form], report)


def _format(call: Call) -> str:
    """What `format` names, else what Accept likes best. Raises Problem (406)."""
    if named := call.query["format"]:
        return str(named)
    return accepted_form(call.request, MEDIA_TYPES)


def period_of(call: Call, today: date) -> Period | None:
    """The period that the query asks for. Raises Problem."""
    return period_between(call.query["from"], call.query["to"], today)


def period_between(
    first: date | datetime | None, last: date | datetime | None, today: date
) -> Period | None:
    """The period asked for; where one end is missing, twelve months up to the other or today.

    Raises Problem.
    """
    if first is None and last is None:
        return None
    end = _end(today if last is None else last)
    start = add_months(end, -12) if first is None else _start(first)
    if not start < end or end > add_months(start, 12 * LONGEST_YEARS):
        blamed = "from" if last is None else "to"
        raise Problem("invalid_parameter", errors=({"parameter": blamed, "code": "not_a_period"},))
    return Period(start, end)


def _start(given: date | datetime) -> datetime:
    return given if isinstance(given, datetime) else midnight(given)


def _end(given: date | datetime) -> datetime:
    """A day belongs to the period, an instant does not."""
    return given if isinstance(given, datetime) else midnight(given + timedelta(days=1))


def day_or_instant(text: str) -> date | datetime:
    """A day (UTC) or a time with offset. Raises Fault."""
    found = parsing.day(text) if len(text) <= len("2026-03-01") else params.instant(text)
    if found.year > LAST_YEAR:
        raise parsing.Fault("not_a_date")
    return found


def _as_json(report: LessonsReport, reader: Reader, wording: Wording) -> Answer:
    return Answer(report_json(report, reader, wording))


def _as_html(whole: ManagersReport, reader: Reader, wording: Wording) -> Answer:
    headers = {
        "Content-Security-Policy": STYLE.policy_header,
        "Content-Disposition": f'inline; filename="{_file_name(whole.lessons)}.html"',
    }
    page = report_page(whole, reader, wording)
    return Answer(page, headers=headers, media_type="text/html; charset=utf-8")


def _as_csv(report: LessonsReport, reader: Reader, wording: Wording) -> Answer:
    headers = {"Content-Disposition": f'attachment; filename="{_file_name(report)}.csv"'}
    table = report_csv(report, wording)
    return Answer(table, headers=headers, media_type="text/csv; charset=utf-8; header=present")


_RENDERED: Final = {"json": _as_json, "csv": _as_csv}


def _file_name(report: LessonsReport) -> str:
    first, last = report.period.first_day, report.period.last_day
    return f"lessons-learned-{first}-to-{last}-by-{report.group_by.replace('_', '-')}"


def end_of_period(name: str, about: str) -> Param:
    """A parameter that takes a day (UTC) or a time."""
    day = {"type": "string", "format": "date"}
    instant = {"type": "string", "format": "date-time"}
    return Param(name, day_or_instant, {"oneOf": [day, instant]}, about)


REPORT_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/reports/lessons-learned",
        name="show_lessons_learned",
        summary="What the conflicts of a period taught, by group; every figure equals a replay.",
        tag="Reports",
        view=show_lessons_learned,
        roles=ALL_BUT_REPORTERS,
        params=(
            end_of_period(
                "from",
                "Cases reported on this day (UTC) or at this time, or later. By default twelve "
                "months before the end.",
            ),
            end_of_period(
                "to",
                "Cases reported up to this day (UTC), included, or before this time. By default "
                "today.",
            ),
            params.choice("group_by", GROUP_BY, "What the figures are grouped by.", "type"),
            params.choice("format", tuple(MEDIA_TYPES), "Instead of the `Accept` header."),
            params.LANGUAGE,
            *two_clocks.CLOCKS,
            params.WAIT_FOR,
        ),
        shows="LessonsReport",
        media_types=tuple(MEDIA_TYPES.values()),
    ),
)
