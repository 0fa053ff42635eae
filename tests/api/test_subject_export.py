"""Everything that is held about a person, for the person: whole, readable, and on record."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from api import examples
from domain.early_warning.judging import Tally, judge
from domain.early_warning.rules import rules_of
from tests.api.conftest import REPORT, Callers, Json, shown
from tests.api.test_errors import assert_problem
from tests.api.test_openapi import check
from tests.api.test_privacy import erase, place


@pytest.fixture
def case(callers: Callers, ref: str) -> Json:
    """A case from its report to its end, as the examples tell it."""
    report, *later = examples.life("en")
    body = {**report.body, "customer": {**report.body["customer"], "ref": ref}}
    told = callers.of(report.role).report(body)
    for each in later:
        told = callers.of(each.role).take(told, each.step, each.body)
    return told


def test_it_holds_every_event_of_every_case(
    app: Flask, callers: Callers, case: Json, ref: str
) -> None:
    other = callers.reporter.report({**REPORT, "customer": {"ref": ref}})
    hold = shown(place(callers.privacy, subject_ref=ref))

    answer = callers.privacy.get(f"/v1/subjects/{ref}/export")

    found = shown(answer)
    check(shown(app.test_client().get("/openapi.json")), "SubjectExport", found)
    assert answer.content_type == "application/json"
    assert found["subject_ref"] == ref
    assert [each["id"] for each in found["cases"]] == [case["id"], other["id"]]
    events = shown(callers.privacy.get(f"/v1/cases/{case['id']}/events?limit=200"))["items"]
    assert [each["data"] for each in found["cases"][0]["events"]] == [
        each["data"] for each in events
    ]
    assert found["cases"][0]["events"][0]["data"]["summary"] == case["summary"]
    assert found["legal_holds"] == [hold]
    assert found["erasures"] == []


def test_it_holds_the_alarms_about_the_person(
    app: Flask, callers: Callers, case: Json, ref: str
) -> None:
    rule, at = rules_of()["complaints_repeat_customer"], datetime(2026, 3, 2, tzinfo=UTC)
    finding = judge(rule, [Tally(3, 0, 0, 1, 3)])
    assert finding is not None
    for value in (ref, "CUST-OTHER"):
        app.extensions["amends"].service.alarms.raise_once(rule, value, at, finding)

    answer = callers.privacy.get(f"/v1/subjects/{ref}/export")
    page = callers.privacy.get(f"/v1/subjects/{ref}/export?format=html", Accept_Language="zh")

    (alarm,) = shown(answer)["alarms"]
    assert (alarm["rule"], alarm["scope_value"], alarm["value"]) == (rule.code, ref, 3.0)
    assert "七日内三次投诉" in page.get_data(as_text=True)
    assert "CUST-OTHER" not in page.get_data(as_text=True)


def test_it_says_who_looked_and_is_a_look_itself(callers: Callers, case: Json, ref: str) -> None:
    callers.handler.get(f"/v1/cases/{case['id']}", Amends_Access_Reason="ticket-1")

    first = shown(callers.privacy.get(f"/v1/subjects/{ref}/export"))
    second = shown(callers.privacy.get(f"/v1/subjects/{ref}/export"))

    assert [(each["actor"]["id"], each["what"]) for each in first["accesses"]] == [
        ("privacy-1", "export_subject"),
        ("handler-1", "show_case"),
    ]
    (itself, *_) = second["accesses"]
    assert (itself["subject_ref"], itself["cases"]) == (ref, [case["id"]])
    assert itself["texts"] > 20


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("What is held about you", "Phone")), ("zh-CN", ("我们保存的关于您的信息", "电话"))],
)
def test_it_can_be_read_as_a_page(
    callers: Callers, case: Json, ref: str, language: str, words: tuple[str, ...]
) -> None:
    place(callers.privacy, subject_ref=ref)

    answer = callers.privacy.get(
        f"/v1/subjects/{ref}/export", Accept="text/html", Accept_Language=language
    )

    page = answer.get_data(as_text=True)
    assert answer.content_type == "text/html; charset=utf-8"
    assert "script" not in answer.headers["Content-Security-Policy"]
    assert ref not in answer.headers["Content-Disposition"]
    for word in (*words, case["reference"], "court-2026-77"):
        assert word in page
    assert "<script" not in page
    assert "conversation" not in page


def test_the_page_shows_what_was_typed_as_text(callers: Callers, ref: str) -> None:
    callers.reporter.report({**REPORT, "customer": {"ref": ref}, "summary": "<script>x</script>"})

    page = callers.privacy.get(f"/v1/subjects/{ref}/export?format=html").get_data(as_text=True)

    assert "&lt;script&gt;x&lt;/script&gt;" in page


def test_of_an_erased_person_only_facts_are_left(callers: Callers, case: Json, ref: str) -> None:
    erase(callers.privacy, ref)

    found = shown(callers.privacy.get(f"/v1/subjects/{ref}/export"))
    page = callers.privacy.get(f"/v1/subjects/{ref}/export?format=html").get_data(as_text=True)

    events = found["cases"][0]["events"]
    assert events[0]["data"]["summary"] == {"erased": True}
    assert events[0]["data"]["channel"] == case["channel"]
    assert events[-1]["name"] == "personal_data_erased"
    assert [each["ground"] for each in found["erasures"]] == ["consent_withdrawn"]
    assert case["summary"] not in page
    assert ">erased<" in page


def test_somebody_nobody_knows_is_not_found(callers: Callers) -> None:
    assert_problem(callers.privacy.get("/v1/subjects/CUST-404/export"), 404, "subject_not_found")
    assert_problem(callers.privacy.get("/v1/subjects/%20/export"), 404, "subject_not_found")


def test_a_form_that_is_not_offered_is_refused(callers: Callers, case: Json, ref: str) -> None:
    answer = callers.privacy.get(f"/v1/subjects/{ref}/export", Accept="application/pdf")

    assert_problem(answer, 406, "not_acceptable")
