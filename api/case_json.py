"""A case as JSON: what a case handler needs, folded from its events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from api.attempt_json import analysis_parts, decision_parts, outcome_parts
from api.clock_json import clock_parts
from api.follow_up_json import follow_up_parts
from api.http_steps import STEP_PATHS
from api.json_body import rfc3339_or_null
from api.promise_json import impact_part, promise_parts
from api.raising_json import raising_parts
from api.rendering import Reader, fact, said
from api.witness import Witness
from domain.conflict_case import ConflictCase
from domain.events import CaseEvent
from domain.lifecycle import Step

_REPORT_PARTS = ("channel", "customer", "summary", "description", "desired_outcome", "language",
                 "urgency", "request_kind", "emotion", "product_ref", "order_ref", "contract_ref",
                 "touchpoint", "source")  # fmt: skip
_CONFIRMED_PARTS = ("conflict_type", "conflict_subtype", "complaint_cause", "severity",
                    "customer_type", "barrier", "restatement", "agreement")  # fmt: skip


def case_json(case: ConflictCase, reader: Reader, seen_at: datetime) -> dict[str, Any]:
    """The case for this reader. Times are UTC; what nobody said is null.

    `seen_at` is the instant for which its clocks are shown.
    """
    reader.about(case.id)
    return {
        "id": str(case.id),
        "reference": case.reference,
        "status": case.status.value,
        "version": case.version,
        "edition": case.edition.number,
        "origin": "imported" if case.imported else "reported",
        "attempt": case.attempt,
        "reported_at": rfc3339_or_null(case.began_at),
        "updated_at": rfc3339_or_null(case.updated_at),
        "closed_at": rfc3339_or_null(case.closed_at),
        **_report_parts(case, reader),
        **clock_parts(case, reader, seen_at),
        "impact": impact_part(case, reader),
        # Nearly every answer to a report has nothing else to show, and need not look for it.
        **(_NOTHING_YET if case.version == 1 else _later_parts(case, reader, seen_at)),
    }


def _later_parts(case: ConflictCase, reader: Reader, seen_at: datetime) -> dict[str, Any]:
    return {
        **_confirmed_parts(case, reader),
        **_handling_parts(case, reader),
        **raising_parts(case, reader),
        **analysis_parts(case, reader),
        **decision_parts(case, reader),
        **outcome_parts(case, reader),
        **promise_parts(case, reader, seen_at),
        **follow_up_parts(case, reader),
        **_ending_parts(case, reader),
    }


def add_steps(shown: dict[str, Any], steps: Iterable[Step]) -> dict[str, Any]:
    """Add what may follow for this caller, with the address of each step."""
    path = f"/v1/cases/{shown['id']}"
    names = [STEP_PATHS[step.command] for step in steps if step.command in STEP_PATHS]
    shown["allowed_steps"] = names
    shown["links"] = {
        "self": path,
        "events": f"{path}/events",
        "audit_trail": f"{path}/audit-trail",
        "steps": {name: f"{path}/{name}" for name in names},
    }
    return shown


def _facts(events: Iterable[CaseEvent], reader: Reader) -> list[dict[str, Any]]:
    return [fact(event, reader) for event in events]


def _report_parts(case: ConflictCase, reader: Reader) -> dict[str, Any]:
    if case.report:
        told = said(case.report, reader)
        return {**{name: told[name] for name in _REPORT_PARTS}, "imported": None}
    unknown: dict[str, Any] = dict.fromkeys(_REPORT_PARTS)
    if not case.imported:
        return {**unknown, "imported": None}
    shown = fact(case.imported, reader)
    entries = _facts(case.imported_entries, reader)
    unknown.update(channel=shown["channel"], source=shown["source"])
    return {**unknown, "imported": {**shown, "entries": entries}}


def _confirmed_parts(case: ConflictCase, reader: Reader) -> dict[str, Any]:
    if not case.confirmation:
        return {**dict.fromkeys(_CONFIRMED_PARTS), "stakeholders": []}
    told = said(case.confirmation, reader)
    return {name: told[name] for name in (*_CONFIRMED_PARTS, "stakeholders")}


def _handling_parts(case: ConflictCase, reader: Reader) -> dict[str, Any]:
    newest = case.assignments[-1] if case.assignments else None
    return {
        "handler": newest.handler if newest else None,
        "unit": newest.unit if newest else None,
        "assignments": _facts(case.assignments, reader),
        "acknowledgements": _facts(case.acknowledgements, reader),
        "evidence": _facts(case.evidence, reader),
        "interactions": _facts(case.interactions, reader),
        "escalations": _facts(case.escalations, reader),
        "referrals": _facts(case.referrals, reader),
        "minutes": _facts(case.minutes, reader),
    }


def _ending_parts(case: ConflictCase, reader: Reader) -> dict[str, Any]:
    return {
        "dismissal": fact(case.dismissal, reader) if case.dismissal else None,
        "withdrawal": fact(case.withdrawal, reader) if case.withdrawal else None,
        "reopenings": _facts(case.reopenings, reader),
        "merged_into": str(case.merge.into_case_id) if case.merge else None,
        "erasures": _facts(case.erasures, reader),
    }


def labels(reader: Reader, case: ConflictCase, language: str) -> dict[str, dict[str, str]]:
    """What the codes that came up are called, by book, as the case's own edition has it."""
    found: dict[str, dict[str, str]] = {}
    for book, code in sorted(reader.used or ()):
        if case.edition.has(book, code):
            found.setdefault(book, {})[code] = case.edition.label(book, code, language)
    return found


_NOTHING_YET: Final = _later_parts(
    ConflictCase(UUID(int=0)), Reader(frozenset(), Witness()), datetime.max.replace(tzinfo=UTC)
)
