"""Customers' risk over HTTP: supplied by services, shown with why to people, refused when bad."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from domain.reference_books import CURRENT_EDITION
from projections.engine import ProjectionEngine
from tests.api.conftest import REPORT, Caller, Callers, Json, shown
from tests.api.test_errors import assert_problem
from tests.api.test_openapi import check
from tests.api.test_privacy import erase, place
from tests.risk_history import GRAVE

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def openapi(app: Flask) -> Json:
    return shown(app.test_client().get("/openapi.json"))


def item(indicator: str, value: Any, at: datetime = NOW - HOUR) -> Json:
    return {"indicator": indicator, "value": value, "observed_at": at.isoformat()}


def grave(at: datetime = NOW - HOUR) -> list[Json]:
    """Four indicators at their worst."""
    return [item(code, value, at) for code, value in GRAVE.items()]


def supply(caller: Caller, ref: str, items: Any, key: str | None = None) -> TestResponse:
    path = f"/v1/customers/{ref}/indicators"
    return caller.post(path, {"indicators": items}, Idempotency_Key=key or str(uuid4()))


def risk(caller: Caller, ref: str, query: str = "", **headers: str) -> Json:
    answer = caller.get(f"/v1/customers/{ref}/risk{query}", **headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return shown(answer)


def test_what_a_service_supplies_is_shown_as_it_is_on_record(
    callers: Callers, openapi: Json, ref: str
) -> None:
    answer = supply(
        callers.reporter, ref, [item("spend_change", "-42.5"), item("late_deliveries", 3)]
    )

    found = shown(answer)
    check(openapi, "SuppliedIndicators", found)
    assert answer.status_code == 201
    assert int(answer.headers["Amends-Position"]) > 0
    assert (found["customer_ref"], [each["value"] for each in found["indicators"]]) == (
        ref,
        [-42.5, 3.0],
    )
    first = found["indicators"][0]
    assert first["supplied_by"] == {"id": "reporter-1", "kind": "service"}
    assert (first["number"], first["label"][:6]) == (1, "Change")


def test_a_score_says_what_it_rests_on_and_what_adds_most(
    callers: Callers, openapi: Json, ref: str
) -> None:
    supply(callers.reporter, ref, [*grave(), item("return_rate", 5), item("survey_score", 60.0)])

    found = risk(callers.auditor, ref)

    check(openapi, "CustomerRisk", found)
    # (12 + 8 + 10 + 10) x 100 + 8 x 0 + 6 x 50, by 54
    assert (found["score"], found["band"], found["why_none"]) == (79.6, "high", None)
    assert (found["rests_on"], found["of"], found["weight_percent"]) == (6, 12, 54)
    assert found["labels"] == {"score": "Risk of churn or conflict, 0 to 100", "band": "High"}
    named = [(each["indicator"], each["state"]) for each in found["indicators"]]
    assert named[0] == ("spend_change", "counted")
    assert named[4:6] == [("survey_score", "counted"), ("return_rate", "counted")]
    assert {state for _, state in named[6:]} == {"missing"}
    most = found["indicators"][0]
    assert (most["points"], most["weight"], most["contribution"]) == (100.0, 12, 22.22)
    assert (most["value"], most["unit_label"], most["calm"], most["alarming"]) == (
        -60.0,
        "percent",
        0.0,
        -60.0,
    )
    assert most["supplied_by"]["id"] == "reporter-1"
    assert found["edition"] == CURRENT_EDITION


def test_it_is_told_in_chinese(callers: Callers, ref: str) -> None:
    supply(callers.reporter, ref, grave()[:2])

    found = risk(callers.handler, ref, Accept_Language="zh-CN")
    refused = callers.handler.get("/v1/customers/NOBODY/risk", Accept_Language="zh-CN")

    assert found["labels"] == {
        "score": "流失或冲突风险（0-100）",
        "why_none": "无评分：已知且未过期的指标太少。",
    }
    assert found["indicators"][0]["label"] == "近90天消费金额变化"
    assert shown(refused)["title"] == "没有关于该客户的记录"


def test_with_too_few_indicators_it_says_that_there_is_no_score(callers: Callers, ref: str) -> None:
    supply(callers.reporter, ref, grave()[:3])

    found = risk(callers.handler, ref)

    assert (found["score"], found["band"]) == (None, None)
    assert (found["why_none"], found["rests_on"]) == ("too_few_indicators", 3)
    assert (found["least_indicators"], found["least_weight_percent"]) == (4, 40)


def test_what_is_too_old_is_shown_and_does_not_count(callers: Callers, ref: str) -> None:
    supply(callers.reporter, ref, [*grave(), item("open_tickets", 9, NOW - 15 * 24 * HOUR)])

    found = risk(callers.handler, ref)

    old = next(each for each in found["indicators"] if each["indicator"] == "open_tickets")
    assert (old["state"], old["value"], old["points"]) == ("too_old", 9.0, None)
    assert datetime.fromisoformat(old["fresh_until"]) < NOW
    assert found["indicators"][4] == old
    assert found["rests_on"] == 4


def test_both_clocks_tell_of_the_past(callers: Callers, ref: str) -> None:
    supply(callers.reporter, ref, grave(NOW - 5 * 24 * HOUR))
    before = datetime.now(UTC)
    supply(callers.reporter, ref, [item("late_deliveries", 0, NOW - 2 * 24 * HOUR)])

    now = risk(callers.handler, ref)
    as_of = risk(callers.handler, ref, f"?as_of={(NOW - 3 * 24 * HOUR):%Y-%m-%dT%H:%M:%SZ}")
    known = risk(callers.handler, ref, f"?known_at={before:%Y-%m-%dT%H:%M:%S.%fZ}")
    earlier = risk(callers.handler, ref, f"?as_of={(NOW - 9 * 24 * HOUR):%Y-%m-%dT%H:%M:%SZ}")

    assert (now["score"], as_of["score"], known["score"]) == (80.0, 100.0, 100.0)
    assert (earlier["score"], earlier["rests_on"]) == (None, 0)


@pytest.mark.parametrize("zero", [0, "-0", -0.0, "-0.00"])
def test_zero_has_no_sign(callers: Callers, ref: str, zero: Any) -> None:
    supplied = supply(callers.reporter, ref, [item("spend_change", zero)])

    told = callers.handler.get(f"/v1/customers/{ref}/indicators").get_data(as_text=True)
    assert supplied.status_code == 201

    assert [str(each["value"]) for each in json.loads(told)["items"]] == ["0.0"]


def test_a_retry_supplies_nothing_again(callers: Callers, ref: str) -> None:
    key = str(uuid4())
    first = supply(callers.reporter, ref, grave(), key)

    again = supply(callers.reporter, ref, grave(), key)
    other = supply(callers.reporter, ref, grave()[:1], key)
    elsewhere = supply(callers.reporter, f"{ref}x", grave(), key)

    assert (again.status_code, shown(again)) == (201, shown(first))
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Amends-Position"] == first.headers["Amends-Position"]
    assert "Idempotency-Replayed" not in first.headers
    assert_problem(other, 422, "idempotency_key_reused")
    assert_problem(elsewhere, 422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("items", "pointer", "code"),
    [
        ([item("moon_phase", 1)], "/indicators/0/indicator", "unknown_code risk_indicators"),
        ([item("late_deliveries", "many")], "/indicators/0/value", "not_a_figure"),
        ([item("late_deliveries", True)], "/indicators/0/value", "not_a_figure"),
        ([item("late_deliveries", [1])], "/indicators/0/value", "not_a_figure"),
        ([item("late_deliveries", 0.00001)], "/indicators/0/value", "not_a_figure"),
        ([item("late_deliveries", 10**20)], "/indicators/0/value", "not_a_figure"),
        ([item("late_deliveries", 1e300)], "/indicators/0/value", "not_a_figure"),
        ([item("late_deliveries", "NaN")], "/indicators/0/value", "not_a_figure"),
        ([item("late_deliveries", 10**12)], "/indicators/0/value", "out_of_range"),
        ([item("late_deliveries", None)], "/indicators/0/value", "null"),
        ([item("late_deliveries", 1), {"indicator": "spend_change"}], "/indicators/1/value",
         "required"),
        ([{**item("late_deliveries", 1), "observed_at": "yesterday"}],
         "/indicators/0/observed_at", "not_an_instant"),
        ([{**item("late_deliveries", 1), "observed_at": "2026-03-01T06:00:00"}],
         "/indicators/0/observed_at", "no_offset"),
        ([{**item("late_deliveries", 1), "note": "Jo Doe"}], "/indicators/0/note",
         "unknown_field"),
        ([], "/indicators", "list_length 1-12"),
        ([item("late_deliveries", 1)] * 13, "/indicators", "list_length 1-12"),
        ("none", "/indicators", "not_a_list"),
    ],
)  # fmt: skip
def test_what_is_no_indicator_is_refused(
    callers: Callers, ref: str, items: Any, pointer: str, code: str
) -> None:
    answer = supply(callers.reporter, ref, items)

    assert_problem(answer, 422, "invalid_body")
    errors = [(each["pointer"], each["code"]) for each in shown(answer)["errors"]]
    assert (pointer, code.partition(" ")[0]) in [(p, c.partition(" ")[0]) for p, c in errors]
    assert_problem(callers.handler.get(f"/v1/customers/{ref}/risk"), 404, "customer_not_found")


@pytest.mark.parametrize(
    ("items", "status", "code", "pointer"),
    [
        ([item("return_rate", 100.5)], 422, "invalid_value", "/indicators/0/value"),
        ([item("survey_score", -1)], 422, "invalid_value", "/indicators/0/value"),
        ([item("return_rate", 1), item("return_rate", 2)], 422, "invalid_value",
         "/indicators/1/indicator"),
        ([item("return_rate", 1, NOW + 24 * HOUR)], 422, "occurred_in_future",
         "/indicators/0/observed_at"),
        ([item("open_tickets", 1), item("late_payments", 2)], 409, "indicator_not_newer",
         "/indicators/1/observed_at"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_whole(
    callers: Callers, ref: str, items: Any, status: int, code: str, pointer: str
) -> None:
    supply(callers.reporter, ref, [item("late_payments", 1)])

    answer = supply(callers.reporter, ref, items)

    assert_problem(answer, status, code)
    assert shown(answer)["errors"][0]["pointer"] == pointer
    assert risk(callers.handler, ref)["rests_on"] == 1


def test_bad_requests_change_nothing(callers: Callers, ref: str) -> None:
    path = f"/v1/customers/{ref}/indicators"
    body = {"indicators": grave()}

    answers = [
        (callers.reporter.post(path, body), 400, "idempotency_key_required"),
        (callers.reporter.post(path, b"{", Idempotency_Key="k"), 400, "malformed_json"),
        (callers.reporter.get(path), 403, "forbidden"),
        (callers.handler.get(path), 404, "customer_not_found"),
        (callers.handler.get(f"{path}?indicator=moon_phase"), 400, "invalid_parameter"),
        (callers.handler.get(f"{path}?cursor=abc"), 400, "invalid_cursor"),
        (callers.handler.send("PUT", path, body), 405, "method_not_allowed"),
        (callers.auditor.post(path, body, Idempotency_Key="k"), 403, "forbidden"),
        (callers.privacy.post(path, body, Idempotency_Key="k"), 403, "forbidden"),
        (callers.reporter.get(f"/v1/customers/{ref}/risk"), 403, "forbidden"),
        (supply(callers.reporter, "Jo Doe", grave()), 400, "invalid_parameter"),
        (supply(callers.reporter, "a@b.example", grave()), 400, "invalid_parameter"),
        (callers.handler.get("/v1/customers/Jo Doe/risk"), 404, "customer_not_found"),
        (callers.handler.get(f"/v1/customers/{ref}/risk"), 404, "customer_not_found"),
        (callers.handler.get(f"/v1/customers/{ref}/risk?as_of=2999-01-01T00:00:00Z"), 400,
         "invalid_parameter"),
        (callers.handler.get(f"/v1/customers/{ref}/risk?edition=1"), 400, "invalid_parameter"),
    ]  # fmt: skip

    for answer, status, code in answers:
        assert_problem(answer, status, code)


def test_values_are_listed_the_newest_first(callers: Callers, openapi: Json, ref: str) -> None:
    for day in range(5, 0, -1):
        at = NOW - day * 24 * HOUR
        supply(callers.reporter, ref, [item("open_tickets", day, at), item("late_payments", 0, at)])
    path: str | None = f"/v1/customers/{ref}/indicators?indicator=open_tickets&limit=2"

    found = []
    while path:
        answer = callers.auditor.get(path)
        check(openapi, "SuppliedIndicatorPage", shown(answer))
        found += shown(answer)["items"]
        path = answer.headers.get("Link", "").partition(";")[0].strip("<>")

    assert [each["value"] for each in found] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert [each["number"] for each in found] == [9, 7, 5, 3, 1]
    whole = shown(callers.auditor.get(risk(callers.auditor, ref)["links"]["indicators"]))["items"]
    assert [each["number"] for each in whole] == list(range(10, 0, -1))


def test_it_stands_in_the_timeline_of_people_inside(
    callers: Callers, read_models: ProjectionEngine, openapi: Json, ref: str
) -> None:
    callers.reporter.report({**REPORT, "customer": {"ref": ref}})
    read_models.catch_up()
    path = f"/v1/customers/{ref}/timeline"
    before = shown(callers.handler.get(path))["risk"]

    supply(callers.reporter, ref, grave())

    timeline = shown(callers.handler.get(path))
    check(openapi, "Timeline", timeline)
    assert before is None
    assert (timeline["risk"]["score"], timeline["risk"]["band"]) == (100.0, "high")
    assert shown(callers.reporter.get(path))["risk"] is None


def test_a_customer_with_cases_alone_has_no_score_yet(callers: Callers, ref: str) -> None:
    callers.reporter.report({**REPORT, "customer": {"ref": ref}})

    found = risk(callers.handler, ref)

    assert (found["score"], found["rests_on"], found["erased_at"]) == (None, 0, None)


def test_an_export_holds_every_value_and_what_is_made_of_it(
    callers: Callers, openapi: Json, ref: str
) -> None:
    supply(callers.reporter, ref, grave(NOW - 3 * HOUR))
    supply(callers.reporter, ref, [item("late_deliveries", 0)])

    answer = callers.privacy.get(f"/v1/subjects/{ref}/export")
    page = callers.privacy.get(f"/v1/subjects/{ref}/export?format=html", Accept_Language="zh")

    found = shown(answer)
    check(openapi, "SubjectExport", found)
    assert [each["number"] for each in found["indicators"]] == [1, 2, 3, 4, 5]
    assert (found["risk"]["score"], found["cases"]) == (80.0, [])
    assert "近90天延迟配送次数" in page.get_data(as_text=True)
    assert "：80 · 高" in page.get_data(as_text=True)


def test_an_erased_customer_has_no_risk_any_more(callers: Callers, openapi: Json, ref: str) -> None:
    key = str(uuid4())
    supply(callers.reporter, ref, grave(NOW - 3 * HOUR), key)
    held = shown(place(callers.privacy, subject_ref=ref))
    assert_problem(erase(callers.privacy, ref), 409, "legal_hold_stands")
    release = f"/v1/legal-holds/{held['id']}/release"
    callers.privacy.post(release, {"ground": "matter_closed"}, Idempotency_Key=str(uuid4()))

    erased = erase(callers.privacy, ref)

    found = risk(callers.handler, ref)
    assert erased.status_code == 200
    assert (found["score"], found["rests_on"]) == (None, 0)
    assert found["erased_at"] == shown(erased)["erased_at"]
    assert "reporter-1" not in str(found["indicators"])
    export = shown(callers.privacy.get(f"/v1/subjects/{ref}/export"))
    page = callers.privacy.get(f"/v1/subjects/{ref}/export?format=html").get_data(as_text=True)
    check(openapi, "SubjectExport", export)
    assert [each["value"] for each in export["indicators"]] == [{"erased": True}] * 4
    assert "Late deliveries in 90 days: erased" in page
    listed = shown(callers.handler.get(found["links"]["indicators"]))["items"]
    assert listed == export["indicators"][::-1]
    again = shown(supply(callers.reporter, ref, grave(NOW - 3 * HOUR), key))["indicators"]
    assert again == export["indicators"]
    for code, observed_at in (("late_deliveries", NOW - 4 * HOUR), ("return_rate", NOW - HOUR)):
        late = supply(callers.reporter, ref, [item(code, 1, observed_at)])
        assert_problem(late, 409, "observed_before_erasure")
        assert shown(late)["params"] == {"erased_at": found["erased_at"]}
        assert "newest_observed_at" not in late.get_data(as_text=True)
    fresh = [item("late_deliveries", 1, datetime.now(UTC))]
    assert supply(callers.reporter, ref, fresh).status_code == 201
    assert risk(callers.handler, ref)["rests_on"] == 1


@pytest.mark.parametrize("ref", ["Robin%20Lee", "robin@x.org", "%20", "C" * 400])
def test_what_cannot_name_a_customer_is_told_apart_from_who_is_not_known(
    callers: Callers, ref: str
) -> None:
    answer = supply(callers.reporter, ref, [item("late_deliveries", 1)])

    assert_problem(answer, 400, "invalid_parameter")
    (error,) = shown(answer)["errors"]
    assert (error["parameter"], error["code"]) == ("ref", "not_subject_reference")
