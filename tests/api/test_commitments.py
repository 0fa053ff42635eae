"""Promises over HTTP: made, listed, worked on, refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from api.examples import body
from projections.engine import ProjectionEngine
from tests.api.conftest import Callers, Json, shown
from tests.api.test_errors import assert_problem


def ahead(**duration: float) -> str:
    return (datetime.now(UTC) + timedelta(**duration)).isoformat()


def promise(language: str = "en", **changes: object) -> Json:
    return {**body("make_commitment", language), "due_at": ahead(days=2), **changes}


@pytest.fixture
def owner() -> str:
    """A team that no other test knows."""
    return f"财务组-{uuid4().hex[:8]}"


def test_a_promise_is_shown_with_its_case_in_the_list_and_in_the_work(
    callers: Callers, read_models: ProjectionEngine, owner: str
) -> None:
    case = callers.reporter.report()
    case = callers.handler.take(case, "make_commitment", promise("zh", owner=owner))
    read_models.catch_up()

    (listed,) = shown(callers.analyst.get(f"/v1/commitments?owner={owner}", Accept_Language="zh"))[
        "items"
    ]
    (work,) = shown(callers.handler.get(f"/v1/work?owner={owner}", Accept_Language="zh"))["items"]

    (kept,) = case["commitments"]
    assert (kept["commitment_id"], kept["state"], kept["text"]) == (
        "C1",
        "open",
        "我们将退还配送费",
    )
    assert [each["reminder"] for each in kept["reminders"]] == ["day_3", "day_7", "day_15"]
    assert (listed["case_id"], listed["commitment_id"]) == (case["id"], "C1")
    assert (listed["state"], listed["kind_label"], listed["owner"]) == ("open", "赔偿", owner)
    assert (work["kind"], work["run"], work["due_at"]) == ("commitment", 1, kept["due_at"])
    assert work["why"] == {
        "rule": "compensation", "clock_label": "承诺", "rule_label": "赔偿", "source": "S32",
    }  # fmt: skip


def test_a_written_promise_waits_for_somebody_else(
    callers: Callers, read_models: ProjectionEngine, owner: str
) -> None:
    case = callers.reporter.report()
    case = callers.handler.take(case, "make_commitment", promise(owner=owner, in_writing=True))
    waiting = case["commitments"][0]["state"]

    case = callers.approver.take(case, "approve_commitment", {"commitment_id": "C1"})
    case = callers.handler.take(case, "keep_commitment", {"commitment_id": "C1"})
    read_models.catch_up()

    (listed,) = shown(callers.handler.get(f"/v1/commitments?owner={owner}&state=kept"))["items"]
    assert (waiting, case["commitments"][0]["state"]) == ("proposed", "kept")
    assert listed["kept_at"] is not None
    assert shown(callers.handler.get(f"/v1/work?owner={owner}"))["items"] == []


def test_open_points_are_work_until_they_are_settled(
    callers: Callers, read_models: ProjectionEngine, owner: str
) -> None:
    case = callers.reporter.report()
    minutes = {**body("send_minutes", "en"), "owner": owner, "next_meeting_at": None}
    case = callers.handler.take(case, "send_minutes", minutes)
    read_models.catch_up()
    (work,) = shown(callers.handler.get(f"/v1/work?owner={owner}"))["items"]

    case = callers.handler.take(case, "settle_open_points", {"minutes_id": "M1"})
    read_models.catch_up()

    assert (work["kind"], work["why"]["source"]) == ("open_points", "S48")
    assert case["open_points"][0]["open"] is False
    assert shown(callers.handler.get(f"/v1/work?owner={owner}"))["items"] == []


@pytest.mark.parametrize(
    "query", ["owner=%20", "state=tea", "due_before=soon", "cursor=abc", "handler=%40"]
)
def test_a_question_that_cannot_be_asked_is_refused(callers: Callers, query: str) -> None:
    answer = callers.handler.get(f"/v1/commitments?{query}")

    code = "invalid_cursor" if query.startswith("cursor") else "invalid_parameter"
    assert_problem(answer, 400, code)
