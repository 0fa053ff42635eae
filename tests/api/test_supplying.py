"""Indicators of a customer's risk over HTTP: taken once, listed, and refused when bad."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import Callers, Json, shown
from tests.api.supplying import HOUR, NOW, grave, item, risk, supply
from tests.api.test_errors import assert_problem
from tests.api.test_openapi import check


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


@pytest.mark.parametrize("ref", ["Robin%20Lee", "robin@x.org", "%20", "C" * 400])
def test_what_cannot_name_a_customer_is_told_apart_from_who_is_not_known(
    callers: Callers, ref: str
) -> None:
    answer = supply(callers.reporter, ref, [item("late_deliveries", 1)])

    assert_problem(answer, 400, "invalid_parameter")
    (error,) = shown(answer)["errors"]
    assert (error["parameter"], error["code"]) == ("ref", "not_subject_reference")
