"""The schemas of what the API answers, named as the routes name them."""

from __future__ import annotations

from typing import Any

from api.alarm_json import alarm_schemas
from api.background_file import background_schema
from api.case_schemas import case_schema, plan_schema, solution_schema
from api.commitments import commitment_schemas
from api.common_schemas import common_schemas
from api.json_schema import (
    FLAG,
    NUMBER,
    TEXT,
    Json,
    SchemaBook,
    an_object,
    list_of,
    or_null,
)
from api.ledger_schemas import ledger_schemas
from api.list_schemas import list_schemas
from api.orders import order_schemas
from api.playbook import playbook_schema
from api.privacy_schemas import privacy_schemas
from api.promise_report import promise_report_schemas
from api.reports.schema import report_schemas
from api.review_preview import preview_schemas
from api.review_report import review_report_schemas
from api.review_schemas import review_schemas
from api.risk_json import risk_schemas
from api.satisfaction_report import satisfaction_schemas
from api.work import work_schemas


def answer_schemas(book: SchemaBook) -> dict[str, Json]:
    """Every schema that a route shows, and those they are made of."""
    return {
        **common_schemas(),
        "Case": case_schema(book),
        "Solution": solution_schema(book),
        "Plan": plan_schema(book),
        "CaseBackground": background_schema(),
        "Playbook": playbook_schema(),
        **list_schemas(book),
        **work_schemas(),
        **order_schemas(),
        **commitment_schemas(),
        **promise_report_schemas(),
        **alarm_schemas(),
        **risk_schemas(),
        **review_schemas(),
        **preview_schemas(),
        **review_report_schemas(),
        **_books(),
        **report_schemas(),
        **satisfaction_schemas(),
        **privacy_schemas(),
        **ledger_schemas(),
        **_operation(),
    }


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
