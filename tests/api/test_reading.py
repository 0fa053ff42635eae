"""What readers see over HTTP: one case, at any version and instant, and the reference books."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from flask import Flask

from api import examples
from projections.engine import ProjectionEngine
from tests.api.conftest import Callers, Json, ago, shown
from tests.api.reading import a_report, all_pages
from tests.api.test_errors import assert_problem


def test_a_case_is_shown_as_it_was_at_a_version(callers: Callers) -> None:
    case = callers.reporter.report()
    callers.handler.take(case, "acknowledge", examples.body("acknowledge", "en"))
    path = f"/v1/cases/{case['id']}"

    now = callers.handler.get(path)
    before = callers.handler.get(f"{path}?version=1")

    assert (now.headers["ETag"], before.headers["ETag"]) == ('"2"', '"1"')
    assert len(shown(now)["acknowledgements"]) == 1
    assert shown(before)["acknowledgements"] == []
    assert "acknowledge" in shown(now)["allowed_steps"]
    assert shown(before)["allowed_steps"] == []
    assert_problem(callers.handler.get(f"{path}?version=3"), 404, "version_not_found")


def test_a_case_as_it_was_differs_from_what_was_known(callers: Callers) -> None:
    case = callers.reporter.report(a_report(occurred_at=ago(days=9)))
    between = datetime.now(UTC).isoformat()
    body = {**examples.body("acknowledge", "en"), "occurred_at": ago(days=5)}
    callers.handler.take(case, "acknowledge", body)
    path = f"/v1/cases/{case['id']}"

    was = shown(callers.handler.get(f"{path}?as_of={quote(ago(days=3))}"))
    known = shown(callers.handler.get(f"{path}?known_at={quote(between)}"))
    both = shown(callers.handler.get(f"{path}?as_of={quote(ago(days=3))}&known_at={between}"))

    assert len(was["acknowledgements"]) == 1
    assert known["acknowledgements"] == []
    assert both["acknowledgements"] == []
    assert_problem(callers.handler.get(f"{path}?as_of={ago(days=20)}"), 404, "case_not_found")


@pytest.mark.parametrize(
    ("role", "customer_text", "staff_text", "restricted_text"),
    [
        ("handler", True, True, False),
        ("approver", True, True, True),
        ("privacy", True, True, False),
        ("analyst", False, True, False),
        ("auditor", False, True, True),
        ("reporter", False, False, False),
        ("admin", False, False, False),
    ],
)
def test_personal_text_is_shown_by_right(
    callers: Callers, role: str, customer_text: bool, staff_text: bool, restricted_text: bool
) -> None:
    case = _analysed(callers)

    found = shown(callers.of(role).get(f"/v1/cases/{case['id']}"))

    hidden = {"hidden": True}
    analysis = found["analyses"][0]
    assert (found["summary"] != hidden) is customer_text
    assert (found["customer"]["name"] != hidden) is customer_text
    assert (analysis["root_cause"] != hidden) is staff_text
    assert (analysis["accountable"] != hidden) is restricted_text


def _analysed(callers: Callers) -> Json:
    case = callers.reporter.report(a_report())
    for each in examples.life("en")[1:10]:
        case = callers.of(each.role).take(case, each.step, each.body)
    return case


def test_an_erased_customer_reads_as_erased(
    app: Flask, callers: Callers, read_models: ProjectionEngine
) -> None:
    case = callers.reporter.report(a_report("CUST-ERASED"))
    read_models.catch_up()
    app.extensions["amends"].service.keys.destroy("CUST-ERASED")

    found = shown(callers.handler.get(f"/v1/cases/{case['id']}"))
    listed = shown(callers.handler.get("/v1/cases?customer_ref=CUST-ERASED"))["items"]

    assert found["summary"] == found["customer"]["name"] == {"erased": True}
    assert found["customer"]["ref"] == "CUST-ERASED"
    assert listed[0]["summary"] == {"erased": True}


def test_a_reader_without_the_right_to_a_text_sees_that_it_is_erased(
    app: Flask, callers: Callers, read_models: ProjectionEngine
) -> None:
    case = callers.reporter.report(a_report("CUST-GONE"))
    other = callers.reporter.report(a_report("CUST-STAYS"))
    read_models.catch_up()
    app.extensions["amends"].service.keys.destroy("CUST-GONE")

    found = [shown(callers.reporter.get(f"/v1/cases/{each['id']}")) for each in (case, other)]
    (event,) = shown(callers.analyst.get(f"/v1/cases/{case['id']}/events"))["items"]
    (listed,) = shown(callers.analyst.get("/v1/cases?customer_ref=CUST-GONE"))["items"]

    erased, hidden = {"erased": True}, {"hidden": True}
    assert [each["summary"] for each in found] == [erased, hidden]
    assert (event["data"]["summary"], listed["summary"]) == (erased, erased)


def test_codes_are_labelled_on_request(callers: Callers) -> None:
    case = callers.reporter.report(a_report())
    path = f"/v1/cases/{case['id']}?labels=true"

    chinese = callers.handler.get(path, Accept_Language="zh-CN")

    assert shown(chinese)["labels"]["channels"] == {"phone": "电话"}
    assert shown(callers.handler.get(path))["labels"]["channels"] == {"phone": "Phone"}
    assert chinese.headers["Content-Language"] == "zh"
    assert shown(chinese)["channel"] == "phone"


def test_the_events_come_in_pages(callers: Callers) -> None:
    case = callers.reporter.report()
    for _ in range(4):
        case = callers.handler.take(case, "acknowledge", examples.body("acknowledge", "en"))

    found = all_pages(callers.auditor, f"/v1/cases/{case['id']}/events?limit=2")

    assert [event["version"] for event in found] == [1, 2, 3, 4, 5]
    assert found[0]["name"] == "conflict_reported"
    assert found[1]["data"]["text"] == {"hidden": True}
    positions = [event["position"] for event in found]
    assert positions == sorted(positions)


def test_the_books_are_bilingual_and_versioned(callers: Callers) -> None:
    books = shown(callers.reporter.get("/v1/reference-books"))

    channels = shown(callers.reporter.get("/v1/reference-books/channels"))
    first = shown(callers.reporter.get("/v1/reference-books/channels/versions/1"))

    assert len(books["items"]) > 40
    assert channels == first
    phone = next(entry for entry in channels["entries"] if entry["code"] == "phone")
    assert phone["labels"] == {"en": "Phone", "zh": "电话"}
    missing = callers.reporter.get("/v1/reference-books/channels/versions/2")
    assert_problem(missing, 404, "book_not_found")
    assert_problem(callers.reporter.get("/v1/reference-books/x"), 404, "book_not_found")
