"""The schemas of what the API answers, named as the routes name them."""

from __future__ import annotations

from typing import Any, Final

from api.json_schema import SHOWN_TEXT, Json, SchemaBook, or_null
from domain import events, values

_TIME: Final[Json] = {"type": "string", "format": "date-time"}
_TEXT: Final[Json] = {"type": "string"}
_NUMBER: Final[Json] = {"type": "integer"}
_FLAG: Final[Json] = {"type": "boolean"}


def _object(**properties: Json) -> Json:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(item: Json) -> Json:
    return {"type": "array", "items": item}


def answer_schemas(book: SchemaBook) -> dict[str, Json]:
    """Every schema that a route shows, and those they are made of."""
    return {
        **_common(),
        "Case": _case(book),
        "Solution": _solution(book),
        "Plan": _plan(book),
        "EventPage": _object(items=_list(_ref("Event"))),
        "Event": _event(book),
        **_books(),
        **_operation(),
    }


def _common() -> dict[str, Json]:
    error = {
        "type": "object",
        "properties": {
            "pointer": {"type": "string", "description": "Where in the body (RFC 6901)."},
            "parameter": {"type": "string", "description": "Which query parameter."},
            "header": {"type": "string", "description": "Which request header."},
            "code": {"type": "string", "description": "Stable; may be branched on."},
            "detail": {"type": "string"},
            "allowed": _list(_TEXT),
            "reference_book": _TEXT,
        },
        "required": ["code", "detail"],
    }
    problem = _object(
        type=_TEXT, title=_TEXT, status=_NUMBER, detail=_TEXT, instance=_TEXT, code=_TEXT,
        request_id=_TEXT,
    )  # fmt: skip
    problem["properties"] |= {
        "errors": _list(_ref("FieldError")),
        "params": {"type": "object"},
        "current_version": _NUMBER,
    }
    return {
        "Problem": problem,
        "FieldError": error,
        "Hidden": _object(hidden={"const": True}),
        "Erased": _object(erased={"const": True}),
        "Actor": _object(id=_TEXT, kind={"enum": [kind.value for kind in values.ActorKind]}),
    }


def _case(book: SchemaBook) -> Json:
    report = book.said(events.ConflictReported)["properties"]
    confirmed = book.said(events.ConflictConfirmed)["properties"]
    for name in ("reference", "edition"):
        report.pop(name)
    case = _object(
        id={"type": "string", "format": "uuid"},
        reference=_TEXT,
        status={"enum": [status.value for status in values.Status]},
        version=_NUMBER,
        edition=_NUMBER,
        origin={"enum": ["reported", "imported"]},
        attempt=_NUMBER,
        reported_at=or_null(_TIME),
        updated_at=or_null(_TIME),
        closed_at=or_null(_TIME),
        **{name: _or_null_once(schema) for name, schema in report.items()},
        imported=or_null(book.fact(events.CaseImported, entries=_list({"type": "object"}))),
        **{name: _or_null_once(schema) for name, schema in confirmed.items()},
        **_handling(book),
        **_decision(book),
        **_outcome(book),
        allowed_steps=_list(_TEXT),
        links={"type": "object"},
    )
    case["properties"]["labels"] = {"type": "object", "description": "With ?labels=true."}
    return case


def _or_null_once(schema: Json) -> Json:
    """A field of an event that may not have come yet; a list is empty then."""
    already = schema.get("type") == "array" or "null" in str(schema.get("type"))
    already = already or {"type": "null"} in schema.get("oneOf", ())
    return schema if already else or_null(schema)


def _handling(book: SchemaBook) -> dict[str, Json]:
    return {
        "handler": or_null(_TEXT),
        "unit": or_null(_TEXT),
        "assignments": _list(book.fact(events.CaseAssigned)),
        "acknowledgements": _list(book.fact(events.ConflictAcknowledged)),
        "evidence": _list(book.fact(events.EvidenceAttached)),
        "interactions": _list(book.fact(events.InteractionLogged)),
        "escalations": _list(book.fact(events.CaseEscalated)),
        "referrals": _list(book.fact(events.CaseReferred)),
        "analyses": _list(book.fact(events.ConflictAnalysed)),
    }


def _decision(book: SchemaBook) -> dict[str, Json]:
    return {
        "solutions": _list(_ref("Solution")),
        "consultations": _list(book.fact(events.CustomerConsulted)),
        "chosen_solution_id": or_null(_TEXT),
        "choice": or_null(book.fact(events.SolutionChosen)),
        "needs_approval": _FLAG,
        "approval": or_null(book.fact(events.SolutionApproved)),
        "plan": or_null(_ref("Plan")),
        "plans": _list(_ref("Plan")),
    }


