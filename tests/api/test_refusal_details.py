"""What a refused caller is told: what is missing, where, and what to do about it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from api import examples
from api.errors import REFUSAL_PROBLEMS
from api.field_errors import CODES
from tests.api.conftest import Callers, Json, shown
from tests.api.test_errors import assert_problem


def a_case_after(callers: Callers, last: str) -> Json:
    """A case that lived by the examples up to a step, that included."""
    report, *later = examples.life("en")
    case = callers.of(report.role).report(report.body)
    for each in later:
        case = callers.of(each.role).take(case, each.step, each.body)
        if each.step == last:
            return case
    raise AssertionError(last)


def refused(callers: Callers, case: Json, step: str, **changes: Any) -> Json:
    body = {**examples.body(step.replace("-", "_"), "en"), **changes}
    path = f"/v1/cases/{case['id']}/{step}"
    return shown(callers.handler.post(path, body, If_Match=f'"{case["version"]}"'))


def test_no_code_means_both_a_refusal_and_a_fault_of_a_field() -> None:
    assert not CODES & set(REFUSAL_PROBLEMS)


def test_a_step_in_the_wrong_status_names_itself_as_in_addresses_and_where_it_may_be(
    callers: Callers,
) -> None:
    case = callers.reporter.report()

    problem = refused(callers, case, "choose-solution")

    assert problem["code"] == "step_not_allowed"
    assert problem["params"] == {
        "step": "choose-solution",
        "status": "reported",
        "allowed_in": ["risk_assessed"],
    }


def test_what_cannot_be_chosen_yet_says_what_is_not_assessed(callers: Callers) -> None:
    case = a_case_after(callers, "propose_solution")

    problem = refused(callers, case, "choose-solution")

    assert problem["params"]["unassessed_solutions"] == ["S1"]


@pytest.mark.parametrize(
    ("step", "changes", "code", "pointer"),
    [
        ("confirm", {"conflict_type": "price"}, "subtype_of_other_type", "/conflict_subtype"),
        (
            "confirm",
            {"agreement": {"agreed": True, "at": "2099-01-01T00:00:00Z", "channel": "phone"}},
            "done_in_future",
            "/agreement/at",
        ),
        (
            "confirm",
            {"agreement": {"agreed": True, "at": "1950-01-01T00:00:00Z", "channel": "phone"}},
            "done_before_report",
            "/agreement/at",
        ),
        (
            "confirm",
            {"occurred_at": "1950-01-01T00:00:00Z"},
            "occurred_before_report",
            "/occurred_at",
        ),
        ("attach-evidence", {"absent_reason": "none"}, "evidence_incomplete", "/absent_reason"),
    ],
)
def test_a_refusal_of_one_field_points_to_it(
    callers: Callers, step: str, changes: Json, code: str, pointer: str
) -> None:
    case = a_case_after(callers, "acknowledge")

    problem = refused(callers, case, step, **changes)

    assert problem["code"] == code
    assert [(each["pointer"], each["code"]) for each in problem["errors"]] == [(pointer, code)]
    assert problem["errors"][0]["detail"] == REFUSAL_PROBLEMS[code].title.en


def test_an_unknown_case_is_not_said_to_have_been_recorded(callers: Callers) -> None:
    answer = callers.auditor.get(f"/v1/cases/{uuid4()}")

    assert_problem(answer, 404, "case_not_found")
    problem = shown(answer)
    assert "UUID" in problem["detail"]
    assert "params" not in problem


def test_a_choice_the_customer_declined_needs_a_reason(callers: Callers) -> None:
    case = a_case_after(callers, "consult_customer")
    consultation = {**examples.body("consult_customer", "en"), "answer": "declined"}
    case = callers.handler.take(case, "consult-customer", consultation)
    choice = {**examples.body("choose_solution", "en")}
    choice.pop("reason", None)
    path = f"/v1/cases/{case['id']}/choose-solution"

    answer = callers.handler.post(path, choice, If_Match=f'"{case["version"]}"')

    assert_problem(answer, 409, "customer_has_not_accepted")
    assert shown(answer)["params"] == {"solution_id": "S1", "answer": "declined"}
    assert shown(answer)["errors"][0]["pointer"] == "/reason"


def test_a_record_of_another_system_is_reported_once(callers: Callers) -> None:
    report: Json = {
        "channel": "phone",
        "customer": {"ref": "CUST-1"},
        "summary": "Arrived damaged",
        "source": {"system": "crm", "external_id": uuid4().hex},
    }
    case = callers.reporter.report(report, key="first-of-this-record")

    again = callers.reporter.post("/v1/cases", report, Idempotency_Key=str(uuid4()))
    retried = callers.reporter.post("/v1/cases", report, Idempotency_Key="first-of-this-record")

    assert_problem(again, 409, "already_reported")
    assert shown(again)["params"] == {"case_id": case["id"]}
    assert retried.status_code == 201
    assert shown(retried)["id"] == case["id"]


def test_a_case_offers_only_what_this_caller_can_do_now(callers: Callers) -> None:
    case = a_case_after(callers, "choose_solution")
    path = f"/v1/cases/{case['id']}"

    as_handler = shown(callers.handler.get(path))["allowed_steps"]
    as_approver = shown(callers.approver.get(path))["allowed_steps"]

    assert "resolve" not in as_handler
    assert "plan-prevention" not in as_handler
    assert "consult-customer" in as_handler
    assert {"approve-solution", "reject-solution"} <= set(as_approver)
