"""Surveys, scores and directors' orders over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from projections.engine import ProjectionEngine
from projections.order_watch import OrderWatch
from tests.api.conftest import REPORT, Callers, Json, shown
from tests.api.test_errors import assert_problem

PLAN: Json = {
    "plan": "回访客户并整改",
    "steps": [{"action": "Call", "owner": "客服部", "due": "2030-01-01T10:00:00Z", "priority": 1}],
}


def a_customer() -> str:
    return f"CUST-{uuid4().hex[:10]}"


def ask_and_answer(callers: Callers, case: Json, value: int, scale: str = "csat_1_5") -> Json:
    survey = {"occasion": "contact", "channel": "mail", "scale": scale}
    case = callers.handler.take(case, "send_survey", survey)
    answer = {"survey_id": case["surveys"][-1]["survey_id"], "value": value, "comment": "太慢"}
    return callers.reporter.take(case, "answer_survey", answer)


@pytest.fixture
def look(app: Flask, read_models: ProjectionEngine) -> Any:
    """Let the worker read what is new, watch, and read what came of it."""
    service = app.extensions["amends"].service

    def look() -> None:
        read_models.catch_up()
        OrderWatch(service.engine, service.orders).look()
        read_models.catch_up()

    return look


def an_order(callers: Callers, look: Any, customer: str) -> Json:
    """Two low scores of a customer, over two channels and scales."""
    for channel, value, scale in (("phone", 6, "csat_1_10"), ("web", 3, "csat_1_5")):
        case = callers.reporter.report(
            {**REPORT, "channel": channel, "customer": {"ref": customer}}
        )
        ask_and_answer(callers, case, value, scale)
    look()
    (order,) = shown(callers.analyst.get(f"/v1/orders?customer_ref={customer}"))["items"]
    return dict(order)


def test_an_order_is_raised_planned_and_closed(callers: Callers, look: Any) -> None:
    customer = a_customer()
    order = an_order(callers, look, customer)

    case = shown(callers.approver.get(order["links"]["case"]))
    offered = case["allowed_steps"]
    case = callers.approver.take(case, "deliver_director_plan", PLAN)
    case = callers.approver.take(case, "close_director_order", {"result": "客户满意"})
    look()

    listed = shown(callers.handler.get(f"/v1/orders?customer_ref={customer}&state=closed"))["items"]
    assert (order["state"], order["trigger"], order["number"]) == ("open", "low_scores", 1)
    assert (order["led_by"], order["led_by_label"]) == ("director", "Service director")
    assert len({ground["case_id"] for ground in order["grounds"]}) == 2
    assert "deliver-director-plan" in offered
    assert "open-director-order" not in offered
    assert [each["state"] for each in case["orders"]] == ["closed"]
    assert case["orders"][0]["plan"]["plan"] == PLAN["plan"]
    assert [each["order_id"] for each in listed] == ["D1"]
    assert listed[0]["closed_at"]


def test_the_director_sees_the_plan_among_the_work(callers: Callers, look: Any) -> None:
    order = an_order(callers, look, a_customer())

    answer = callers.approver.get(
        "/v1/work?unit=director&kind=director_plan&limit=200", Accept_Language="zh"
    )

    (work,) = (w for w in shown(answer)["items"] if w["case_id"] == order["case_id"])
    assert work["due_at"] == order["plan_due_at"]
    assert work["why"]["rule_label"] == "服务总监48小时内出具方案"


def test_a_plan_is_for_approvers_and_names_the_version_it_saw(callers: Callers, look: Any) -> None:
    order = an_order(callers, look, a_customer())
    path = f"{order['links']['case']}/deliver-director-plan"

    assert_problem(callers.handler.post(path, PLAN, If_Match='"9"'), 403, "forbidden")
    assert_problem(callers.approver.post(path, PLAN), 428, "version_required")
    assert_problem(callers.approver.post(path, PLAN, If_Match='"1"'), 412, "case_has_moved")
    empty = callers.approver.post(path, {"plan": "x", "steps": []}, If_Match='"9"')
    assert_problem(empty, 422, "invalid_body")


def test_the_same_key_delivers_the_plan_once(callers: Callers, look: Any) -> None:
    order = an_order(callers, look, a_customer())
    version = shown(callers.approver.get(order["links"]["case"]))["version"]
    path, key = f"{order['links']['case']}/deliver-director-plan", str(uuid4())

    answers = [
        callers.approver.post(path, PLAN, If_Match=f'"{version}"', Idempotency_Key=key)
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert shown(answers[0])["version"] == shown(answers[1])["version"]


def test_orders_are_filtered_and_come_in_pages(callers: Callers, look: Any) -> None:
    customer = a_customer()
    an_order(callers, look, customer)
    an_order(callers, look, a_customer())

    def found(query: str) -> int:
        return len(
            shown(callers.auditor.get(f"/v1/orders?customer_ref={customer}&{query}"))["items"]
        )

    assert found("trigger=low_scores&state=open&overdue=false") == 1
    assert found("trigger=repeat_complaint") == found("overdue=true") == found("state=closed") == 0
    assert found("opened_from=2020-01-01&opened_to=2020-01-02") == 0
    first = callers.auditor.get("/v1/orders?limit=1")
    assert len(shown(first)["items"]) == 1
    assert 'rel="next"' in first.headers["Link"]


def test_scores_are_listed_with_what_they_are_worth(callers: Callers, look: Any) -> None:
    customer = a_customer()
    case = callers.reporter.report({**REPORT, "customer": {"ref": customer}})
    for value in [5] * 10 + [4]:
        case = ask_and_answer(callers, case, value)
    look()

    def found(query: str) -> list[Json]:
        path = f"/v1/scores?customer_ref={customer}&{query}"
        return list(shown(callers.analyst.get(path, Accept_Language="zh"))["items"])

    assert [score["valid"] for score in found("limit=20")] == [True] + [False] * 10
    assert [score["value"] for score in found("valid=true")] == [4]
    assert found("low=true") == []
    assert found(f"case_id={case['id']}&scale=csat_1_5&limit=1")[0]["scale_label"] == "满意度1-5分"


def test_the_report_tells_in_the_readers_language(callers: Callers, look: Any) -> None:
    an_order(callers, look, a_customer())

    english = shown(callers.analyst.get("/v1/reports/satisfaction"))
    chinese = shown(callers.analyst.get("/v1/reports/satisfaction?language=zh"))

    assert english["orders"]["opened"] == chinese["orders"]["opened"] >= 1
    assert english["surveys_answered"]["share"] == 1.0
    assert english["repeat_complaints"]["of"] > 0
    assert {each["scale_label"] for each in chinese["scores"]} >= {"满意度1-5分", "满意度1-10分"}
    assert chinese["definitions"]["net"].startswith("NPS：")
    assert english["surveys_answered_by_occasion"][0]["occasion_label"] == "After a talk"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/orders?state=lost", 400),
        ("/v1/orders?customer_ref=a%20b", 400),
        ("/v1/orders?cursor=abc", 400),
        ("/v1/orders?opened_from=soon", 400),
        ("/v1/scores?valid=perhaps", 400),
        ("/v1/scores?case_id=1", 400),
        ("/v1/scores?scale=stars", 400),
        ("/v1/reports/satisfaction?from=2026-02-02&to=2026-01-01", 400),
        ("/v1/reports/satisfaction?unknown=1", 400),
    ],
)
def test_what_cannot_be_asked_is_refused(callers: Callers, path: str, status: int) -> None:
    assert callers.analyst.get(path).status_code == status


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/scores", "/v1/reports/satisfaction"])
def test_a_reporter_does_not_read_what_customers_think_of_us(callers: Callers, path: str) -> None:
    assert callers.reporter.get(path).status_code == 403