def _solution(book: SchemaBook) -> Json:
    solution = book.fact(
        events.SolutionProposed,
        attempt=_NUMBER,
        status={"enum": ["proposed", "chosen", "approved", "rejected", "replaced", "past"]},
        replaced_by=or_null(_TEXT),
        risk=or_null(_risk(book)),
        consultation=or_null(book.fact(events.CustomerConsulted)),
        rejection=or_null(book.fact(events.SolutionRejected)),
    )
    scores = book.value(values.Feasibility, writing=False)
    sums = _object(total={"type": "integer", "maximum": 25}, is_complete=_FLAG)
    solution["properties"]["feasibility"] = {"allOf": [_open(book, scores), sums]}
    return solution


def _open(book: SchemaBook, reference: Json) -> Json:
    """The schema behind a reference, with room for figures beside its fields."""
    schema = book.components[reference["$ref"].rpartition("/")[2]]
    return {name: part for name, part in schema.items() if name != "additionalProperties"}


def _risk(book: SchemaBook) -> Json:
    one = _open(book, book.value(values.Risk, writing=False))
    scored = {"allOf": [one, _object(score={"type": "integer", "maximum": 25})]}
    return _object(risks=_list(scored), highest=_NUMBER, occurred_at=_TIME, actor=_ref("Actor"))


def _plan(book: SchemaBook) -> Json:
    step = _open(book, book.value(values.PlanStep, writing=False))
    done = or_null(book.fact(events.PlanStepCompleted))
    return _object(
        revision=_NUMBER,
        attempt=_NUMBER,
        solution_id=_TEXT,
        reason=or_null(SHOWN_TEXT),
        steps=_list({"allOf": [step, _object(number=_NUMBER, completed=done)]}),
    )


def _outcome(book: SchemaBook) -> dict[str, Json]:
    completion = or_null(book.fact(events.PreventionCompleted))
    check = or_null(book.fact(events.PreventionChecked))
    state = {"enum": ["planned", "completed", "checked"]}
    prevention = book.fact(
        events.PreventionPlanned, state=state, completion=completion, check=check
    )
    return {
        "resolution": or_null(book.fact(events.ConflictResolved)),
        "resolutions": _list(book.fact(events.ConflictResolved, attempt=_NUMBER)),
        "follow_ups": _list(book.fact(events.ConflictFollowedUp, attempt=_NUMBER)),
        "satisfied": or_null(_FLAG),
        "substantially_solved": or_null(_FLAG),
        "lessons": _list(book.fact(events.LessonsRecorded, attempt=_NUMBER)),
        "preventions": _list(prevention),
        "trainings": _list(book.fact(events.TrainingHeld)),
        "dismissal": or_null(book.fact(events.ConflictDismissed)),
        "withdrawal": or_null(book.fact(events.ConflictWithdrawn)),
        "reopenings": _list(book.fact(events.CaseReopened)),
        "merged_into": or_null(_TEXT),
    }


def _event(book: SchemaBook) -> Json:
    return _object(
        version=_NUMBER,
        name={"enum": [event.NAME for event in events.ALL]},
        schema=_NUMBER,
        position=_NUMBER,
        occurred_at=_TIME,
        recorded_at=_TIME,
        actor=_ref("Actor"),
        via={"enum": [via.value for via in values.Via]},
        correlation_id=_TEXT,
        causation_id=or_null(_TEXT),
        data={"anyOf": [{**book.said(event), "title": event.NAME} for event in events.ALL]},
    )


def _books() -> dict[str, Json]:
    labels = _object(en=_TEXT, zh=_TEXT)
    about: dict[str, Any] = {
        "name": _TEXT,
        "version": _NUMBER,
        "versions": _list(_NUMBER),
        "title": labels,
        "source": _TEXT,
        "parent_book": or_null(_TEXT),
        "codes": _NUMBER,
        "links": {"type": "object"},
    }
    entry = _object(code=_TEXT, labels=labels, parent=or_null(_TEXT), details={"type": "object"})
    return {
        "ReferenceBookList": _object(edition=_NUMBER, items=_list(_object(**about))),
        "ReferenceBook": _object(**about, entries=_list(entry)),
    }


def _operation() -> dict[str, Json]:
    check = _object(name=_TEXT, ok=_FLAG)
    return {
        "Metrics": _TEXT,
        "OpenApi": {"type": "object"},
        "Page": _TEXT,
        "Alive": _object(status={"const": "alive"}),
        "Ready": _object(status={"enum": ["ready", "degraded"]}, checks=_list(check)),
    }
