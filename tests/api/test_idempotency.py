"""A request sent again, even a hundred times at once, happens once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from psycopg2 import OperationalError
from sqlalchemy import text
from werkzeug.test import TestResponse

from api import examples
from service.event_store import StoreBusy, StoreUnavailable
from service.event_store.connections import Connections
from tests.api.conftest import REPORT, Callers, shown
from tests.api.test_errors import assert_problem

KEPT = ("ETag", "Location", "Amends-Position")


def _events(app: Flask) -> int:
    with app.extensions["amends"].engine.connect() as connection:
        count: int = connection.execute(text("SELECT count(*) FROM events")).scalar_one()
        return count


def _same_answer(one: TestResponse, other: TestResponse) -> bool:
    return (
        one.status_code == other.status_code
        and one.get_data() == other.get_data()
        and all(one.headers.get(name) == other.headers.get(name) for name in KEPT)
    )


def test_a_hundred_reports_at_once_make_one_case(app: Flask, callers: Callers) -> None:
    before, key = _events(app), str(uuid4())

    def report(_: int) -> TestResponse:
        return callers.reporter.post(
            "/v1/cases", examples.body("report", "zh"), Idempotency_Key=key
        )

    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(report, range(100)))

    assert _events(app) == before + 1
    assert Counter(answer.status_code for answer in answers) == {201: 100}
    assert all(_same_answer(answers[0], answer) for answer in answers)
    replayed = Counter(answer.headers.get("Idempotency-Replayed") for answer in answers)
    assert replayed == {None: 1, "true": 99}


def test_a_step_sent_again_is_answered_again_though_the_case_has_moved_on(
    app: Flask, callers: Callers
) -> None:
    case, key = callers.reporter.report(), str(uuid4())
    path, body = f"/v1/cases/{case['id']}/acknowledge", examples.body("acknowledge", "en")
    first = callers.handler.post(path, body, If_Match='"1"', Idempotency_Key=key)
    callers.handler.take(shown(first), "withdraw", examples.body("withdraw", "en"))
    before = _events(app)

    again = callers.handler.post(path, body, If_Match='"1"', Idempotency_Key=f'"{key}"')
    by_new_version = callers.handler.post(path, body, If_Match='"3"', Idempotency_Key=key)

    assert _same_answer(first, again)
    assert _same_answer(first, by_new_version)
    assert shown(again)["version"] == 2
    assert again.headers["Idempotency-Replayed"] == "true"
    assert _events(app) == before


def test_the_order_of_members_and_white_space_do_not_matter(callers: Callers) -> None:
    key = str(uuid4())
    first = callers.reporter.post("/v1/cases", REPORT, Idempotency_Key=key)
    turned = b'{ "summary":"Arrived damaged",  "customer":{"ref":"CUST-1"},\n "channel":"phone" }'

    again = callers.reporter.post("/v1/cases", turned, Idempotency_Key=key)

    assert _same_answer(first, again)


def test_a_key_used_for_another_request_is_refused(app: Flask, callers: Callers) -> None:
    key = str(uuid4())
    case = shown(callers.reporter.post("/v1/cases", REPORT, Idempotency_Key=key))
    before = _events(app)
    other = {**REPORT, "summary": "Something else"}

    by_body = callers.reporter.post("/v1/cases", other, Idempotency_Key=key)
    by_path = callers.reporter.post(
        f"/v1/cases/{case['id']}/withdraw",
        examples.body("withdraw", "en"),
        If_Match='"1"',
        Idempotency_Key=key,
    )

    assert_problem(by_body, 422, "idempotency_key_reused")
    assert_problem(by_path, 422, "idempotency_key_reused")
    assert _events(app) == before


def test_callers_do_not_share_keys(callers: Callers) -> None:
    key = str(uuid4())
    one = callers.reporter.report(key=key)

    other = callers.handler.report(key=key)

    assert one["id"] != other["id"]


def test_a_refused_request_leaves_its_key_free(callers: Callers) -> None:
    case, key = callers.reporter.report(), str(uuid4())
    path, body = f"/v1/cases/{case['id']}/acknowledge", examples.body("acknowledge", "en")

    refused = callers.handler.post(path, body, If_Match='"9"', Idempotency_Key=key)
    taken = callers.handler.post(path, body, If_Match='"1"', Idempotency_Key=key)

    assert_problem(refused, 412, "case_has_moved")
    assert taken.status_code == 200
    assert "Idempotency-Replayed" not in taken.headers


def test_an_answer_that_the_database_did_not_send_is_found_out(
    app: Flask, callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, write, lost = _events(app), Connections.write, []

    def write_and_lose(self: Connections, statement: str, *values: Any, **options: Any) -> Any:
        rows = write(self, statement, *values, **options)
        if "append" in statement and not lost:
            lost.append(True)
            raise StoreUnavailable("connection lost") from OperationalError()
        return rows

    monkeypatch.setattr(Connections, "write", write_and_lose)
    answer = callers.reporter.post("/v1/cases", REPORT, Idempotency_Key=str(uuid4()))

    assert lost
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers
    assert _events(app) == before + 1


def test_fifty_writers_lose_nothing(app: Flask, callers: Callers) -> None:
    case = callers.reporter.report()
    path, body = f"/v1/cases/{case['id']}/acknowledge", examples.body("acknowledge", "en")

    def write(_: int) -> TestResponse:
        return callers.handler.post(path, body, If_Match='"1"')

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(write, range(50)))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 49}
    assert {shown(a).get("current_version", 2) for a in answers} == {2}
    events = shown(callers.handler.get(f"/v1/cases/{case['id']}/events"))["items"]
    assert [event["version"] for event in events] == [1, 2]


def test_fifty_writers_who_look_again_all_get_through(callers: Callers) -> None:
    case = callers.reporter.report()
    path = f"/v1/cases/{case['id']}/log-interaction"

    def write_until_taken(number: int) -> int:
        body = {"channel": "chat", "direction": "inbound", "content": f"Message {number}"}
        tries, version = 0, 1
        while True:
            tries += 1
            answer = callers.handler.post(path, body, If_Match=f'"{version}"')
            if answer.status_code == 200:
                return tries
            assert_problem(answer, 412, "case_has_moved")
            version = shown(answer)["current_version"]

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write_until_taken, range(50)))

    found = shown(callers.handler.get(f"/v1/cases/{case['id']}"))
    said = {each["content"] for each in found["interactions"]}
    assert said == {f"Message {number}" for number in range(50)}
    assert found["version"] == 51


def test_a_request_that_waits_too_long_for_its_twin_is_told_so(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(self: Connections, statement: str, *values: Any, **options: Any) -> Any:
        raise StoreBusy("the database did not answer in time (55P03)")

    key = str(uuid4())
    callers.reporter.report(key=key)
    monkeypatch.setattr(Connections, "write", busy)

    answer = callers.reporter.post("/v1/cases", REPORT, Idempotency_Key=key)

    assert_problem(answer, 409, "still_running")
    assert answer.headers["Retry-After"] == "1"
