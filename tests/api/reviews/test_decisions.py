"""Decisions of reviews over HTTP: work until somebody reports them done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from projections.engine import ProjectionEngine
from service.assembly import Service
from tests.api.conftest import Caller, Callers, Json, shown
from tests.api.reviews.steps import hold, hold_then, open_one, send
from tests.api.reviews.test_work import work
from tests.api.test_errors import assert_problem

KIND = "kind=carry_out_decision"
DECISIONS = [
    {"measure": "change_procedure", "owner": "WAREHOUSE-2", "due_on": "2023-03-17"},
    {"measure": "train_staff", "owner": "WAREHOUSE-2", "due_on": "2023-03-17"},
    {"measure": "train_staff", "due_on": "2999-12-31"},
]


@pytest.fixture(scope="module")
def service(app: Flask, read_models: ProjectionEngine) -> Service:
    found: Service = app.extensions["amends"].service
    read_models.catch_up()
    return found


@pytest.fixture(scope="module")
def held(service: Service, callers: Callers) -> str:
    """A review that decided three things in 2022."""
    review = open_one(service, "voice_of_customer", date(2022, 3, 7))
    assert hold_then(callers.analyst, service, review, DECISIONS).status_code == 200
    return review


@pytest.fixture(scope="module")
def next_one(service: Service, held: str) -> str:
    return open_one(service, "voice_of_customer", date(2022, 3, 14))


def to_carry_out(caller: Caller, review: str, query: str = "") -> list[Json]:
    """What one review decided, as work."""
    return [each for each in work(caller, f"{KIND}{query}") if each["review_id"] == review]


def complete(
    caller: Caller, review: str, number: int | str, body: Json | None = None, version: int = 2
) -> TestResponse:
    return send(caller, f"/v1/reviews/{review}/decisions/{number}/complete", body or {}, version)


def states(caller: Caller, review: str) -> list[str]:
    found = shown(caller.get(f"/v1/reviews/{review}"))
    return [each["state"] for each in found["held"]["decisions"]]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [1, 2, 3]),
        ("&owner=WAREHOUSE-2", [1, 2]),
        ("&owner=customer_service", [3]),
        ("&unit=customer_service", [1, 2, 3]),
        ("&overdue=true", [1, 2]),
        ("&overdue=false", [3]),
        ("&paused=true", []),
        ("&handler=handler-1", []),
        ("&known_at=2020-01-01T00:00:00Z", []),
        ("&as_of=2022-03-08T00:00:00Z", []),
    ],
)
def test_what_was_decided_is_work(
    callers: Callers, held: str, query: str, numbers: list[int]
) -> None:
    found = to_carry_out(callers.handler, held, query)

    assert sorted(each["decision"] for each in found) == numbers


def test_it_says_why_in_the_readers_language(callers: Callers, held: str) -> None:
    (found,) = to_carry_out(callers.handler, held, "&overdue=false")
    path = f"/v1/work?{KIND}&overdue=false"
    inside = shown(callers.handler.get(path, Accept_Language="zh-CN"))["items"]
    (chinese,) = (each for each in inside if each["review_id"] == held)

    assert found["why"] == {
        "rule": "train_staff",
        "clock_label": "Carry out a decision of a review",
        "rule_label": "Weekly voice of the customer: Train staff",
        "source": "S64",
    }
    assert chinese["why"]["clock_label"] == "落实回顾决定"
    assert found["links"] == {"review": f"/v1/reviews/{held}"}
    assert (found["due_at"], found["miss_recorded"]) == ("2999-12-31T16:00:00Z", False)


def test_the_next_review_of_the_kind_shows_what_is_still_open(
    callers: Callers, service: Service, held: str, next_one: str
) -> None:
    of_another_kind = open_one(service, "improvement_cycle", date(2022, 3, 23))

    def earlier(review: str) -> list[Json]:
        found: list[Json] = shown(callers.auditor.get(f"/v1/reviews/{review}"))["earlier_decisions"]
        return found

    assert [each["number"] for each in earlier(next_one)][-1] == 3
    assert {each["review"] for each in earlier(next_one)} == {f"/v1/reviews/{held}"}
    assert {each["state"] for each in earlier(next_one)} == {"open", "late"}
    assert earlier(held) == earlier(of_another_kind) == []


def test_whoever_did_it_says_so_and_it_leaves_the_list(callers: Callers, service: Service) -> None:
    review = open_one(service, "voice_of_customer", date(2022, 5, 2))
    hold_then(callers.analyst, service, review, DECISIONS)
    before = shown(callers.auditor.get(f"/v1/reviews/{review}"))["changed_at"]

    answer = complete(callers.handler, review, 1, {"file_ref": "CHANGE-31"})
    other = complete(callers.analyst, review, 3)

    told = shown(answer)["held"]["decisions"][0]
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"3"')
    assert (told["state"], told["late"], told["done"]["file_ref"]) == ("done", True, "CHANGE-31")
    assert other.status_code == 200, "nobody's completion makes what another saw stale"
    assert shown(other)["held"]["decisions"][2]["late"] is False
    assert states(callers.auditor, review) == ["done", "late", "done"]
    left = to_carry_out(callers.handler, review)
    assert [each["decision"] for each in left] == [2]
    then = work(callers.handler, f"{KIND}&known_at={before}")
    assert len([each for each in then if each["review_id"] == review]) == 3


def test_of_many_at_once_one_completes_it(callers: Callers, service: Service) -> None:
    review = open_one(service, "voice_of_customer", date(2022, 6, 6))
    hold_then(callers.analyst, service, review, DECISIONS)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: complete(callers.handler, review, 2), range(8)))

    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]
    assert states(callers.auditor, review) == ["late", "done", "open"]


def test_what_is_refused_changes_nothing(
    callers: Callers, service: Service, held: str, next_one: str
) -> None:
    done = open_one(service, "voice_of_customer", date(2022, 7, 4))
    hold(callers.analyst, done)
    complete(callers.handler, done, 1)

    answers = [
        (complete(callers.handler, held, 4), 404, "review_decision_not_found"),
        (complete(callers.handler, next_one, 1, version=1), 404, "review_decision_not_found"),
        (complete(callers.handler, held, 0), 404, "not_found"),
        (complete(callers.handler, held, 51), 404, "not_found"),
        (complete(callers.handler, held, "first"), 404, "not_found"),
        (complete(callers.handler, str(uuid4()), 1), 404, "review_not_found"),
        (complete(callers.handler, held, 1, version=1), 412, "review_has_moved"),
        (complete(callers.handler, held, 1, {"file_ref": "Jo Doe"}), 422, "invalid_body"),
        (complete(callers.handler, held, 1, {"note": "done"}), 422, "invalid_body"),
        (complete(callers.handler, done, 1, version=3), 409, "review_decision_already_done"),
        (complete(callers.auditor, held, 1), 403, "forbidden"),
        (complete(callers.reporter, held, 1), 403, "forbidden"),
    ]

    for answer, status, code in answers:
        assert_problem(answer, status, code)
    assert states(callers.auditor, held) == ["late", "late", "open"]


def test_a_retry_gets_the_same_answer(callers: Callers, service: Service) -> None:
    review = open_one(service, "voice_of_customer", date(2022, 8, 1))
    hold(callers.analyst, review)
    path, key = f"/v1/reviews/{review}/decisions/1/complete", str(uuid4())

    first = send(callers.handler, path, {}, 2, key)
    again = send(callers.handler, path, {}, 2, key)

    assert first.status_code == 200
    assert shown(again) == shown(first)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_report_and_metrics_count_them_by_state(callers: Callers, service: Service) -> None:
    review = open_one(service, "voice_of_customer", date(2023, 3, 6))
    hold_then(callers.analyst, service, review, DECISIONS)
    complete(callers.handler, review, 2)

    found = shown(callers.auditor.get("/v1/reports/reviews?from=2023-01-01&to=2023-12-31"))
    scraped = callers.admin.get("/metrics").get_data(as_text=True)

    counted = {each.pop("measure"): each for each in found["decisions"]}
    assert counted == {
        "train_staff": {
            "measure_label": "Train staff", "count": 2, "open": 1, "late": 0, "done": 1,
            "in_time": {"count": 0, "of": 1, "share": 0.0},
            "reassigned": 0, "rescheduled": 0,
        },
        "change_procedure": {
            "measure_label": counted["change_procedure"]["measure_label"],
            "count": 1, "open": 0, "late": 1, "done": 0,
            "in_time": {"count": 0, "of": 1, "share": 0.0},
            "reassigned": 0, "rescheduled": 0,
        },
    }  # fmt: skip
    work_left = work(callers.handler, KIND)
    for state, overdue in (("open", False), ("late", True)):
        count = sum(each["overdue"] is overdue for each in work_left)
        assert f'amends_review_decisions_open{{state="{state}"}} {count}.0' in scraped
