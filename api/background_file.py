"""The background file of a case: what a mediator needs to know, complete and to hand over (S36).

It tells both sides' positions, evidence, what was tried, contacts, promises, due times and the
history. What is inside the company only is left out: who is accountable, what it thinks of people
and their unspoken needs, how risks and choices were weighed, lessons. The same version, language
and form give the same bytes, so that the digest in a referral can be checked for as long as the
person is not erased.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final
from uuid import UUID

from api import params
from api.attempt_json import decision_parts, outcome_parts
from api.background_customer import customer_position, told_between
from api.background_page import STYLE, background_page
from api.case_json import case_json
from api.formats import accepted_form
from api.json_body import encode, rfc3339
from api.json_schema import NUMBER, TEXT, TIME, Json, an_object, list_of
from api.params import VERSION
from api.rendering import Reader, actor, fact
from api.routes import JSON, Answer, Call, Route
from domain import events
from domain.conflict_case import ConflictCase
from domain.errors import CaseNotFound, VersionNotFound
from domain.lifecycle import STEP_OF_EVENT
from domain.values import Role, Status
from service.mapper import LoggedEvent

FORMAT: Final = "amends-background-file/2"
MEDIA_TYPES: Final = {"json": JSON, "html": "text/html"}
READERS: Final = frozenset({Role.HANDLER, Role.APPROVER})
"""Who may call a mediator in, and may read what the customer said."""

_ABOUT: Final = (
    "id", "reference", "status", "version", "edition", "attempt", "reported_at", "updated_at",
    "closed_at", "channel", "product_ref", "order_ref", "contract_ref", "language",
    "conflict_type", "conflict_subtype", "complaint_cause", "severity",
)  # fmt: skip
_WEIGHING: Final = frozenset({"feasibility", "risk", "rejection"})
"""How a solution was weighed inside the company."""
_JUDGED: Final = frozenset({"emotion", "sentiment", "process"})
"""How a contact was judged inside the company."""


def show_background_file(call: Call, case_id: UUID) -> Answer:
    """The file, on record with all it shows before it leaves; its digest stands in the headers."""
    history = call.front.cases.history(case_id)
    version = call.query["version"] or len(history)
    if not 1 <= version <= len(history):
        raise VersionNotFound(current_version=len(history))
    history = history[:version]
    case = ConflictCase.folded(case_id, (logged.event for logged in history))
    if not case.version:
        raise CaseNotFound
    form = call.query["format"] or accepted_form(call.request, MEDIA_TYPES)
    words = call.again_in_words()(case.edition)
    body = file_of(case, history, call.reader(), words, form, call.language)
    return _answer(call, case, body, form)


def file_of(
    case: ConflictCase,
    history: list[LoggedEvent],
    reader: Reader,
    in_words: Reader,
    form: str,
    language: str,
) -> bytes:
    """The file in its form. `in_words` is the same reader, who reads codes as words."""
    seen = background(case, history, reader)
    if form == "json":
        return encode(seen)
    return background_page(background(case, history, in_words), language)


def _answer(call: Call, case: ConflictCase, body: bytes, form: str) -> Answer:
    digest = hashlib.sha256(body)
    headers = {
        # A name without a reference: file names are seen by many.
        "Content-Disposition": f'attachment; filename="background-file.{form}"',
        "Content-Digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
        "Amends-File-Sha256": digest.hexdigest(),
        "Amends-File-Version": str(case.version),
        "Vary": "Accept, Accept-Language",
    }
    if form == "json":
        return Answer(body, headers=headers)
    headers |= {"Content-Security-Policy": STYLE.policy_header, "Content-Language": call.language}
    return Answer(body, headers=headers, media_type="text/html; charset=utf-8")


def background(case: ConflictCase, history: list[LoggedEvent], reader: Reader) -> Json:
    """Every part of the file for this reader; due times as they stood at the case's last change."""
    seen_at = case.updated_at or history[-1].recorded_at
    # Rendered whole: the access log may count a text that the file leaves out, never one too few.
    shown = case_json(case, reader, seen_at)
    tried = decision_parts(case, reader)
    ended = outcome_parts(case, reader)
    return {
        "format": FORMAT,
        "case": {name: shown[name] for name in _ABOUT},
        "parties": {
            "customer": shown["customer"],
            "stakeholders": [
                {"role": each["role"], "name": each["name"]} for each in shown["stakeholders"]
            ],
            "handler": shown["handler"],
            "unit": shown["unit"],
            "task_force": shown["task_force"],
        },
        "positions": {
            "customer": customer_position(case, shown, reader),
            "company": _company_position(shown, ended, _earlier_dismissals(history, reader)),
        },
        "evidence": shown["evidence"],
        "attempts": [_attempt(number, tried, ended) for number in range(1, case.attempt + 1)],
        "contacts": {
            "interactions": [
                {name: part for name, part in each.items() if name not in _JUDGED}
                for each in shown["interactions"]
            ],
            "minutes": shown["minutes"],
            "consultations": shown["consultations"],
            **told_between(shown),
        },
        "promises": shown["commitments"],
        "deadlines": shown["clocks"],
        "referrals": shown["referrals"],
        "history": _history(case, history, reader),
    }


