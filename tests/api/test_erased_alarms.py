"""After a person is erased, nothing shows any more what alarms about them had seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.alarm_json import FIGURES
from domain.early_warning.alarms import alarm_id
from domain.early_warning.judging import Finding
from domain.early_warning.rules import rules_of
from projections.engine import ProjectionEngine
from service.assembly import Service
from tests.api.conftest import Callers, Json, shown
from tests.api.supplying import grave, supply
from tests.api.test_alarms import change
from tests.api.test_openapi import check
from tests.api.test_privacy import erase

RULE = rules_of()["risk_becomes_high"]
SEEN = Finding(
    value=87.6543,
    expected=12.3456,
    deviation=75.3087,
    count=7,
    baseline_count=5,
    from_position=123_456_789,
    to_position=987_654_321,
)
FIGURES_SEEN = ("87.65", "12.34", "75.30", "123456789", "987654321")
LOOK = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def raised(service: Service, ref: str, at: datetime = LOOK) -> str:
    assert service.alarms.raise_once(RULE, ref, at, SEEN)
    return str(alarm_id(RULE, ref, at))


@pytest.fixture
def alarm(service: Service, callers: Callers, ref: str) -> str:
    """An alarm about a customer of whom four indicators are known."""
    assert supply(callers.reporter, ref, grave()).status_code == 201
    return raised(service, ref)


def figures(alarm: Json) -> set[Any]:
    return {alarm[name] for name in FIGURES}


def test_an_alarm_from_before_shows_that_it_was_and_nothing_that_it_saw(
    callers: Callers, openapi: Json, alarm: str, ref: str
) -> None:
    before = shown(callers.auditor.get(f"/v1/alarms/{alarm}"))

    erased_at = shown(erase(callers.privacy, ref))["erased_at"]

    after = shown(callers.auditor.get(f"/v1/alarms/{alarm}"))
    check(openapi, "Alarm", before)
    check(openapi, "Alarm", after)
    assert (before["value"], before["count"], before["erased_at"]) == (87.6543, 7, None)
    assert (figures(after), after["erased_at"]) == ({None}, erased_at)
    told = before.keys() - {*FIGURES, "erased_at"}
    assert {name: after[name] for name in told} == {name: before[name] for name in told}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_no_answer_holds_a_figure_of_it(
    callers: Callers, read_models: ProjectionEngine, alarm: str, ref: str, language: str
) -> None:
    read_models.catch_up()
    key = str(uuid4())
    change(callers.handler, alarm, "acknowledge", {}, key=key)
    erase(callers.privacy, ref)

    answers = [
        callers.auditor.get(f"/v1/alarms/{alarm}", Accept_Language=language),
        callers.auditor.get("/v1/alarms?rule=risk_becomes_high", Accept_Language=language),
        callers.handler.get("/v1/work?kind=close_alarm&limit=200", Accept_Language=language),
        change(callers.handler, alarm, "acknowledge", {}, key=key),
        change(callers.handler, alarm, "close", {"ground": "expected_event"}, version=2),
        callers.privacy.get(f"/v1/subjects/{ref}/export", Accept_Language=language),
        callers.privacy.get(f"/v1/subjects/{ref}/export?format=html", Accept_Language=language),
    ]

    for answer in answers:
        said = answer.get_data(as_text=True)
        assert answer.status_code == 200, said
        assert ref in said
        assert [each for each in FIGURES_SEEN if each in said] == []
    *_, export, page = answers
    (exported,) = shown(export)["alarms"]
    assert figures(exported) == {None}
    assert ("已删除" if language == "zh-CN" else ": erased") in page.get_data(as_text=True)


def test_a_look_from_before_that_is_taken_late_shows_nothing_either(
    service: Service, callers: Callers, alarm: str, ref: str
) -> None:
    erase(callers.privacy, ref)

    late = raised(service, ref, LOOK - timedelta(hours=1))

    assert figures(shown(callers.auditor.get(f"/v1/alarms/{late}"))) == {None}


def test_alarms_about_others_and_from_later_looks_stay(
    service: Service, callers: Callers, alarm: str, ref: str
) -> None:
    other = raised(service, f"{ref}-OTHER")
    erase(callers.privacy, ref)
    later = raised(service, ref, LOOK + timedelta(hours=1))

    listed = shown(callers.auditor.get("/v1/alarms?rule=risk_becomes_high&limit=3"))["items"]

    found = {each["id"]: (each["value"], each["erased_at"] is None) for each in listed}
    assert found == {alarm: (None, False), other: (87.6543, True), later: (87.6543, True)}


def test_what_was_recorded_stays_as_it_was(
    service: Service, callers: Callers, alarm: str, ref: str
) -> None:
    before = service.alarms.get(UUID(alarm)).alarm.raised

    erase(callers.privacy, ref)

    (logged,) = service.records.of_originator(UUID(alarm))
    assert logged.record == before
    assert str(logged.record.value) == "87.6543"
