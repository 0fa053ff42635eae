"""Who looked: every answer that shows personal text is on record before it leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from api import examples
from api.app import create_app
from api.route_table import ROUTES
from domain.values import Role
from projections.engine import ProjectionEngine
from service.access_tokens import AccessTokens
from service.assembly import build
from service.settings import Settings
from tests.api.conftest import REPORT, Caller, Callers, Json, shown
from tests.api.lessons.conftest import LIVED
from tests.api.test_conventions import address
from tests.api.test_errors import assert_problem
from tests.service.privacy_steps import erase

WORD = "Quvexilated"


@pytest.fixture
def case(callers: Callers, ref: str) -> Json:
    return callers.reporter.report({**REPORT, "customer": {"ref": ref}, "summary": WORD})


def accesses(callers: Callers, query: str = "") -> list[Json]:
    found: list[Json] = shown(callers.auditor.get(f"/v1/access-log?limit=200&{query}"))["items"]
    return found


def of(callers: Callers, caller: Caller) -> list[Json]:
    return accesses(callers, f"actor={caller.name}")


def test_a_look_at_a_case_is_on_record(callers: Callers, everybody: Caller, case: Json) -> None:
    answer = everybody.get(
        f"/v1/cases/{case['id']}",
        Amends_Access_Reason="ticket-4711",
        X_Correlation_Id="conversation-9",
    )

    (access,) = of(callers, everybody)
    assert shown(answer)["summary"] == WORD
    assert access["what"] == "show_case"
    assert access["cases"] == [case["id"]]
    assert access["texts"] == 1
    assert access["actor"] == {"id": everybody.name, "kind": "service"}
    assert (access["reason"], access["correlation_id"]) == ("ticket-4711", "conversation-9")
    assert access["via"] == "api"
    assert access["credential_id"]
    assert not access["searched"]


def test_who_sees_no_text_leaves_no_trace(callers: Callers, case: Json) -> None:
    before = accesses(callers, f"case_id={case['id']}")

    for caller in (callers.reporter, callers.auditor, callers.admin):
        assert shown(caller.get(f"/v1/cases/{case['id']}"))["summary"] == {"hidden": True}

    assert accesses(callers, f"case_id={case['id']}") == before == []


EXPORTS = {"export_cases"}
"""On record whatever they hold: they take many cases away at once."""


@pytest.mark.parametrize(
    "route", [each for each in ROUTES if each.method == "GET"], ids=lambda route: route.name
)
def test_no_route_shows_a_text_without_a_record(
    callers: Callers,
    everybody: Caller,
    case: Json,
    read_models: ProjectionEngine,
    route: Any,
    ref: str,
) -> None:
    read_models.catch_up()
    path = address(route, case["id"]).replace("CUST-1", ref)

    answer = everybody.get(path)

    found = of(callers, everybody)
    shows_it = WORD in answer.get_data(as_text=True)
    assert len(found) == (shows_it or route.name in EXPORTS)
    assert all(case["id"] in access["cases"] for access in found if shows_it)
    assert {access["what"] for access in found} <= {route.name}


def test_the_walk_sees_texts_on_the_routes_that_show_them(
    callers: Callers, everybody: Caller, case: Json, read_models: ProjectionEngine, ref: str
) -> None:
    """So that the walk over all routes proves something."""
    read_models.catch_up()
    paths = (
        "/v1/cases?limit=200",
        f"/v1/cases/{case['id']}",
        f"/v1/cases/{case['id']}/events",
        f"/v1/cases/{case['id']}/audit-trail",
        f"/v1/customers/{ref}/timeline",
    )

    for path in paths:
        assert WORD in everybody.get(path).get_data(as_text=True)

    names = {"list_cases", "show_case", "show_events", "show_case_trail", "show_timeline"}
    assert {access["what"] for access in of(callers, everybody)} == names


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_report_names_the_cases_whose_texts_it_quotes(
    callers: Callers, everybody: Caller, read_models: ProjectionEngine, form: str
) -> None:
    report, *later = examples.life("en")
    told = callers.of(report.role).report(report.body)
    for each in later:
        told = callers.of(each.role).take(told, each.step, each.body)
    read_models.catch_up()

    everybody.get(f"{LIVED}&format={form}")

    (access,) = of(callers, everybody)
    assert access["what"] == "show_lessons_learned"
    assert told["id"] in access["cases"]


def test_a_search_in_texts_is_on_record_also_when_it_finds_nothing(
    callers: Callers, everybody: Caller, read_models: ProjectionEngine
) -> None:
    everybody.get("/v1/cases?q=unfindable")
    callers.reporter.get("/v1/cases?q=unfindable")

    (access,) = of(callers, everybody)
    assert access["searched"]
    assert access["cases"] == []
    assert accesses(callers, "actor=reporter-1") == []


def test_a_step_is_its_own_record_but_its_repetition_is_a_look(
    callers: Callers, everybody: Caller, case: Json
) -> None:
    path, body = f"/v1/cases/{case['id']}/acknowledge", examples.body("acknowledge", "en")
    key = str(uuid4())

    first = everybody.post(path, body, If_Match='"1"', Idempotency_Key=key)
    after_first = of(callers, everybody)
    again = everybody.post(path, body, If_Match='"1"', Idempotency_Key=key)

    assert shown(first)["summary"] == shown(again)["summary"] == WORD
    assert after_first == []
    assert [access["what"] for access in of(callers, everybody)] == ["acknowledge"]


def test_no_text_stands_in_a_record(
    app: Flask, everybody: Caller, case: Json, read_models: ProjectionEngine
) -> None:
    everybody.get(f"/v1/cases/{case['id']}")
    everybody.get(f"/v1/cases?q={WORD}")

    with app.extensions["amends"].engine.connect() as connection:
        states = connection.execute(text("SELECT convert_from(state, 'UTF8') FROM records"))
        stored = "\n".join(states.scalars())

    assert everybody.name in stored
    assert WORD.lower() not in stored.lower()


@pytest.mark.parametrize("reason", ["Jo Doe called", "a@b", "x" * 101])
def test_a_reason_is_a_reference_and_no_sentence(
    callers: Callers, everybody: Caller, case: Json, reason: str
) -> None:
    answer = everybody.get(f"/v1/cases/{case['id']}", Amends_Access_Reason=reason)

    assert_problem(answer, 400, "invalid_header")
    assert WORD not in answer.get_data(as_text=True)
    assert of(callers, everybody) == []


def test_where_a_reason_is_required_nothing_is_shown_without(
    settings: Settings,
) -> None:
    app = create_app(replace(settings, rate_limit_per_minute=0, require_access_reason=True))
    front = app.extensions["amends"]
    caller = Caller(app, AccessTokens(front.engine).create("all", list(Role))[1], "all")
    case = caller.report({**REPORT, "summary": WORD})

    refused = caller.get(f"/v1/cases/{case['id']}")
    shown_case = caller.get(f"/v1/cases/{case['id']}", Amends_Access_Reason="ticket-1")

    assert_problem(refused, 400, "access_reason_required")
    assert WORD not in refused.get_data(as_text=True)
    assert shown(shown_case)["summary"] == WORD
    front.engine.dispose()


def test_an_answer_shows_nothing_of_who_was_erased_a_moment_ago(
    app: Flask, callers: Callers, case: Json, ref: str, shared_settings: Settings
) -> None:
    """Though this process still has the key at hand."""
    assert shown(callers.handler.get(f"/v1/cases/{case['id']}"))["summary"] == WORD
    other_process = build(shared_settings)
    erase(other_process, ref)
    other_process.engine.dispose()

    answer = callers.handler.get(f"/v1/cases/{case['id']}")

    assert shown(answer)["summary"] == {"erased": True}


def test_accesses_come_in_pages_the_newest_first(
    callers: Callers, everybody: Caller, case: Json
) -> None:
    for number in range(5):
        everybody.get(f"/v1/cases/{case['id']}", Amends_Access_Reason=f"look-{number}")

    path, found = f"/v1/access-log?actor={everybody.name}&limit=2", []
    while path:
        answer = callers.auditor.get(path)
        found += [access["reason"] for access in shown(answer)["items"]]
        path = answer.headers.get("Link", "").partition(";")[0].strip("<>")

    assert found == [f"look-{number}" for number in reversed(range(5))]


def test_accesses_are_found_by_case_person_and_time(
    callers: Callers, everybody: Caller, case: Json, ref: str
) -> None:
    other = callers.reporter.report({**REPORT, "customer": {"ref": ref}})
    everybody.get(f"/v1/cases/{case['id']}")
    everybody.get(f"/v1/cases/{other['id']}")

    by_case = accesses(callers, f"case_id={case['id']}")
    by_person = accesses(callers, f"subject_ref={ref}")
    both = accesses(callers, f"subject_ref=CUST-404&case_id={case['id']}")
    later = accesses(callers, f"actor={everybody.name}&recorded_from=2099-01-01T00:00:00Z")
    until = accesses(callers, f"actor={everybody.name}&recorded_to=2099-01-01T00:00:00Z")

    assert [access["cases"] for access in by_case] == [[case["id"]]]
    assert [access["cases"] for access in by_person] == [[other["id"]], [case["id"]]]
    assert (both, later) == ([], [])
    assert len(until) == 2


def test_a_cursor_of_another_list_is_refused(callers: Callers) -> None:
    assert_problem(callers.auditor.get("/v1/access-log?cursor=WyJ4Il0"), 400, "invalid_cursor")
