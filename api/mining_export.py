"""Process mining over HTTP: whole cases as XES or OCEL 2.0, streamed, and who took them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from api import params, parsing
from api.case_list import OPEN_WORD, asked_statuses
from api.formats import accepted_form
from api.routes import JSON, Answer, Call, Param, Route
from domain.values import Role, Status
from projections.mining.cases import MinedLog
from projections.mining.ocel import ocel
from projections.mining.pseudonyms import Pseudonyms
from projections.mining.selection import ORIGINS, Selection
from projections.mining.xes import xes
from service.subjects import Subjects

READERS: Final = frozenset({Role.ANALYST, Role.AUDITOR})
MEDIA_TYPES: Final = {"ocel2": JSON, "xes": "application/xml"}
FORMS: Final = {"ocel2": (ocel, "json"), "xes": (xes, "xes")}


def export_cases(call: Call) -> Answer:
    """The log of the cases that are asked for, case by case as they are read."""
    service, query = call.front.service, call.query
    form = query["format"] or accepted_form(call.request, MEDIA_TYPES)
    language = query["language"] or call.language
    call.context.witness.exported = True
    cases = MinedLog(service.recorder, service.mapper).cases(_selection(query, service.subjects))
    write, suffix = FORMS[form]
    headers = {
        "Content-Disposition": f'attachment; filename="cases.{suffix}"',
        "Content-Language": language,
        "Vary": "Accept, Accept-Language",
    }
    body = write(cases, Pseudonyms.of(service.settings), language)
    return Answer(body, headers=headers, media_type=MEDIA_TYPES[form])


def _selection(query: Mapping[str, Any], subjects: Subjects) -> Selection:
    """The cases that are asked for. Raises Problem."""
    return Selection(
        began_from=query["reported_from"],
        began_to=query["reported_to"],
        statuses=asked_statuses(query["status"]) or frozenset(),
        conflict_types=frozenset({query["type"]} - {None}),
        case_ids=_case_ids(query, subjects),
        origin=query["origin"],
    )


def _case_ids(query: Mapping[str, Any], subjects: Subjects) -> frozenset[UUID] | None:
    chosen = None if query["case_id"] is None else frozenset(query["case_id"])
    if query["customer_ref"] is None:
        return chosen
    theirs = frozenset(subjects.cases_of(query["customer_ref"]))
    return theirs if chosen is None else chosen & theirs


_STATUS: Final = replace(
    params.choice(
        "status", (*Status, OPEN_WORD), "Only cases that stand in one of these, as in the list."
    ),
    many=True,
)
_CASE: Final = Param(
    "case_id",
    parsing.uuid,
    {"type": "string", "format": "uuid"},
    "Only these cases. Several with commas, or given several times.",
    many=True,
)

MINING_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/export",
        name="export_cases",
        summary="Whole cases for process mining (XES, OCEL 2.0): no texts, and pseudonyms.",
        tag="Reports",
        view=export_cases,
        roles=READERS,
        params=(
            params.choice("format", tuple(MEDIA_TYPES), "Instead of the `Accept` header."),
            params.choice("language", ("en", "zh"), "Of the activities' names."),
            params.since("reported_from", "Cases that began at this time or later."),
            params.since("reported_to", "Cases that began before this time."),
            _STATUS,
            params.code("type", "conflict_types", "Only conflicts of this type."),
            params.text("customer_ref", params.reference, "Only cases of this customer."),
            params.choice("origin", ORIGINS, "Only cases of this origin."),
            _CASE,
        ),
        shows="MinedCases",
        media_types=tuple(MEDIA_TYPES.values()),
    ),
)
