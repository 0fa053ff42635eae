"""What holds on every route: who may come in, what every answer carries, what is refused."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api import examples
from api.http_steps import HTTP_STEPS
from api.openapi import openapi_path
from api.route_table import ROUTES
from api.routes import Route
from domain.values import Role
from tests.api.conftest import REPORT, Caller, Callers, Json, shown
from tests.api.test_errors import assert_problem

OPEN = {"/", "/healthz", "/readyz", "/openapi.json", "/docs"}
each_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
later_steps = [step for step in HTTP_STEPS if not step.begins_a_case]
each_later_step = pytest.mark.parametrize("step", later_steps, ids=lambda step: step.command)


def address(route: Route, case_id: str | None = None) -> str:
    """The route's path with something in every place."""
    values = {
        "case_id": case_id or str(uuid4()),
        "ref": "CUST-1",
        "hold_id": str(uuid4()),
        "alarm_id": str(uuid4()),
        "review_id": str(uuid4()),
        "action_id": str(uuid4()),
        "name": "channels",
        "version": "1",
        "number": "1",
    }
    return re.sub(r"{(\w+)}", lambda found: values[found[1]], openapi_path(route.path))


def call(caller: Caller, route: Route, **headers: str) -> TestResponse:
    """Send the route a request that its schema allows."""
    if not route.step:
        return caller.send(route.method, address(route), **headers)
    body = examples.body(route.step.command, "en")
    given = {"Idempotency_Key": str(uuid4()), "If_Match": '"1"'} | headers
    return caller.post(address(route), body, **given)


def step_path(case: Json, step: Any) -> str:
    return f"/v1/cases/{case['id']}/{step.command.replace('_', '-')}"


@each_route
def test_only_five_routes_are_open(app: Flask, stranger: Caller, route: Route) -> None:
    silent = app.test_client().open(address(route), method=route.method)
    forged = call(stranger, route)

    if route.path in OPEN:
        assert silent.status_code == forged.status_code == route.status
    else:
        assert_problem(silent, 401, "unauthenticated")
        assert_problem(forged, 401, "unauthenticated")


@each_route
@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_the_right_is_sent_away(callers: Callers, route: Route, role: Role) -> None:
    answer = call(callers.of(role), route)

    if route.roles is not None and role not in route.roles:
        assert_problem(answer, 403, "forbidden")
        assert shown(answer)["roles"] == sorted(route.roles)
    else:
        assert answer.status_code not in (401, 403)


@each_route
def test_every_answer_carries_its_headers(callers: Callers, route: Route) -> None:
    answer = call(callers.of(min(route.roles or {"admin"})), route, X_Request_Id="walk-1")

    assert answer.headers["X-Request-Id"] == "walk-1"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    if route.roles is not None:
        assert answer.headers["Cache-Control"] == "no-store"
    if answer.content_type == "application/json":
        assert isinstance(shown(answer), dict)


@each_route
def test_unknown_query_parameters_are_refused(callers: Callers, route: Route) -> None:
    caller = callers.of(min(route.roles or {"admin"}))

    answer = caller.send(route.method, f"{address(route)}?nope=1")

    assert_problem(answer, 400, "invalid_parameter")


@pytest.mark.parametrize(
    "route", [each for each in ROUTES if "case_id" in each.path], ids=lambda route: route.name
)
def test_a_case_that_is_not_there_is_not_found(callers: Callers, route: Route) -> None:
    if route.name == "show_case_trail":
        pytest.importorskip("projections.audit_trail")
    answer = call(callers.of(min(route.roles or ())), route)

    assert answer.status_code in (404, 503)
    assert shown(answer)["code"] in ("case_not_found", "read_model_not_ready")


@pytest.fixture(scope="module")
def case(callers: Callers) -> Json:
    return callers.reporter.report()


@each_later_step
def test_every_step_asks_for_the_version_it_saw(callers: Callers, case: Json, step: Any) -> None:
    caller = callers.of(min(step.roles))
    path, body = step_path(case, step), examples.body(step.command, "en")

    assert_problem(caller.post(path, body), 428, "version_required")
    assert_problem(caller.post(path, body, If_Match="*"), 400, "invalid_header")
    stale = caller.post(path, body, If_Match='"7"')
    assert_problem(stale, 412, "case_has_moved")
    assert shown(stale)["current_version"] == case["version"]
    assert_problem(caller.post(path, body, If_Match='"x"'), 412, "case_has_moved")


@pytest.mark.parametrize("step", HTTP_STEPS, ids=lambda step: step.command)
def test_every_step_refuses_unknown_fields(callers: Callers, case: Json, step: Any) -> None:
    caller = callers.of(min(step.roles))
    path = "/v1/cases" if step.begins_a_case else step_path(case, step)
    body = {**examples.body(step.command, "en"), "actor": {"id": "somebody-else"}}

    answer = caller.post(path, body, If_Match='"1"', Idempotency_Key=str(uuid4()))

    assert_problem(answer, 422, "invalid_body")
    assert shown(answer)["errors"][0]["pointer"] == "/actor"


@each_later_step
def test_every_step_refuses_a_time_ahead(callers: Callers, case: Json, step: Any) -> None:
    caller = callers.of(min(step.roles))
    body = {**examples.body(step.command, "en"), "occurred_at": "2099-01-01T00:00:00Z"}

    answer = caller.post(step_path(case, step), body, If_Match='"1"')

    assert shown(answer)["code"] in (
        "occurred_in_future",
        "step_not_allowed",
        "lessons_missing",
        "not_awaiting_customer",
        "unknown_survey",
        "no_order_open",
        "unknown_commitment",
        "unknown_agreement",
        "no_open_points",
        "nothing_asked",
    )
    assert answer.status_code in (409, 422)


def test_a_report_needs_a_key(callers: Callers) -> None:
    assert_problem(callers.reporter.post("/v1/cases", REPORT), 400, "idempotency_key_required")


def test_a_report_answers_with_where_the_case_is(callers: Callers) -> None:
    answer = callers.reporter.post("/v1/cases", REPORT, Idempotency_Key=str(uuid4()))

    case = shown(answer)
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/cases/{case['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert int(answer.headers["Amends-Position"]) > 0
    assert answer.content_type == "application/json"
    assert re.fullmatch(r"C-\d{4}-\d{6,}", case["reference"])


def test_the_head_of_an_answer_can_be_asked_for_alone(callers: Callers) -> None:
    answer = callers.handler.send("HEAD", "/v1/reference-books")

    assert answer.status_code == 200
    assert answer.get_data() == b""


def test_actor_and_conversation_come_from_credential_and_headers(callers: Callers) -> None:
    case = callers.reporter.report()
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    path, body = f"/v1/cases/{case['id']}/acknowledge", examples.body("acknowledge", "en")
    callers.handler.post(path, body, If_Match='"1"', traceparent=trace, X_Causation_Id="job-7")
    callers.handler.post(path, body, If_Match='"2"', X_Correlation_Id="order-9")

    first, second, third = shown(callers.auditor.get(f"/v1/cases/{case['id']}/events"))["items"]

    assert first["actor"] == {"id": "reporter-1", "kind": "service"}
    assert second["actor"]["id"] == "handler-1"
    assert second["correlation_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert second["causation_id"] == "job-7"
    assert third["correlation_id"] == "order-9"
    assert {each["via"] for each in (first, second, third)} == {"api"}
