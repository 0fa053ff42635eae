"""The description equals the routes, is valid OpenAPI 3.1, and its examples and answers hold."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from api import examples
from api.errors import PROBLEM_KINDS
from api.http_steps import HTTP_STEPS
from api.openapi import openapi_path
from api.readers import known_codes
from api.route_table import ROUTES
from api.routes import JSON, Route
from domain.early_warning.alarms import alarm_id
from domain.early_warning.judging import Tally, judge
from domain.early_warning.rules import rules_of
from domain.reviews.corrective import action_id
from domain.reviews.review import review_id
from domain.reviews.rhythm import Occurrence, kinds_of
from domain.reviews.values import FigureGiven
from projections.engine import ProjectionEngine
from projections.ledger.feeding import LedgerFeeder
from tests.api.conftest import Callers, Json, shown
from tests.given import circumstances


@pytest.fixture(scope="module")
def document(app: Flask) -> Json:
    return shown(app.test_client().get("/openapi.json"))


def check(document: Json, schema: str, value: Any) -> None:
    """The value fits the named component. Raises ValidationError."""
    whole = {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def test_it_is_valid_openapi(document: Json) -> None:
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_it_names_every_route_and_no_other(app: Flask, document: Json) -> None:
    described = {
        (path, method.upper()) for path, methods in document["paths"].items() for method in methods
    }
    served = {
        (openapi_path(rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }

    assert described == served


@pytest.mark.parametrize("step", HTTP_STEPS, ids=lambda step: step.command)
@pytest.mark.parametrize("language", examples.LANGUAGES)
def test_the_examples_fit_their_schema(document: Json, step: Any, language: str) -> None:
    check(document, f"{step.event.__name__}Body", examples.body(step.command, language))


def test_what_the_schema_forbids_the_route_refuses(document: Json, callers: Callers) -> None:
    report = examples.body("report", "en")
    wrong = [
        {**report, "channel": "pigeon"},
        {**report, "nope": 1},
        {**report, "summary": ""},
        {**report, "customer": {}},
        {name: value for name, value in report.items() if name != "summary"},
    ]

    for body in wrong:
        with pytest.raises(jsonschema.ValidationError):
            check(document, "ConflictReportedBody", body)
        answer = callers.handler.post("/v1/cases", body, Idempotency_Key="x")
        assert answer.status_code == 422


@pytest.mark.parametrize("role", ["handler", "auditor"])
def test_a_whole_case_fits_its_schema(document: Json, callers: Callers, role: str) -> None:
    report, *later = examples.life("en")
    case = callers.of(report.role).report(report.body)
    check(document, "Case", case)
    for each in later:
        case = callers.of(each.role).take(case, each.step, each.body)
        check(document, "Case", case)
    reader = callers.of(role)
    path = f"/v1/cases/{case['id']}"

    check(document, "Case", shown(reader.get(f"{path}?labels=true")))
    check(document, "EventPage", shown(reader.get(f"{path}/events")))


def closed(schema: Any) -> Any:
    """The schema, with no member allowed that it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    # Parts of one object name only their own members, and an open object has none to name.
    found = {name: each if name == "allOf" else closed(each) for name, each in schema.items()}
    return {"additionalProperties": False, **found} if "properties" in schema else found


def an_alarm(app: Flask) -> str:
    """The id of an alarm, which is raised unless it was."""
    rule, at = rules_of()["complaints_spike_channel"], datetime(2026, 3, 2, tzinfo=UTC)
    looked = Tally(60, 0, 0, 1, 60), *[Tally(20, 0, 0, 1, 60)] * rule.baseline_windows
    finding = judge(rule, looked)
    assert finding is not None
    app.extensions["amends"].service.alarms.raise_once(rule, "phone", at, finding)
    return str(alarm_id(rule, "phone", at))


AUDIT = Occurrence(kind=kinds_of()["quarterly_audit"], scheduled_on=date(2026, 4, 10))


