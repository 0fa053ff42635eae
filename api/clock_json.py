"""The service clocks of a case as JSON: what is due until when, by which rule, on which terms."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from api.json_body import rfc3339, rfc3339_or_null
from api.json_schema import FLAG, NUMBER, TEXT, TIME, Json, an_object, list_of, or_null
from api.promise_json import disclosed_at
from api.rendering import Reader
from domain.clocks.policy import policy_of
from domain.clocks.run import ClockRun, State
from domain.conflict_case import ConflictCase
from domain.deadlines import runs_named
from domain.telling import run_to_disclose

TERM_BOOKS: Final = {
    "urgency": "urgencies",
    "request_kind": "request_kinds",
    "tier": "customer_tiers",
    "severity": "severities",
    "regulation": "regulations",
    "calendar": "service_calendars",
}
"""The terms that are shown, with the books of their codes; the channel stands in the report."""


def clock_parts(case: ConflictCase, reader: Reader, seen_at: datetime) -> dict[str, Any]:
    """The terms in force, whether the customer is awaited, and every run of every clock."""
    terms = case.terms
    return {
        "service_terms": {
            name: reader.note(book, terms[name]) if name in terms else None
            for name, book in TERM_BOOKS.items()
        },
        "awaits_customer": case.awaits_customer,
        "clocks": _runs(case, reader, seen_at),
    }


def _runs(case: ConflictCase, reader: Reader, seen_at: datetime) -> list[dict[str, Any]]:
    warned, missed = runs_named(case.deadlines_warned), runs_named(case.deadlines_missed)
    kinds = policy_of(case.edition.number).by_code
    shown = []
    for run in case.clock_runs(seen_at):
        key = run.key
        shown.append(_run(run, reader))
        shown[-1] |= {
            "warning_recorded": key in warned,
            "miss_recorded": key in missed,
            "disclose": run_to_disclose(case, run, kinds[run.clock].told, seen_at),
            "disclosed_at": disclosed_at(case, key),
        }
    return shown


def _run(run: ClockRun, reader: Reader) -> dict[str, Any]:
    return {
        "clock": reader.note("service_clocks", run.clock),
        "run": run.number,
        "rule": reader.note("service_levels", run.rule),
        "state": run.state.value,
        "started_at": rfc3339(run.started_at),
        "due_at": rfc3339_or_null(run.due_at),
        "warn_at": rfc3339_or_null(run.warn_at),
        "paused_since": rfc3339_or_null(run.paused_since),
        "remaining_seconds": run.remaining_seconds,
        "stopped_at": rfc3339_or_null(run.stopped_at),
        "missed_at": rfc3339_or_null(run.missed_at),
    }


def clock_schemas() -> dict[str, Json]:
    """The schemas of the parts, by their names in the case."""
    run = an_object(
        clock=TEXT,
        run=NUMBER,
        rule=TEXT,
        state={"enum": [state.value for state in State]},
        state_label=TEXT,
        started_at=TIME,
        due_at=or_null(TIME),
        warn_at=or_null(TIME),
        paused_since=or_null(TIME),
        remaining_seconds=or_null(NUMBER),
        stopped_at=or_null(TIME),
        missed_at=or_null(TIME),
        warning_recorded=FLAG,
        miss_recorded=FLAG,
        disclose=FLAG,
        disclosed_at=or_null(TIME),
    )
    return {
        "service_terms": an_object(**dict.fromkeys(TERM_BOOKS, or_null(TEXT))),
        "awaits_customer": FLAG,
        "clocks": list_of(run),
    }
