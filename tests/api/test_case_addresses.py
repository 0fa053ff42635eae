"""Cases are named by id or reference, lists by filters that forgive, addresses in UTF-8."""

from __future__ import annotations

from uuid import UUID

import pytest

from projections.engine import ProjectionEngine
from tests.api.conftest import REPORT, Callers, Json, shown
from tests.api.test_errors import assert_problem


def a_report(ref: str, **changes: object) -> Json:
    return {**REPORT, "customer": {"ref": ref}, **changes}


@pytest.mark.parametrize(
    "address",
    [
        "/v1/cases?q=%ff",
        "/v1/cases?q=%E4%B8",
        "/v1/cases?%ff=1",
        "/v1/cases?customer_ref=K%C0%AF",
        "/openapi.json?x=%ff",
    ],
)
def test_an_address_that_is_not_utf8_is_refused_as_a_body_is(
    callers: Callers, address: str
) -> None:
    assert_problem(callers.handler.get(address), 400, "address_not_utf8")


@pytest.mark.parametrize("path", ["/v1/customers/\xff/timeline", "/nowhere/\xe4\xb8"])
def test_a_path_that_is_not_utf8_is_refused_too(callers: Callers, path: str) -> None:
    """As a server hands it over: each byte as a character (PEP 3333)."""
    client = callers.handler.app.test_client()

    answer = client.get("/", environ_overrides={"PATH_INFO": path})

    assert_problem(answer, 400, "address_not_utf8")


def test_chinese_in_an_address_is_read(callers: Callers, read_models: ProjectionEngine) -> None:
    read_models.catch_up()

    encoded = callers.handler.get("/v1/cases?q=%E6%81%92%E6%B8%A9")

    assert encoded.status_code == 200


def test_a_case_goes_by_its_reference_once_the_list_has_read_it(
    callers: Callers, read_models: ProjectionEngine, ref: str
) -> None:
    case = callers.reporter.report(a_report(ref))
    read_models.catch_up()
    path = f"/v1/cases/{case['reference']}"

    found = shown(callers.handler.get(path))
    taken = callers.handler.post(
        f"{path}/acknowledge", {"channel": "phone", "text": "We know"}, If_Match='"1"'
    )
    events = shown(callers.handler.get(f"{path}/events"))
    trail = callers.auditor.get(f"{path}/audit-trail")

    assert found["id"] == case["id"]
    assert found["links"]["self"] == f"/v1/cases/{case['id']}"
    assert shown(taken)["version"] == 2
    assert len(events["items"]) == 2
    assert trail.status_code == 200


