"""The promise report over HTTP: promises kept and broken, delays told in time, targets met."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from api.json_schema import NUMBER, TEXT, Json, an_object, list_of, or_null, ref
from api.period_report import Figures, PeriodReport, labelled
from api.reports.definitions import PROMISES
from api.reports.figures_json import share_json
from api.state_labels import owner_label
from projections.deadline_tables import NAME
from projections.lessons_period import Period
from projections.lessons_targets import TargetFigures
from projections.promise_report import (
    STATES,
    PromiseFigures,
    promise_report,
)


def _figures(connection: Connection, period: Period, now: datetime, language: str) -> Figures:
    report = promise_report(connection, period, now)
    return {
        "promises": _promises(report.total),
        "promises_by_kind": [
            {**labelled("kind", "commitment_kinds", each.code, language), **_promises(each)}
            for each in report.by_kind
        ],
        "promises_by_owner": [_by_owner(each, language) for each in report.by_owner],
        "confirmed": share_json(report.confirmed),
        "disclosed": share_json(report.disclosed),
        "reminders": report.reminders,
        "targets": [_target(each, language) for each in report.targets],
    }


def _by_owner(figures: PromiseFigures, language: str) -> dict[str, Any]:
    label = owner_label(figures.code, language)
    return {"owner": figures.code, "owner_label": label, **_promises(figures)}


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
    definitions=PROMISES,
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
        promises_by_owner=list_of(
            an_object(owner=or_null(TEXT), owner_label=or_null(TEXT), **figures)
        ),
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