def _company_position(shown: Json, ended: Json, earlier_dismissals: list[Json]) -> Json:
    """What the company acknowledged, found, offered at last, and explained."""
    found = ("issues", "main_issue", "primary_cause", "surface_cause", "root_cause")
    explained = ("attempt", "outcome", "upheld", "remedies", "explanation", "occurred_at")
    analysis = shown["analyses"][-1] if shown["analyses"] else None
    return {
        "acknowledgements": shown["acknowledgements"],
        "findings": {name: analysis[name] for name in found} if analysis else None,
        "chosen_solution_id": shown["chosen_solution_id"],
        "answers": [{name: each[name] for name in explained} for each in ended["resolutions"]],
        "earlier_dismissals": earlier_dismissals,
        "dismissal": shown["dismissal"],
    }


def _earlier_dismissals(history: list[LoggedEvent], reader: Reader) -> list[Json]:
    """All but the newest: a report may be dismissed again once it was reopened."""
    told = [each.event for each in history if isinstance(each.event, events.ConflictDismissed)]
    return [fact(event, reader) for event in told[:-1]]


def _attempt(number: int, tried: Json, ended: Json) -> Json:
    """What was offered in an attempt, what of it was carried out, and how it ended."""
    mine = [solution for solution in tried["solutions"] if solution["attempt"] == number]
    return {
        "attempt": number,
        "solutions": [
            {name: part for name, part in solution.items() if name not in _WEIGHING}
            for solution in mine
        ],
        "carried_out": [
            {"action": step["action"], **step["completed"]}
            for plan in tried["plans"]
            for step in plan["steps"]
            if plan["attempt"] == number and step["completed"]
        ],
        "resolutions": [each for each in ended["resolutions"] if each["attempt"] == number],
        "follow_ups": [each for each in ended["follow_ups"] if each["attempt"] == number],
    }


def _history(case: ConflictCase, history: list[LoggedEvent], reader: Reader) -> list[Json]:
    """What happened when, by whom, and where it led; what was said stands in the parts above."""
    lines, status = [], Status.REPORTED
    for logged in history:
        event = logged.event
        status = STEP_OF_EVENT[type(event)].status_after(event, status)
        lines.append(
            {
                "version": event.originator_version,
                "event": event.NAME,
                "occurred_at": rfc3339(event.occurred_at),
                "recorded_at": rfc3339(logged.recorded_at),
                "actor": actor(event),
                "status": reader.note("statuses", status.value),
            }
        )
    return lines


def background_schema() -> Json:
    """The schema of the file; its parts are those of the case."""
    happened: Any = an_object(
        version=NUMBER,
        event=TEXT,
        occurred_at=TIME,
        recorded_at=TIME,
        actor={"$ref": "#/components/schemas/Actor"},
        status=TEXT,
    )
    part: Json = {"type": "object"}
    return an_object(
        format={"enum": [FORMAT]},
        case=part,
        parties=part,
        positions=an_object(customer=part, company=part),
        evidence=list_of(part),
        attempts=list_of(part),
        contacts=part,
        promises=list_of(part),
        deadlines=list_of(part),
        referrals=list_of(part),
        history=list_of(happened),
    )


BACKGROUND_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/cases/<case:case_id>/background-file",
        name="show_background_file",
        summary="The complete background of a case, to hand over to a mediator.",
        tag="Cases",
        view=show_background_file,
        roles=READERS,
        params=(
            VERSION,
            params.choice("format", tuple(MEDIA_TYPES), "Instead of the `Accept` header."),
            params.LANGUAGE,
        ),
        shows="CaseBackground",
        media_types=tuple(MEDIA_TYPES.values()),
    ),
)
