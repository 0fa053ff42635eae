"""Process mining over HTTP: streamed, for those who analyse and audit, and on record."""

from __future__ import annotations

from uuid import uuid4
from xml.etree import ElementTree as Xml

import pytest
from flask import Flask

from tests.api.conftest import REPORT, Callers, Json, shown
from tests.api.test_errors import assert_problem

XES = "{http://www.xes-standard.org/}"


@pytest.fixture
def ref() -> str:
    return f"zhang-{uuid4().hex[:8]}"


@pytest.fixture
def case(callers: Callers, ref: str) -> Json:
    return callers.reporter.report({**REPORT, "customer": {"ref": ref}})


def test_an_analyst_gets_what_they_ask_for(callers: Callers, case: Json, ref: str) -> None:
    xml = callers.analyst.get(f"/v1/export?format=xes&language=zh&customer_ref={ref}")
    preferred = callers.analyst.get("/v1/export", Accept="application/xml")
    plain = callers.auditor.get(f"/v1/export?status=open&customer_ref={ref}")

    events = list(Xml.fromstring(xml.get_data()).iter(f"{XES}event"))  # noqa: S314
    assert [xml.content_type, plain.content_type] == ["application/xml", "application/json"]
    assert preferred.content_type == "application/xml"
    assert "已上报" in xml.get_data(as_text=True)
    assert len(events) == len(shown(plain)["events"]) == case["version"]
    assert xml.headers["Content-Language"] == "zh"


def test_nobody_is_named_in_it(callers: Callers, case: Json) -> None:
    answers = [callers.analyst.get(f"/v1/export?format={form}") for form in ("xes", "ocel2")]

    for answer in answers:
        assert "zhang-" not in answer.get_data(as_text=True)
        assert REPORT["summary"] not in answer.get_data(as_text=True)


def test_what_does_not_fit_is_not_exported(callers: Callers, case: Json) -> None:
    queries = (
        "status=closed",
        "origin=imported",
        "type=quality",
        "customer_ref=K-9",
        "reported_from=2200-01-01",
        "reported_to=2000-01-01",
        f"case_id={case['id']}&customer_ref=K-9",
    )

    found = [shown(callers.analyst.get(f"/v1/export?{query}"))["events"] for query in queries]

    assert found == [[]] * len(queries)


def test_the_export_is_on_record_before_it_is_sent(callers: Callers, case: Json) -> None:
    answer = callers.analyst.get("/v1/export?format=xes", Amends_Access_Reason="TICKET-7")

    entry = shown(callers.auditor.get("/v1/access-log?actor=analyst-1"))["items"][0]

    assert answer.status_code == 200
    assert (entry["what"], entry["reason"], entry["texts"]) == ("export_cases", "TICKET-7", 0)


def test_others_may_not(callers: Callers, case: Json) -> None:
    for caller in (callers.reporter, callers.handler, callers.privacy):
        assert_problem(caller.get("/v1/export"), 403, "forbidden")


@pytest.mark.parametrize(
    "query", ["format=csv", "language=de", "status=lost", "case_id=7", "origin=x", "imported=only"]
)
def test_a_bad_question_is_refused(callers: Callers, query: str) -> None:
    answer = callers.analyst.get(f"/v1/export?{query}")

    assert_problem(answer, 400, "invalid_parameter")


def test_a_form_that_there_is_not_is_refused(app: Flask, callers: Callers) -> None:
    answer = callers.analyst.get("/v1/export", Accept="text/csv")

    assert_problem(answer, 406, "not_acceptable")


@pytest.mark.parametrize("end", ["2026-01-01", "2026-12-01"])
def test_a_period_that_ends_before_it_begins_is_refused(callers: Callers, end: str) -> None:
    answer = callers.analyst.get(f"/v1/export?reported_from=2026-12-01&reported_to={end}")

    assert_problem(answer, 400, "invalid_parameter")
    (fault,) = answer.get_json()["errors"]
    assert (fault["parameter"], fault["code"]) == ("reported_to", "not_a_period")
