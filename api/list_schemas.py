"""The schemas of the lists about cases: cases, events, audit trail, a customer's timeline."""

from __future__ import annotations

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
from domain import events, values


def list_schemas(book: SchemaBook) -> dict[str, Json]:
    return {
        "EventPage": an_object(items=list_of(ref("Event"))),
        "Event": _event(book),
        "ListedCase": _listed_case(),
        "CasePage": _case_page(),
        "AuditPage": an_object(items=list_of(_audit_entry())),
        "Timeline": _timeline(),
    }


def _listed_case() -> Json:
    nullable = or_null(TEXT)
    codes = ("conflict_type", "conflict_subtype", "complaint_cause", "severity", "urgency",
             "handler", "unit", "product")  # fmt: skip
    return an_object(
        id=TEXT,
        reference=nullable,
        status=TEXT,
        version=NUMBER,
        origin=TEXT,
        channel=nullable,
        customer=an_object(ref=nullable, name=or_null(SHOWN_TEXT), tier=nullable),
        summary=or_null(SHOWN_TEXT),
        **dict.fromkeys(codes, nullable),
        source=an_object(system=nullable, external_id=nullable),
        reported_at=TIME,
        updated_at=UPDATED_AT,
        links={"type": "object"},
    )


def _event(book: SchemaBook) -> Json:
    return an_object(
        version=NUMBER,
        name={"enum": [event.NAME for event in events.ALL]},
        schema=NUMBER,
        position=NUMBER,
        occurred_at=TIME,
        recorded_at=TIME,
        actor=ref("Actor"),
        via={"enum": [via.value for via in values.Via]},
        correlation_id=TEXT,
        causation_id=or_null(TEXT),
        data={"anyOf": [{**book.said(event), "title": event.NAME} for event in events.ALL]},
    )


def _case_page() -> Json:
    page = an_object(items=list_of(ref("ListedCase")))
    total = an_object(count=NUMBER, is_exact=FLAG)
    about = "With `count=true`: how many cases the whole list has; at least so many if not exact."
    page["properties"]["total"] = {**total, "description": about}
    return page


def _audit_entry() -> Json:
    change = an_object(field=TEXT, old={}, new={})
    return an_object(
        position=NUMBER,
        case_id=TEXT,
        reference=or_null(TEXT),
        version=NUMBER,
        step=TEXT,
        event=TEXT,
        actor=ref("Actor"),
        via=TEXT,
        occurred_at=TIME,
        recorded_at=TIME,
        correlation_id=TEXT,
        causation_id=or_null(TEXT),
        status_before=or_null(TEXT),
        status_after=TEXT,
        changes=list_of(change),
    )


def _timeline() -> Json:
    item = an_object(
        case_id=TEXT,
        reference=or_null(TEXT),
        event=TEXT,
        version=NUMBER,
        channel=or_null(TEXT),
        occurred_at=TIME,
        recorded_at=TIME,
        actor=ref("Actor"),
        data={"type": "object"},
    )
    customer = an_object(ref=or_null(TEXT), name=or_null(SHOWN_TEXT), tier=or_null(TEXT))
    return an_object(
        customer=customer,
        cases=list_of(ref("ListedCase")),
        more_cases=FLAG,
        risk=or_null(ref("RiskInShort")),
        items=list_of(item),
    )
