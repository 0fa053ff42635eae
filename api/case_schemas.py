"""The schema of a case as it is answered."""

from __future__ import annotations

from api.clock_json import clock_schemas
from api.follow_up_json import follow_up_schemas
from api.json_schema import (
    FLAG,
    NUMBER,
    SHOWN_TEXT,
    TEXT,
    TIME,
    UPDATED_AT,
    Json,
    SchemaBook,
    an_object,
    list_of,
    or_null,
    ref,
)
from api.promise_json import promise_schemas
from api.raising_json import raising_schemas
from api.state_labels import SOLUTION_STATES
from domain import events, solution_values, values


def case_schema(book: SchemaBook) -> Json:
    report = book.said(events.ConflictReported)["properties"]
    confirmed = book.said(events.ConflictConfirmed)["properties"]
    for name in ("reference", "edition"):
        report.pop(name)
    case = an_object(
        id={"type": "string", "format": "uuid"},
        reference=TEXT,
        status={"enum": [status.value for status in values.Status]},
        version=NUMBER,
        edition=NUMBER,
        origin={"enum": ["reported", "imported"]},
        attempt=NUMBER,
        reported_at=or_null(TIME),
        updated_at=or_null(UPDATED_AT),
        closed_at=or_null(TIME),
        **{name: _or_null_once(schema) for name, schema in report.items()},
        imported=or_null(book.fact(events.CaseImported, entries=list_of({"type": "object"}))),
        **{name: _or_null_once(schema) for name, schema in confirmed.items()},
        **clock_schemas(),
        **promise_schemas(book),
        **_handling(book),
        **raising_schemas(book),
        **_decision(book),
        **_outcome(book),
        **follow_up_schemas(book),
        allowed_steps=list_of(TEXT),
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
        "handler": or_null(TEXT),
        "unit": or_null(TEXT),
        "assignments": list_of(book.fact(events.CaseAssigned)),
        "acknowledgements": list_of(book.fact(events.ConflictAcknowledged)),
        "evidence": list_of(book.fact(events.EvidenceAttached)),
        "interactions": list_of(book.fact(events.InteractionLogged)),
        "escalations": list_of(book.fact(events.CaseEscalated)),
        "referrals": list_of(book.fact(events.CaseReferred)),
        "minutes": list_of(book.fact(events.MinutesSent, owner_label=or_null(TEXT))),
        "analyses": list_of(book.fact(events.ConflictAnalysed)),
    }


def _decision(book: SchemaBook) -> dict[str, Json]:
    return {
        "solutions": list_of(ref("Solution")),
        "consultations": list_of(book.fact(events.CustomerConsulted)),
        "chosen_solution_id": or_null(TEXT),
        "choice": or_null(book.fact(events.SolutionChosen)),
        "needs_approval": FLAG,
        "approval": or_null(book.fact(events.SolutionApproved)),
        "withdrawn_approval": or_null(book.fact(events.ApprovalWithdrawn)),
        "plan": or_null(ref("Plan")),
        "plans": list_of(ref("Plan")),
    }


def solution_schema(book: SchemaBook) -> Json:
    solution = book.fact(
        events.SolutionProposed,
        attempt=NUMBER,
        status={"enum": list(SOLUTION_STATES)},
        status_label=TEXT,
        replaced_by=or_null(TEXT),
        risk=or_null(_risk(book)),
        consultation=or_null(book.fact(events.CustomerConsulted)),
        rejection=or_null(book.fact(events.SolutionRejected)),
    )
    sums = an_object(total={"type": "integer", "maximum": 25}, is_complete=FLAG)
    solution["properties"]["feasibility"] = {
        "allOf": [book.open(solution_values.Feasibility), sums]
    }
    return solution


def _risk(book: SchemaBook) -> Json:
    one = book.open(solution_values.Risk)
    scored = {"allOf": [one, an_object(score={"type": "integer", "maximum": 25})]}
    return an_object(risks=list_of(scored), highest=NUMBER, occurred_at=TIME, actor=ref("Actor"))


def plan_schema(book: SchemaBook) -> Json:
    step = book.open(solution_values.PlanStep)
    done = or_null(book.fact(events.PlanStepCompleted))
    placed = an_object(number=NUMBER, owner_label=TEXT, completed=done)
    return an_object(
        revision=NUMBER,
        attempt=NUMBER,
        solution_id=TEXT,
        reason=or_null(SHOWN_TEXT),
        steps=list_of({"allOf": [step, placed]}),
    )


def _outcome(book: SchemaBook) -> dict[str, Json]:
    completion = or_null(book.fact(events.PreventionCompleted))
    check = or_null(book.fact(events.PreventionChecked))
    state = {"enum": ["planned", "completed", "checked"]}
    prevention = book.fact(
        events.PreventionPlanned,
        state=state,
        state_label=TEXT,
        owner_label=TEXT,
        completion=completion,
        check=check,
    )
    return {
        "resolution": or_null(book.fact(events.ConflictResolved)),
        "resolutions": list_of(book.fact(events.ConflictResolved, attempt=NUMBER)),
        "follow_ups": list_of(book.fact(events.ConflictFollowedUp, attempt=NUMBER)),
        "satisfied": or_null(FLAG),
        "substantially_solved": or_null(FLAG),
        "lessons": list_of(book.fact(events.LessonsRecorded, attempt=NUMBER)),
        "preventions": list_of(prevention),
        "trainings": list_of(book.fact(events.TrainingHeld)),
        "dismissal": or_null(book.fact(events.ConflictDismissed)),
        "withdrawal": or_null(book.fact(events.ConflictWithdrawn)),
        "reopenings": list_of(book.fact(events.CaseReopened)),
        "merged_into": or_null(TEXT),
        "erasures": list_of(book.fact(events.PersonalDataErased)),
    }
