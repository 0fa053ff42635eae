"""The schemas of what the API answers, named as the routes name them."""

from __future__ import annotations

from typing import Any

from api.alarm_json import alarm_schemas
from api.background_file import background_schema
from api.case_schemas import case_schema, plan_schema, solution_schema
from api.commitments import commitment_schemas
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
from api.orders import order_schemas
from api.playbook import playbook_schema
from api.promise_report import promise_report_schemas
from api.reports.schema import report_schemas
from api.review_report import review_report_schemas
from api.review_schemas import review_schemas
from api.risk_json import risk_schemas
from api.routes import ZIP
from api.satisfaction_report import satisfaction_schemas
from api.work import work_schemas
from domain import events, values
from projections.packs import layout


def answer_schemas(book: SchemaBook) -> dict[str, Json]:
    """Every schema that a route shows, and those they are made of."""
    return {
        **_common(),
        "Case": case_schema(book),
        "Solution": solution_schema(book),
        "Plan": plan_schema(book),
        "CaseBackground": background_schema(),
        "Playbook": playbook_schema(),
        "EventPage": an_object(items=list_of(ref("Event"))),
        "Event": _event(book),
        **_lists(),
        **work_schemas(),
        **order_schemas(),
        **commitment_schemas(),
        **promise_report_schemas(),
        **alarm_schemas(),
        **risk_schemas(),
        **review_schemas(),
        **review_report_schemas(),
        **_books(),
        **report_schemas(),
        **satisfaction_schemas(),
        **_privacy(),
        **_ledger(),
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
            "allowed": list_of(TEXT),
            "reference_book": TEXT,
        },
        "required": ["code", "detail"],
    }
    problem = an_object(
        type=TEXT, title=TEXT, status=NUMBER, detail=TEXT, instance=TEXT, code=TEXT,
        request_id=TEXT,
    )  # fmt: skip
    problem["properties"] |= {
        "errors": list_of(ref("FieldError")),
        "params": {"type": "object"},
        "current_version": NUMBER,
    }
    return {
        "Problem": problem,
        "FieldError": error,
        "Hidden": an_object(hidden={"const": True}),
        "Erased": an_object(erased={"const": True}),
        "Actor": an_object(id=TEXT, kind={"enum": [kind.value for kind in values.ActorKind]}),
    }


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


def _lists() -> dict[str, Json]:
    nullable = or_null(TEXT)
    codes = ("conflict_type", "conflict_subtype", "complaint_cause", "severity", "urgency",
             "handler", "unit", "product")  # fmt: skip
    listed = an_object(
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
    return {
        "ListedCase": listed,
        "CasePage": _case_page(),
        "AuditPage": an_object(items=list_of(_audit_entry())),
        "Timeline": _timeline(),
    }


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


def _books() -> dict[str, Json]:
    labels = an_object(en=TEXT, zh=TEXT)
    about: dict[str, Any] = {
        "name": TEXT,
        "version": NUMBER,
        "versions": list_of(NUMBER),
        "title": labels,
        "source": TEXT,
        "parent_book": or_null(TEXT),
        "codes": NUMBER,
        "links": {"type": "object"},
    }
    entry = an_object(code=TEXT, labels=labels, parent=or_null(TEXT), details={"type": "object"})
    return {
        "ReferenceBookList": an_object(edition=NUMBER, items=list_of(an_object(**about))),
        "ReferenceBook": an_object(**about, entries=list_of(entry)),
    }


def _privacy() -> dict[str, Json]:
    exported = an_object(
        id=TEXT,
        reference=TEXT,
        status=TEXT,
        edition=NUMBER,
        events=list_of({"type": "object"}),
    )
    return {
        "SubjectExport": an_object(
            subject_ref=TEXT,
            exported_at=TIME,
            cases=list_of(exported),
            legal_holds=list_of(ref("LegalHold")),
            erasures=list_of(ref("Erasure")),
            alarms=list_of(ref("Alarm")),
            indicators=list_of(ref("SuppliedIndicatorShown")),
            risk=ref("CustomerRisk"),
            accesses=list_of(ref("Access")),
        ),
        "Access": _access(),
        "AccessPage": an_object(items=list_of(ref("Access"))),
        "Erasure": an_object(
            subject_ref=TEXT,
            erasure_id=TEXT,
            erased_at=TIME,
            ground=TEXT,
            request_ref=or_null(TEXT),
            actor=ref("Actor"),
            keys_destroyed=NUMBER,
            cases=NUMBER,
        ),
        "LegalHold": _hold(),
        "LegalHoldList": an_object(items=list_of(ref("LegalHold"))),
    }


def _hold() -> Json:
    return an_object(
        id=TEXT,
        subject_ref=or_null(TEXT),
        case_id=or_null(TEXT),
        ground=TEXT,
        matter=TEXT,
        placed_at=TIME,
        placed_by=ref("Actor"),
        stands=FLAG,
        release_ground=or_null(TEXT),
        released_at=or_null(TIME),
        released_by=or_null(ref("Actor")),
    )


def _access() -> Json:
    return an_object(
        position=NUMBER,
        recorded_at=TIME,
        actor=ref("Actor"),
        credential_id=or_null(TEXT),
        via=TEXT,
        what=TEXT,
        cases=list_of(TEXT),
        subject_ref=or_null(TEXT),
        texts=NUMBER,
        searched=FLAG,
        reason=or_null(TEXT),
        correlation_id=TEXT,
    )


def _ledger() -> dict[str, Json]:
    tree = an_object(size=NUMBER, root=TEXT)
    key = an_object(
        name=TEXT,
        key_id=TEXT,
        algorithm={"const": "Ed25519"},
        verifier_key=TEXT,
        public_key_pem=TEXT,
        first_used_at=TIME,
    )
    return {
        "SignedNote": TEXT,
        "AuditPack": _audit_pack(),
        "Consistency": an_object(**{"from": tree, "to": tree}, proof=list_of(TEXT)),
        "LedgerKeys": an_object(items=list_of(key)),
    }


def _audit_pack() -> Json:
    """What a ZIP holds cannot be told by a schema, so it is said, with the files of one."""
    case_id = "0190f3c2-7b1e-7c4d-9a51-2f6b8e0d4c11"
    files = (
        *(layout.README, layout.CHECKPOINT, layout.SIGNER, layout.KEYS),
        *(layout.case_file(case_id, name) for name in layout.CASE_FILES),
        layout.receipt_file(case_id, 1),
        *(layout.ABOUT, layout.SUMS),
    )
    return {
        "type": "string",
        "contentMediaType": ZIP,
        "description": "A ZIP; `amends ledger verify-pack` and README.txt in it verify it.",
        "examples": ["\n".join(files)],
    }


def _operation() -> dict[str, Json]:
    check = an_object(name=TEXT, ok=FLAG, needed=FLAG)
    # Beside these, each check has figures of its own.
    check["additionalProperties"] = {"type": ["number", "null"]}
    return {
        "Metrics": TEXT,
        "OpenApi": {"type": "object"},
        "Page": TEXT,
        "MinedCases": {"type": "object"},
        "Alive": an_object(status={"const": "alive"}),
        "Ready": an_object(status={"enum": ["ready", "degraded"]}, checks=list_of(check)),
    }