def test_a_case_is_merged_into_one_that_goes_by_its_reference(
    callers: Callers, read_models: ProjectionEngine, ref: str
) -> None:
    target, case = (callers.reporter.report(a_report(ref)) for _ in range(2))
    read_models.catch_up()
    path, body = f"/v1/cases/{case['id']}/merge-into", {"into_case_id": target["reference"]}

    merged = callers.handler.post(path, body, If_Match='"1"', Idempotency_Key=ref)
    again = callers.handler.post(path, body, If_Match='"1"', Idempotency_Key=ref)

    assert shown(merged)["merged_into"] == target["id"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert shown(again)["version"] == 2


@pytest.mark.parametrize(
    ("given", "status", "problem"),
    [
        ("C-1999-000001", 409, "other_case_not_found"),
        (str(UUID(int=7)), 409, "other_case_not_found"),
        ("c-2026-000001", 422, "invalid_body"),
        ("", 422, "invalid_body"),
        (7, 422, "invalid_body"),
        (["C-1999-000001"], 422, "invalid_body"),
        (None, 422, "invalid_body"),
    ],
)
def test_what_names_no_case_takes_no_merge(
    callers: Callers, read_models: ProjectionEngine, given: object, status: int, problem: str
) -> None:
    case = callers.reporter.report()
    read_models.catch_up()
    path = f"/v1/cases/{case['id']}/merge-into"

    answer = callers.handler.post(path, {"into_case_id": given}, If_Match='"1"')

    assert_problem(answer, status, problem)
    assert shown(callers.handler.get(f"/v1/cases/{case['id']}"))["version"] == 1


def test_a_case_is_merged_into_none_by_a_reference_to_itself(
    callers: Callers, read_models: ProjectionEngine, ref: str
) -> None:
    case = callers.reporter.report(a_report(ref))
    read_models.catch_up()
    path = f"/v1/cases/{case['id']}/merge-into"

    answer = callers.handler.post(path, {"into_case_id": case["reference"]}, If_Match='"1"')

    assert_problem(answer, 409, "merged_into_itself")


@pytest.mark.parametrize(
    "name", ["C-1999-000001", "c-2026-000001", "42", "C-2026", "C-2026-000001%20", str(UUID(int=0))]
)
@pytest.mark.parametrize("more", ["", "/events"])
def test_what_names_no_case_is_told_what_names_one(callers: Callers, name: str, more: str) -> None:
    answer = callers.handler.get(f"/v1/cases/{name}{more}")

    assert_problem(answer, 404, "case_not_found")
    assert "UUID" in shown(answer)["detail"]
    assert "C-2026-000123" in shown(answer)["detail"]


def test_nobody_learns_by_a_reference_what_they_may_not_read(callers: Callers) -> None:
    answer = callers.reporter.get("/v1/cases/C-2026-000001/audit-trail")

    assert_problem(answer, 403, "forbidden")


def listed(callers: Callers, query: str) -> list[str]:
    answer = callers.handler.get(f"/v1/cases?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [row["id"] for row in shown(answer)["items"]]


def test_a_desk_asks_for_several_statuses_at_once(
    callers: Callers, read_models: ProjectionEngine, ref: str
) -> None:
    reported, dismissed, withdrawn = (callers.reporter.report(a_report(ref)) for _ in range(3))
    callers.handler.take(
        dismissed,
        "dismiss",
        {"reason": "outside_scope", "explanation": "No", "alternatives_offered": ["Ask them"]},
    )
    callers.handler.take(withdrawn, "withdraw", {"withdrawn_by": "customer"})
    read_models.catch_up()

    def found(status: str) -> set[str]:
        return set(listed(callers, f"customer_ref={ref}&{status}"))

    assert found("status=open") == {reported["id"]}
    assert found("status=dismissed,withdrawn") == {dismissed["id"], withdrawn["id"]}
    assert found("status=dismissed&status=withdrawn") == {dismissed["id"], withdrawn["id"]}
    assert found("status=open,dismissed") == {reported["id"], dismissed["id"]}
    assert_problem(callers.handler.get("/v1/cases?status=open,"), 400, "invalid_parameter")


def test_the_next_page_keeps_every_status(
    callers: Callers, read_models: ProjectionEngine, ref: str
) -> None:
    for _ in range(2):
        callers.reporter.report(a_report(ref))
    read_models.catch_up()

    query = f"customer_ref={ref}&status=closed&status=reported&limit=1"
    first = callers.handler.get(f"/v1/cases?{query}")
    address = first.headers["Link"].split(">")[0].lstrip("<")

    assert len(shown(callers.handler.get(address))["items"]) == 1


def test_the_most_urgent_come_first_over_all_pages(
    callers: Callers, read_models: ProjectionEngine, ref: str
) -> None:
    cases = [
        callers.reporter.report(a_report(ref, **({"urgency": urgency} if urgency else {})))
        for urgency in ("normal", None, "urgent", "urgent")
    ]
    read_models.catch_up()

    query, found = f"/v1/cases?customer_ref={ref}&sort=urgency&limit=1", []
    while True:
        answer = callers.handler.get(query)
        found += [row["id"] for row in shown(answer)["items"]]
        if "Link" not in answer.headers:
            break
        query = answer.headers["Link"].split(">")[0].lstrip("<")

    assert found == [cases[place]["id"] for place in (2, 3, 0, 1)]


def test_a_list_is_counted_when_asked(
    callers: Callers, read_models: ProjectionEngine, ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        callers.reporter.report(a_report(ref))
    read_models.catch_up()
    query = f"/v1/cases?customer_ref={ref}&limit=1"

    plain, counted = (shown(callers.handler.get(query + more)) for more in ("", "&count=true"))
    monkeypatch.setattr("api.case_list.MOST_COUNTED", 2)
    capped = shown(callers.handler.get(f"{query}&count=true"))

    assert "total" not in plain
    assert counted["total"] == {"count": 3, "is_exact": True}
    assert capped["total"] == {"count": 2, "is_exact": False}


def test_a_day_stands_for_its_beginning(
    callers: Callers, read_models: ProjectionEngine, ref: str
) -> None:
    case = callers.reporter.report(a_report(ref, occurred_at="2026-03-01T00:00:00Z"))
    read_models.catch_up()

    def found(query: str) -> list[str]:
        return listed(callers, f"customer_ref={ref}&{query}")

    assert found("reported_from=2026-03-01") == [case["id"]]
    assert found("reported_from=2026-03-02") == []
    assert found("reported_to=2026-03-01") == []
    assert found("reported_to=2026-03-02") == [case["id"]]
    assert_problem(
        callers.handler.get("/v1/cases?reported_from=2026-02-30"), 400, "invalid_parameter"
    )


@pytest.mark.parametrize(
    "query", ["conflict_type=quality", "conflict_subtype=slow_response", "type=quality"]
)
def test_a_kind_is_asked_for_by_the_name_of_its_field(callers: Callers, query: str) -> None:
    assert callers.handler.get(f"/v1/cases?{query}").status_code == 200


def test_a_kind_is_asked_for_once(callers: Callers) -> None:
    answer = callers.handler.get("/v1/cases?type=quality&conflict_type=price")

    assert_problem(answer, 400, "invalid_parameter")
    assert shown(answer)["errors"][0]["parameter"] == "conflict_type"


def test_an_unknown_parameter_is_told_the_names_there_are(callers: Callers) -> None:
    answer = callers.handler.get("/v1/cases?urgency=urgent")

    (error,) = shown(answer)["errors"]
    assert (error["parameter"], error["code"]) == ("urgency", "unknown_parameter")
    assert {"status", "sort", "reported_from"} <= set(error["allowed"])
