"""A case's whole life over HTTP alone, in English and in Chinese, by the examples of the docs."""

from __future__ import annotations

import pytest

from api import examples
from projections.engine import ProjectionEngine
from tests.api.conftest import Callers, Json, shown


def _live(callers: Callers, language: str) -> Json:
    report, *later = examples.life(language)
    case = callers.of(report.role).report(report.body)
    for each in later:
        case = callers.of(each.role).take(case, each.step, each.body)
    return case


each_language = pytest.mark.parametrize("language", examples.LANGUAGES)


@each_language
def test_a_case_goes_from_its_report_to_its_end(callers: Callers, language: str) -> None:
    case = _live(callers, language)

    found = shown(callers.handler.get(f"/v1/cases/{case['id']}"))
    assert found["status"] == "closed"
    assert found["version"] == len(examples.life(language))
    assert found["summary"] == examples.body("report", language)["summary"]
    assert found["chosen_solution_id"] == "S1"
    assert [solution["status"] for solution in found["solutions"]] == ["approved", "proposed"]
    assert found["solutions"][0]["feasibility"]["total"] == 21
    assert found["solutions"][0]["risk"]["highest"] == 12
    assert [step["completed"] is not None for step in found["plan"]["steps"]] == [True, True]
    assert found["satisfied"] is found["substantially_solved"] is True
    assert found["preventions"][0]["state"] == "checked"
    assert found["lessons"][0]["lesson_codes"] == ["slow", "suitable_offer"]


@each_language
def test_its_trail_names_each_step_actor_clocks_and_values(
    callers: Callers, read_models: ProjectionEngine, language: str
) -> None:
    case = _live(callers, language)
    read_models.catch_up()

    entries = shown(callers.auditor.get(f"/v1/cases/{case['id']}/audit-trail"))["items"]

    life = examples.life(language)
    assert [entry["step"].replace("-", "_") for entry in entries] == [each.step for each in life]
    assert [entry["actor"]["id"] for entry in entries] == [f"{each.role}-1" for each in life]
    assert all(entry["occurred_at"] <= entry["recorded_at"] for entry in entries)
    assert {entry["via"] for entry in entries} == {"api"}
    approval = next(entry for entry in entries if entry["step"] == "approve-solution")
    assert approval["actor"]["id"] == "approver-1"
    stages = [(entry["status_before"], entry["status_after"]) for entry in entries]
    assert stages[0] == (None, "reported")
    assert stages[-1] == ("followed_up", "closed")
    handler = next(
        change
        for entry in entries
        if entry["step"] == "assign"
        for change in entry["changes"]
        if change["field"] == "handler"
    )
    assert handler == {"field": "handler", "old": None, "new": "anna"}


def test_an_auditor_reads_what_staff_wrote_but_not_what_the_customer_said(
    callers: Callers, read_models: ProjectionEngine
) -> None:
    case = _live(callers, "zh")
    read_models.catch_up()

    for path in ("", "/events", "/audit-trail"):
        text = callers.auditor.get(f"/v1/cases/{case['id']}{path}").get_data(as_text=True)
        assert "回电承诺只记在个人笔记里" in text
        assert "王小明" not in text
        assert "滚筒已凹陷" not in text
