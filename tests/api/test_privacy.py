"""Erasures and legal holds over HTTP."""

from __future__ import annotations

from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import REPORT, Caller, Callers, Json, shown
from tests.api.test_errors import assert_problem


def reported(callers: Callers, ref: str) -> Json:
    return callers.reporter.report({**REPORT, "customer": {"ref": ref}})


def erase(caller: Caller, ref: str, key: str | None = None, **changes: str) -> TestResponse:
    body = {"ground": "consent_withdrawn", "request_ref": "privacy-7"} | changes
    path = f"/v1/subjects/{ref}/erase"
    return caller.post(path, body, Idempotency_Key=key or str(uuid4()))


def place(caller: Caller, key: str | None = None, **changes: str) -> TestResponse:
    body = {"ground": "litigation", "matter": "court-2026-77"} | changes
    return caller.post("/v1/legal-holds", body, Idempotency_Key=key or str(uuid4()))


def all_holds(caller: Caller, limit: int = 200) -> list[Json]:
    """Every hold, page by page."""
    path, found = f"/v1/legal-holds?limit={limit}", []
    while path:
        answer = caller.get(path)
        found += shown(answer)["items"]
        path = answer.headers.get("Link", "").partition(";")[0].strip("<>")
    return found


def test_an_erased_person_reads_as_erased_everywhere(callers: Callers, ref: str) -> None:
    case = reported(callers, ref)

    answer = erase(callers.privacy, ref)

    found = shown(answer)
    assert answer.status_code == 200
    assert (found["subject_ref"], found["cases"], found["keys_destroyed"]) == (ref, 1, 1)
    assert (found["ground"], found["request_ref"]) == ("consent_withdrawn", "privacy-7")
    assert found["actor"]["id"] == "privacy-1"
    read = shown(callers.handler.get(f"/v1/cases/{case['id']}"))
    assert read["summary"] == {"erased": True}
    assert read["version"] == 2
    (erasure,) = read["erasures"]
    assert erasure["erasure_id"] == found["erasure_id"]


def test_the_answer_stays_the_same(callers: Callers, ref: str) -> None:
    reported(callers, ref)
    key = str(uuid4())
    first = erase(callers.privacy, ref, key)

    for again in (erase(callers.privacy, ref, key), erase(callers.privacy, ref)):
        assert again.status_code == 200
        assert shown(again) == shown(first)
        assert again.headers["Amends-Position"] == first.headers["Amends-Position"]
        assert again.headers["Idempotency-Replayed"] == "true"
    other = erase(callers.privacy, ref, key, ground="objection")
    assert_problem(other, 422, "idempotency_key_reused")


def test_an_imported_persons_reference_may_hold_a_slash(callers: Callers) -> None:
    ref = f"shop/{uuid4().hex[:8]}"
    reported(callers, ref)

    answer = erase(callers.privacy, ref.replace("/", "%2F"))

    assert shown(answer)["subject_ref"] == ref


@pytest.mark.parametrize("ref", ["CUST-404", "%20", "a%00b", "x" * 300])
def test_somebody_nobody_knows_is_not_found(callers: Callers, ref: str) -> None:
    assert_problem(erase(callers.privacy, ref), 404, "subject_not_found")


def test_an_erasure_needs_a_key_and_a_ground(callers: Callers, ref: str) -> None:
    reported(callers, ref)
    path = f"/v1/subjects/{ref}/erase"

    without_key = callers.privacy.post(path, {"ground": "objection"})
    without_ground = callers.privacy.post(path, {}, Idempotency_Key="k")
    no_code = erase(callers.privacy, ref, ground="because")
    a_name = erase(callers.privacy, ref, request_ref="Jo Doe called")

    assert_problem(without_key, 400, "idempotency_key_required")
    for answer in (without_ground, no_code, a_name):
        assert_problem(answer, 422, "invalid_body")
    assert shown(erase(callers.privacy, ref))["keys_destroyed"] == 1


def test_a_hold_forbids_the_erasure_until_it_is_released(callers: Callers, ref: str) -> None:
    case = reported(callers, ref)
    held = place(callers.privacy, case_id=case["id"])
    assert held.status_code == 201
    hold = shown(held)

    refused = erase(callers.privacy, ref)

    assert_problem(refused, 409, "legal_hold_stands")
    assert shown(refused)["params"] == {"holds": [hold["id"]]}
    assert shown(callers.handler.get(f"/v1/cases/{case['id']}"))["summary"] == "Arrived damaged"
    path = f"/v1/legal-holds/{hold['id']}/release"
    released = callers.privacy.post(path, {"ground": "matter_closed"}, Idempotency_Key=str(uuid4()))
    assert released.status_code == 200
    assert shown(released)["stands"] is False
    assert erase(callers.privacy, ref).status_code == 200


def test_holds_are_listed_with_who_when_and_why(callers: Callers, ref: str) -> None:
    reported(callers, ref)
    hold = shown(place(callers.privacy, subject_ref=ref))

    listed = all_holds(callers.auditor)

    assert hold in listed
    assert hold["placed_by"] == {"id": "privacy-1", "kind": "person"}
    assert (hold["subject_ref"], hold["case_id"], hold["stands"]) == (ref, None, True)


def test_holds_come_in_pages(callers: Callers, ref: str) -> None:
    reported(callers, ref)
    placed = [shown(place(callers.privacy, subject_ref=ref))["id"] for _ in range(3)]

    paged = [hold["id"] for hold in all_holds(callers.auditor, limit=1)]

    assert paged == [hold["id"] for hold in all_holds(callers.auditor)]
    assert paged[-3:] == placed
    bad = callers.auditor.get("/v1/legal-holds?cursor=WyJ4Il0")
    assert_problem(bad, 400, "invalid_cursor")


def test_a_hold_names_one_of_two(callers: Callers, ref: str) -> None:
    case = reported(callers, ref)

    neither = place(callers.privacy)
    both = place(callers.privacy, subject_ref=ref, case_id=case["id"])
    unknown = place(callers.privacy, subject_ref="CUST-404")

    assert_problem(neither, 422, "invalid_value")
    assert_problem(both, 422, "invalid_value")
    assert_problem(unknown, 404, "subject_not_found")


def test_a_hold_is_placed_and_released_once(callers: Callers, ref: str) -> None:
    reported(callers, ref)
    key = str(uuid4())
    first = place(callers.privacy, key, subject_ref=ref)
    again = place(callers.privacy, key, subject_ref=ref)
    path = f"/v1/legal-holds/{shown(first)['id']}/release"
    callers.privacy.post(path, {"ground": "ordered"}, Idempotency_Key=str(uuid4()))

    late = callers.privacy.post(path, {"ground": "ordered"}, Idempotency_Key=str(uuid4()))

    assert shown(again) == shown(first)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert_problem(late, 409, "hold_already_released")
    missing = f"/v1/legal-holds/{uuid4()}/release"
    nothing = callers.privacy.post(missing, {"ground": "ordered"}, Idempotency_Key=str(uuid4()))
    assert_problem(nothing, 404, "hold_not_found")
