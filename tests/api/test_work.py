"""The work list: what is due, by whom, until when and why."""

from __future__ import annotations

from uuid import uuid4

import pytest

from projections.engine import ProjectionEngine
from tests.api.conftest import REPORT, Callers, Json, ago, shown
from tests.api.reading import all_pages
from tests.api.test_errors import assert_problem


def a_case(callers: Callers, handler: str, **changes: object) -> Json:
    """A case that somebody answers for."""
    case = callers.reporter.report({**REPORT, **changes})
    return callers.handler.take(case, "assign", {"handler": handler, "unit": f"{handler}-unit"})


@pytest.fixture
def handler() -> str:
    """A handler whom no other test knows."""
    return f"anna-{uuid4().hex[:8]}"


def test_work_says_what_is_due_by_whom_until_when_and_why(
    callers: Callers, read_models: ProjectionEngine, handler: str
) -> None:
    case = a_case(callers, handler, channel="chat", urgency="urgent")
    read_models.catch_up()

    answer = callers.handler.get(f"/v1/work?handler={handler}", Accept_Language="zh")

    first, second, third = shown(answer)["items"]
    assert (first["case_id"], first["kind"], first["run"]) == (case["id"], "first_reply", 1)
    assert (first["handler"], first["unit"]) == (handler, f"{handler}-unit")
    assert first["due_at"] == next(
        run["due_at"] for run in case["clocks"] if run["clock"] == "first_reply"
    )
    assert first["why"] == {
        "rule": "chat_urgent",
        "clock_label": "首次回复",
        "rule_label": "紧急在线咨询：15分钟内回复",
        "source": "S41",
    }
    assert (second["kind"], third["kind"]) == ("first_plan", "progress_update")
    assert answer.headers["Content-Language"] == "zh"
    assert int(answer.headers["Amends-Read-Position"]) > 0


def test_work_is_filtered_by_kind_unit_and_whether_it_is_overdue(
    callers: Callers, read_models: ProjectionEngine, handler: str
) -> None:
    a_case(callers, handler, urgency="urgent", occurred_at=ago(hours=2))
    a_case(callers, handler)
    read_models.catch_up()

    def kinds(query: str) -> list[tuple[str, bool]]:
        answer = callers.analyst.get(f"/v1/work?handler={handler}&{query}")
        return [(item["kind"], item["overdue"]) for item in shown(answer)["items"]]

    assert kinds("overdue=true") == [("first_reply", True)]
    assert kinds("overdue=false&kind=first_reply") == [("first_reply", False)]
    assert kinds("kind=first_plan") == [("first_plan", False)] * 2
    assert kinds(f"unit={handler}-unit&limit=1") == [("first_reply", True)]
    assert kinds("unit=nobodys") == []


def test_what_is_done_or_ended_is_no_work(
    callers: Callers, read_models: ProjectionEngine, handler: str
) -> None:
    case = a_case(callers, handler)
    case = callers.handler.take(case, "acknowledge", {"channel": "mail", "text": "Hello"})
    read_models.catch_up()
    after_reply = shown(callers.handler.get(f"/v1/work?handler={handler}"))["items"]
    callers.handler.take(case, "withdraw", {"withdrawn_by": "customer"})
    read_models.catch_up()

    after_the_end = shown(callers.handler.get(f"/v1/work?handler={handler}"))["items"]

    assert [item["kind"] for item in after_reply] == ["first_plan", "progress_update"]
    assert after_the_end == []


def test_paused_work_is_listed_apart_with_the_time_that_is_left(
    callers: Callers, read_models: ProjectionEngine, handler: str
) -> None:
    case = a_case(callers, handler)
    callers.handler.take(case, "await_customer", {"reason": "Photos are missing"})
    read_models.catch_up()

    running = shown(callers.handler.get(f"/v1/work?handler={handler}"))["items"]
    paused = shown(callers.handler.get(f"/v1/work?handler={handler}&paused=true"))["items"]

    assert [item["kind"] for item in running] == ["progress_update"]
    assert {item["kind"]: item["due_at"] for item in paused} == {
        "first_reply": None,
        "first_plan": None,
    }
    assert all(0 < item["remaining_seconds"] <= 48 * 3600 for item in paused)


def test_pages_follow_each_other_in_order_of_due_times(
    callers: Callers, read_models: ProjectionEngine, handler: str
) -> None:
    for minutes in (5, 300, 40, 90):
        a_case(callers, handler, occurred_at=ago(minutes=minutes))
    read_models.catch_up()

    items = all_pages(callers.handler, f"/v1/work?handler={handler}&limit=3")

    due = [item["due_at"] for item in items]
    assert len(items) == 12
    assert due == sorted(due)
    assert len({(item["case_id"], item["kind"]) for item in items}) == 12


@pytest.mark.parametrize("query", ["kind=tea", "overdue=maybe", "handler=%20", "cursor=abc"])
def test_a_question_that_cannot_be_asked_is_refused(callers: Callers, query: str) -> None:
    answer = callers.handler.get(f"/v1/work?{query}")

    code = "invalid_cursor" if query.startswith("cursor") else "invalid_parameter"
    assert_problem(answer, 400, code)


def test_an_escalation_is_work_of_its_level_until_somebody_decides(
    callers: Callers, read_models: ProjectionEngine, handler: str
) -> None:
    case = a_case(callers, handler)
    asked = {"level": "director", "reason": "客户很生气", "due": "2099-03-04T10:00:00Z"}
    case = callers.handler.take(case, "escalate", asked)
    read_models.catch_up()

    def work() -> list[Json]:
        answer = callers.analyst.get(
            "/v1/work?kind=escalation&unit=director&limit=200", Accept_Language="zh"
        )
        return [each for each in shown(answer)["items"] if each["case_id"] == case["id"]]

    (escalated,) = work()
    callers.handler.take(case, "assign", {"handler": handler})
    read_models.catch_up()

    assert (escalated["due_at"], escalated["overdue"]) == ("2099-03-04T10:00:00Z", False)
    assert (escalated["unit_label"], escalated["handler"]) == ("服务总监", None)
    assert escalated["why"] == {
        "rule": "director",
        "clock_label": "升级处理",
        "rule_label": "服务总监",
        "source": "S36",
    }
    assert work() == []
