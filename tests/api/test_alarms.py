"""Alarms over HTTP: found, acknowledged, linked to a case and closed, once each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from werkzeug.test import TestResponse

from domain.early_warning.alarms import alarm_id
from domain.early_warning.rules import rules_of
from projections.engine import ProjectionEngine
from service.assembly import Service
from tests.an_alarm import FOUND, LOOK
from tests.api.conftest import Caller, Callers, Json, shown
from tests.api.test_errors import assert_problem


@pytest.fixture
def raised(service: Service) -> Raise:
    return Raise(service)


class Raise:
    """Raises alarms, each at an hour of its own."""

    hours = 0

    def __init__(self, service: Service) -> None:
        self._service = service

    def __call__(self, code: str = "complaints_spike_all", value: str | None = None) -> str:
        Raise.hours += 1
        rule, at = rules_of()[code], LOOK + timedelta(hours=Raise.hours)
        assert self._service.alarms.raise_once(rule, value, at, FOUND)
        assert not self._service.alarms.raise_once(rule, value, at, FOUND)
        return str(alarm_id(rule, value, at))


def change(
    caller: Caller, alarm: str, action: str, body: Json, version: int = 1, key: str | None = None
) -> TestResponse:
    path = f"/v1/alarms/{alarm}/{action}"
    return caller.post(path, body, If_Match=f'"{version}"', Idempotency_Key=key or str(uuid4()))


def listed(caller: Caller, query: str) -> list[str]:
    """The ids on every page."""
    path, found = f"/v1/alarms?limit=2&{query}", []
    while path:
        answer = caller.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found += [item["id"] for item in shown(answer)["items"]]
        path = answer.headers.get("Link", "").partition(";")[0].strip("<>")
    return found


def test_an_alarm_shows_what_it_saw(callers: Callers, raised: Raise) -> None:
    alarm = raised("satisfaction_drop_touchpoint", "delivery")

    answer = callers.auditor.get(f"/v1/alarms/{alarm}")
    chinese = callers.auditor.get(f"/v1/alarms/{alarm}", Accept_Language="zh-CN")

    found = shown(answer)
    assert answer.headers["ETag"] == '"1"'
    assert (found["state"], found["level"], found["scope_value"]) == ("open", "warning", "delivery")
    assert (found["value"], found["expected"], found["deviation"]) == (61.0, 20.5, 2.9756)
    assert (found["from_position"], found["to_position"]) == (4_096, 81_920)
    assert (found["count"], found["baseline_count"], found["needs_case"]) == (61, 164, True)
    assert found["labels"]["scope_value"] == "Delivery"
    assert shown(chinese)["labels"]["scope_value"] == "配送"
    assert shown(chinese)["labels"]["level"] == "警告"
    assert chinese.headers["Content-Language"] == "zh"


def test_a_case_is_linked_by_its_reference_too(
    callers: Callers, raised: Raise, read_models: ProjectionEngine
) -> None:
    alarm = raised("nps_drop_touchpoint", "billing")
    case = callers.reporter.report()
    read_models.catch_up()

    linked = change(callers.handler, alarm, "link-case", {"reference": case["reference"]})
    unknown = change(callers.handler, alarm, "link-case", {"reference": "C-2026-999999"}, 2)

    assert shown(linked)["case_ids"] == [case["id"]]
    assert_problem(unknown, 409, "other_case_not_found")


def test_an_alarm_is_acknowledged_linked_and_closed(callers: Callers, raised: Raise) -> None:
    alarm = raised("nps_drop_touchpoint", "billing")
    case = callers.reporter.report()

    seen = change(callers.handler, alarm, "acknowledge", {"file_ref": "TICKET-1"})
    too_soon = change(callers.handler, alarm, "close", {"ground": "cause_removed"}, 2)
    linked = change(callers.analyst, alarm, "link-case", {"case_id": case["id"]}, 2)
    closed = change(callers.handler, alarm, "close", {"ground": "cause_removed"}, 3)

    assert (seen.status_code, seen.headers["ETag"]) == (200, '"2"')
    assert shown(seen)["state"] == "acknowledged"
    assert shown(seen)["acknowledged"]["by"]["id"] == "handler-1"
    assert shown(seen)["acknowledged"]["file_ref"] == "TICKET-1"
    assert_problem(too_soon, 409, "root_cause_case_missing")
    assert shown(linked)["case_ids"] == [case["id"]]
    assert (shown(closed)["state"], shown(closed)["closed"]["ground"]) == (
        "closed",
        "cause_removed",
    )
    again = change(callers.handler, alarm, "close", {"ground": "false_alarm"}, 4)
    assert_problem(again, 409, "alarm_already_closed")


def test_a_retry_gets_the_same_answer_and_a_stale_change_none(
    callers: Callers, raised: Raise
) -> None:
    alarm, key = raised(), str(uuid4())
    first = change(callers.handler, alarm, "acknowledge", {}, key=key)

    again = change(callers.handler, alarm, "acknowledge", {}, key=key)
    other = change(callers.handler, alarm, "acknowledge", {"file_ref": "T-2"}, key=key)
    stale = change(callers.handler, alarm, "close", {"ground": "false_alarm"}, version=1)
    twice = change(callers.handler, alarm, "acknowledge", {}, version=2)

    assert shown(again) == shown(first)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert_problem(other, 422, "idempotency_key_reused")
    assert_problem(stale, 412, "alarm_has_moved")
    assert shown(stale)["current_version"] == 2
    assert_problem(twice, 409, "alarm_already_acknowledged")


BODIES = (
    ("close", {}),
    ("close", {"ground": "bored"}),
    ("acknowledge", {"file_ref": "Jo Doe"}),
    ("acknowledge", {"note": "x"}),
    ("link-case", {"case_id": "C-1"}),
    ("link-case", {}),
    ("link-case", {"case_id": str(UUID(int=7)), "reference": "C-2026-000001"}),
)


@pytest.mark.parametrize(("step", "body"), BODIES)
def test_a_body_that_cannot_be_right_changes_nothing(
    callers: Callers, raised: Raise, step: str, body: Json
) -> None:
    alarm = raised()

    answer = change(callers.handler, alarm, step, body)

    assert_problem(answer, 422, "invalid_body")
    assert version(callers, alarm) == 1


def version(callers: Callers, alarm: str) -> int:
    found: int = shown(callers.handler.get(f"/v1/alarms/{alarm}"))["version"]
    return found


def test_a_change_names_an_alarm_a_key_a_version_and_a_case_that_exist(
    callers: Callers, raised: Raise
) -> None:
    alarm, handler, body = raised(), callers.handler, {"ground": "false_alarm"}
    path = f"/v1/alarms/{alarm}/close"

    no_alarm = change(handler, str(uuid4()), "acknowledge", {})
    no_key = handler.post(path, body, If_Match='"1"')
    no_version = handler.post(path, body, Idempotency_Key="k")
    no_case = change(handler, alarm, "link-case", {"case_id": str(uuid4())})

    assert_problem(no_alarm, 404, "alarm_not_found")
    assert_problem(no_key, 400, "idempotency_key_required")
    assert_problem(no_version, 428, "version_required")
    assert_problem(no_case, 409, "other_case_not_found")
    assert version(callers, alarm) == 1


def test_a_reporter_neither_sees_nor_answers_alarms(callers: Callers, raised: Raise) -> None:
    alarm = raised()

    answered = change(callers.reporter, alarm, "acknowledge", {})

    assert_problem(answered, 403, "forbidden")
    assert_problem(callers.reporter.get("/v1/alarms"), 403, "forbidden")
    assert version(callers, alarm) == 1


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/{UUID(int=7)}", 404, "alarm_not_found"),
        ("/first", 404, "not_found"),
        ("?rule=none", 400, "invalid_parameter"),
        ("?state=ringing", 400, "invalid_parameter"),
        ("?since=yesterday", 400, "invalid_parameter"),
        ("?cursor=abc", 400, "invalid_cursor"),
    ],
)
def test_questions_that_cannot_be_meant(
    callers: Callers, path: str, status: int, code: str
) -> None:
    assert_problem(callers.handler.get(f"/v1/alarms{path}"), status, code)


def test_alarms_are_listed_by_what_is_asked(callers: Callers, raised: Raise) -> None:
    loud = [raised("anger_rise_channel", "phone") for _ in range(3)]
    change(callers.handler, loud[1], "acknowledge", {})
    change(callers.handler, loud[2], "close", {"ground": "expected_event"})
    rule = "rule=anger_rise_channel"

    everything = listed(callers.handler, "")

    assert listed(callers.handler, rule) == loud[::-1]
    assert listed(callers.handler, f"{rule}&state=open") == [loud[0]]
    assert listed(callers.handler, f"{rule}&state=acknowledged") == [loud[1]]
    assert listed(callers.handler, f"{rule}&state=closed") == [loud[2]]
    assert listed(callers.handler, f"{rule}&level=critical") == []
    assert listed(callers.handler, "since=2999-01-01") == []
    assert listed(callers.handler, "since=2001-01-01") == everything
    assert len(everything) == len(set(everything)) >= 3


def test_metrics_count_open_alarms_by_level(callers: Callers, raised: Raise) -> None:
    def open_alarms() -> dict[str, float]:
        lines = callers.admin.get("/metrics").get_data(as_text=True).splitlines()
        counted = (line.split() for line in lines if line.startswith("amends_alarms_open"))
        return {name: float(value) for name, value in counted}

    before = open_alarms()
    alarm = raised("complaints_spike_all")
    during = open_alarms()
    change(callers.handler, alarm, "close", {"ground": "false_alarm"})

    name = 'amends_alarms_open{level="critical"}'
    assert during[name] == before[name] + 1
    assert open_alarms() == before
    assert len(before) == 3


def test_of_many_at_once_one_changes_an_alarm(
    service: Service, raised: Raise, callers: Callers
) -> None:
    alarm = raised()

    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(lambda _: change(callers.handler, alarm, "acknowledge", {}), range(8))
        )

    done = [answer for answer in answers if answer.status_code == 200]
    assert len(done) == 1
    for answer in answers:
        if answer not in done:
            assert_problem(answer, 412, "alarm_has_moved")
    assert service.alarms.get(UUID(alarm)).alarm.version == 2


def test_a_request_sent_many_times_at_once_changes_an_alarm_once(
    service: Service, raised: Raise, callers: Callers
) -> None:
    alarm, key = raised(), str(uuid4())

    with ThreadPoolExecutor(8) as threads:
        answers = list(
            threads.map(
                lambda _: change(callers.handler, alarm, "acknowledge", {}, key=key), range(8)
            )
        )

    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.get_data() for answer in answers}) == 1
    assert service.alarms.get(UUID(alarm)).alarm.version == 2
