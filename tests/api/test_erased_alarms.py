"""After a person is erased, nothing shows any more what alarms about them had seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.alarm_json import FIGURES
from domain.early_warning.alarms import alarm_id
from domain.early_warning.judging import Finding
from domain.early_warning.rules import CUSTOMER, Kind, WarningRule, rules_of
from domain.reference_books import CURRENT_EDITION
from domain.times import CLOCK_TOLERANCE
from projections.engine import ProjectionEngine
from projections.warning_watch import WarningWatch
from service.assembly import Service
from tests.api.conftest import Callers, Json, shown
from tests.api.supplying import grave, supply
from tests.api.test_alarms import change
from tests.api.test_openapi import check
from tests.api.test_privacy import erase, reported

RULE, REPEATED = rules_of()["risk_becomes_high"], rules_of()["complaints_repeat_customer"]
HOUR = timedelta(hours=1)
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


def raised(service: Service, ref: str, at: datetime = LOOK, rule: WarningRule = RULE) -> str:
    assert service.alarms.raise_once(rule, ref, at, SEEN)
    return str(alarm_id(rule, ref, at))


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


def test_a_look_after_the_erasure_shows_nothing_of_the_reports_before_it(
    service: Service, callers: Callers, read_models: ProjectionEngine, ref: str
) -> None:
    for _ in range(4):
        reported(callers, ref)
    erase(callers.privacy, ref)
    read_models.catch_up()

    for now in (LOOK, LOOK + 2 * HOUR):
        WarningWatch(service.engine, service.alarms, [REPEATED], lambda now=now: now).look()

    listed = shown(callers.auditor.get(f"/v1/alarms?rule={REPEATED.code}"))["items"]
    (alarm,) = (each for each in listed if each["scope_value"] == ref)
    assert service.alarms.get(UUID(alarm["id"])).alarm.raised.count == 4
    assert figures(alarm) == {None}
    assert alarm["erased_at"] is not None


@pytest.mark.parametrize("code", ["complaints_repeat_customer", "risk_becomes_high"])
def test_figures_are_shown_from_when_the_window_begins_after_the_erasure(
    service: Service, callers: Callers, ref: str, code: str
) -> None:
    assert supply(callers.reporter, ref, grave()).status_code == 201
    erased_at = datetime.fromisoformat(shown(erase(callers.privacy, ref))["erased_at"])
    rule, free = rules_of()[code], erased_at + CLOCK_TOLERANCE + timedelta(seconds=1)
    looks = [begins + rule.window for begins in (free - timedelta(seconds=1), free)]
    alarms = [raised(service, ref, look, rule) for look in looks]

    counts = [shown(callers.auditor.get(f"/v1/alarms/{alarm}"))["count"] for alarm in alarms]

    assert counts == [None, 7]


@pytest.mark.parametrize("edition", range(1, CURRENT_EDITION + 1))
def test_no_rule_about_a_customer_counts_anything_before_its_window(edition: int) -> None:
    rules = rules_of(edition).values()

    beyond = [
        rule.code
        for rule in rules
        if rule.scope == CUSTOMER and rule.threshold is None and rule.kind is not Kind.SCORE
    ]

    assert beyond == []


def test_alarms_about_others_and_from_later_windows_stay(
    service: Service, callers: Callers, alarm: str, ref: str
) -> None:
    other = raised(service, f"{ref}-OTHER")
    erase(callers.privacy, ref)
    later = raised(service, ref, LOOK + 3 * HOUR)

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