def an_audit(app: Flask) -> str:
    """The id of an audit with a figure that deviates, which is opened unless it was."""
    reviews = app.extensions["amends"].service.reviews
    if reviews.open_once(AUDIT):
        by = circumstances(at=AUDIT.opens_at)
        told = FigureGiven(figure="records_complete", sampled=40, found=Decimal(90))
        reviews.record_figures(review_id(AUDIT), by, expected_version=1, figures=[told])
    return str(review_id(AUDIT))


def an_action(app: Flask) -> str:
    """The id of the corrective action of that audit."""
    return str(action_id(UUID(an_audit(app)), "records_complete"))


QUERIES = {"show_consistency": "?from=1&to=2"}
"""What a route needs before it answers with more than a problem."""

READ: Any = [
    route for route in ROUTES if route.method == "GET" and JSON in route.media_types
]  # fmt: skip


@pytest.mark.parametrize("route", READ, ids=lambda route: route.name)
def test_what_is_read_says_what_its_schema_names_and_nothing_else(
    document: Json, callers: Callers, read_models: ProjectionEngine, route: Route
) -> None:
    report, *later = examples.life("en")
    case = callers.of(report.role).report(report.body)
    for each in later:
        case = callers.of(each.role).take(case, each.step, each.body)
    read_models.catch_up()
    LedgerFeeder(read_models.database).catch_up()
    path = route.path.replace("<case:case_id>", case["id"])
    path = path.replace("<path:ref>", report.body["customer"]["ref"])
    path = path.replace("<uuid:alarm_id>", an_alarm(callers.handler.app))
    path = path.replace("<uuid:review_id>", an_audit(callers.handler.app))
    path = path.replace("<uuid:action_id>", an_action(callers.handler.app))
    path = re.sub("<name>", "channels", re.sub("<int.*>", "1", path)) + QUERIES.get(route.name, "")

    answer = callers.of("handler" if route.roles is None else max(route.roles)).get(path)

    assert answer.status_code == 200, path
    strict = {**document, "components": closed(document["components"])}
    check(strict, route.shows, shown(answer))


def test_problems_fit_their_schema(document: Json, callers: Callers) -> None:
    check(document, "Problem", shown(callers.handler.post("/v1/cases", {}, Idempotency_Key="x")))
    check(document, "Problem", shown(callers.handler.get("/v1/cases?limit=x")))


def test_books_fit_their_schema(document: Json, callers: Callers) -> None:
    books = shown(callers.reporter.get("/v1/reference-books"))

    check(document, "ReferenceBookList", books)
    for each in books["items"]:
        check(document, "ReferenceBook", shown(callers.reporter.get(each["links"]["self"])))


def test_the_page_needs_nothing_from_elsewhere(app: Flask, document: Json) -> None:
    answer = app.test_client().get("/docs")

    page = answer.get_data(as_text=True)
    assert answer.content_type == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script" not in page
    assert "http-equiv" not in page
    assert "src=" not in page
    for path in document["paths"]:
        assert path in page
    for code in PROBLEM_KINDS:
        assert f'id="problem-{code}"' in page
    for code in known_codes("conflict_subtypes"):
        assert code in page
    assert "`" not in page
    assert not re.search(r"\bNone\b(?! of)", page)
    assert json.dumps(examples.body("follow_up", "zh")["comment"], ensure_ascii=False)[1:-1] in page


def test_the_page_names_the_address_that_was_asked(app: Flask) -> None:
    page = app.test_client().get("/docs", base_url="http://amends.example:9000")

    assert "\nAMENDS=http://amends.example:9000\n" in page.get_data(as_text=True).replace(">", "\n")


@pytest.mark.parametrize("host", ['"><b>', "$(id)", "`id`", "a b", ""])
def test_a_host_that_is_none_is_not_repeated(app: Flask, host: str) -> None:
    page = app.test_client().get("/docs", headers={"Host": host})

    assert page.status_code in (200, 400)
    assert not host or host not in page.get_data(as_text=True)


def test_the_front_door_leads_to_the_page(app: Flask) -> None:
    answer = app.test_client().get("/")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/docs"
    assert answer.get_data() == b""
