"""Promises over HTTP: made, listed, worked on, refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from api.examples import body
from projections.engine import ProjectionEngine
from tests.api.conftest import REPORT, Callers, Json, shown
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
    assert work["commitment_id"] == "C1"
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


def test_a_spoken_promise_that_is_confirmed_in_writing_is_a_written_one(
    callers: Callers, read_models: ProjectionEngine, owner: str
) -> None:
    case = callers.reporter.report()
    spoken = promise(owner=owner, kind="reply", in_writing=False, channel="phone")
    case = callers.handler.take(case, "make_commitment", spoken)
    before = case["commitments"][0]["in_writing"]

    confirmation = {"about": "C1", "channel": "mail", "in_writing": True}
    case = callers.handler.take(case, "confirm_agreement", confirmation)
    read_models.catch_up()

    (listed,) = shown(callers.handler.get(f"/v1/commitments?owner={owner}"))["items"]
    assert before is False
    assert (case["commitments"][0]["in_writing"], listed["in_writing"]) == (True, True)
    assert (listed["confirmed"], listed["channel"]) == (True, "phone")


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
    assert work["commitment_id"] is None
    assert case["open_points"][0]["open"] is False
    assert shown(callers.handler.get(f"/v1/work?owner={owner}"))["items"] == []


def test_a_predicted_breach_is_work_until_the_customer_is_told(
    callers: Callers, read_models: ProjectionEngine, owner: str
) -> None:
    case = callers.reporter.report()
    case = callers.handler.take(
        case, "make_commitment", promise(owner=owner, kind="reply", due_at=ahead(seconds=90))
    )
    soon = promise(owner=owner, due_at=ahead(days=30))
    case = callers.handler.take(case, "make_commitment", soon)
    read_models.catch_up()
    before = [item["run"] for item in to_disclose(callers, owner)]

    disclosure = {"commitment_id": "C2", **told(), "expected_at": ahead(days=60)}
    case = callers.handler.take(case, "disclose_delay", disclosure)
    read_models.catch_up()

    items = shown(callers.handler.get(f"/v1/work?owner={owner}"))["items"]
    assert before == []
    assert [(item["run"], item["disclosed_at"] is not None) for item in items] == [
        (1, False), (2, True),
    ]  # fmt: skip
    assert case["disclosures"][0]["in_time"] is True
    assert case["commitments"][1]["disclosed_at"] is not None


def to_disclose(callers: Callers, owner: str) -> list[Json]:
    return shown(callers.handler.get(f"/v1/work?owner={owner}&disclose=true"))["items"]


def told() -> Json:
    return {"alternative": "A machine on loan", "channel": "phone"}


def test_a_clock_that_was_warned_of_is_to_be_disclosed(
    callers: Callers, read_models: ProjectionEngine
) -> None:
    handler = f"anna-{uuid4().hex[:8]}"
    reported_at = datetime.now(UTC) - timedelta(hours=45)
    case = callers.reporter.report({**REPORT, "occurred_at": reported_at.isoformat()})
    case = callers.handler.take(case, "assign", {"handler": handler})
    read_models.catch_up()
    query = f"/v1/work?handler={handler}&disclose=true"
    (work,) = shown(callers.handler.get(query))["items"]

    disclosure = {"clock": "first_plan", "run": 1, **told(), "expected_at": ahead(days=3)}
    case = callers.handler.take(case, "disclose_delay", disclosure)
    read_models.catch_up()

    (plan,) = [run for run in case["clocks"] if run["clock"] == "first_plan"]
    assert (work["kind"], work["disclose"]) == ("first_plan", True)
    assert (plan["disclose"], plan["disclosed_at"] is not None) == (False, True)
    assert shown(callers.handler.get(query))["items"] == []


@pytest.mark.parametrize(
    "query", ["owner=%20", "state=tea", "due_before=soon", "cursor=abc", "handler=%40"]
)
def test_a_question_that_cannot_be_asked_is_refused(callers: Callers, query: str) -> None:
    answer = callers.handler.get(f"/v1/commitments?{query}")

    code = "invalid_cursor" if query.startswith("cursor") else "invalid_parameter"
    assert_problem(answer, 400, code)


@pytest.mark.parametrize(("language", "label"), [("en", "Compensation"), ("zh", "赔偿")])
def test_the_report_counts_what_was_promised(
    callers: Callers, read_models: ProjectionEngine, owner: str, language: str, label: str
) -> None:
    case = callers.reporter.report()
    case = callers.handler.take(case, "make_commitment", promise(owner=owner))
    callers.handler.take(case, "keep_commitment", {"commitment_id": "C1"})
    read_models.catch_up()

    report = shown(callers.analyst.get(f"/v1/reports/promises?language={language}"))

    (mine,) = [each for each in report["promises_by_owner"] if each["owner"] == owner]
    assert (mine["made"], mine["kept"]) == (1, 1)
    assert mine["in_time"] == {"count": 1, "of": 1, "share": 1.0}
    assert label in {each["kind_label"] for each in report["promises_by_kind"]}
    assert set(report["definitions"]) == {
        "promises", "confirmed", "disclosed", "reminders", "targets",
    }  # fmt: skip
