"""The policy as shipped: what requirements.md says, whole, and independent of later editions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.book_answers import escalation_minutes
from domain.clocks import occasions
from domain.clocks.calendar import Calendar, read_calendar
from domain.clocks.policy import NO_POLICY, Unit, policy_of
from domain.reference_books import CURRENT_EDITION, EDITIONS, edition
from service.business_calendars import book

V1 = policy_of(2)
BOOKS = edition(2)
HOLIDAYS_ARE_PUBLISHED_UNTIL = 2026
TERMS = {
    "channel": "channels",
    "urgency": "urgencies",
    "request_kind": "request_kinds",
    "tier": "customer_tiers",
    "severity": "severities",
    "regulation": "regulations",
}
"""What a rule may ask for, with the book of its codes."""
FIGURES = {
    "reply_urgent": "30 minutes S40",
    "reply_normal": "240 minutes S40",
    "chat_urgent": "15 minutes S41",
    "chat_ordinary": "120 minutes S41",
    "chat_complex_plan": "24 hours S41",
    "first_plan_48h": "48 hours S42",
    "technical_report_48h": "48 hours S43",
    "formal_plan_72h": "72 hours S44",
    "gold_express": "48 hours S45",
    "anger_2h": "120 minutes S10",
    "minutes_24h": "24 hours S48",
    "survey_24h": "24 hours S49",
}


def rule_named(code: str):
    return next(rule for rule in V1.rules if rule.code == code)


@pytest.mark.parametrize("code", FIGURES)
def test_a_figure_is_that_of_the_requirement(code: str) -> None:
    target, source = rule_named(code).target, BOOKS.entry("service_levels", code).details["source"]

    assert f"{target.amount} {target.unit} {source}" == FIGURES[code]


def test_the_first_plan_is_warned_of_four_hours_before() -> None:
    assert rule_named("first_plan_48h").warn_before == 4


def test_anger_has_the_same_time_in_both_books() -> None:
    assert rule_named("anger_2h").target.length == timedelta(
        minutes=escalation_minutes(BOOKS, "angry") or 0
    )


def test_every_rule_asks_only_for_codes_that_exist_and_warns_inside_its_time() -> None:
    for rule in V1.rules:
        for term, codes in rule.when.items():
            assert codes <= BOOKS.book(TERMS[term]).codes
        assert 0 <= rule.warn_before < rule.target.amount


def test_every_clock_has_a_rule_and_every_regulation_too() -> None:
    asked = {code for rule in V1.rules for code in rule.when.get("regulation", ())}

    assert {rule.clock for rule in V1.rules} == {clock.code for clock in V1.clocks}
    assert asked == BOOKS.book("regulations").codes


def test_clocks_that_count_dates_never_pause() -> None:
    for rule in V1.rules:
        clock = next(clock for clock in V1.clocks if clock.code == rule.clock)
        assert not (rule.target.unit.counts_dates and clock.pauses)


def test_clocks_name_only_occasions_that_exist() -> None:
    known = {value for name, value in vars(occasions).items() if name.isupper()}

    for clock in V1.clocks:
        for name in clock.started_by | clock.stopped_by:
            assert name in known


def test_the_calendars_are_those_that_the_package_gives_for_published_years() -> None:
    made = {entry["code"]: entry["details"] for entry in book(1)["entries"]}

    for entry in BOOKS.book("service_calendars").entries:
        assert entry.details.keys() == made[entry.code].keys()
        for name, value in entry.details.items():
            if name in ("holidays", "workdays"):
                assert published(value) == published(made[entry.code][name])


def published(days: tuple[str, ...]) -> list[str]:
    return [day for day in days if int(day[:4]) <= HOLIDAYS_ARE_PUBLISHED_UNTIL]


def test_an_edition_without_these_books_has_no_clocks() -> None:
    assert policy_of(1) is NO_POLICY


@pytest.mark.parametrize("number", sorted(EDITIONS)[1:])
def test_every_later_edition_has_a_policy_that_can_be_read(number: int) -> None:
    assert policy_of(number).rules


def test_the_current_edition_has_clocks() -> None:
    assert policy_of(CURRENT_EDITION).clocks


@pytest.mark.parametrize(
    "week",
    [
        [[["09:00", "17:00"]]] * 6,
        [[]] * 7,
        [[["12:00", "09:00"]]] * 7,
        [[["09:00", "12:00"], ["11:00", "15:00"]]] * 7,
        [[["09:00", "25:00"]]] * 7,
    ],
)
def test_a_week_that_cannot_be_worked_is_refused(week: list[list[list[str]]]) -> None:
    with pytest.raises(ValueError, match="no week"):
        read_calendar("odd", {"time_zone": "UTC", "week": week})


def test_a_local_date_that_was_left_out_is_over_with_the_one_before() -> None:
    samoa = Calendar("samoa", ZoneInfo("Pacific/Apia"))
    eve = datetime(2011, 12, 29, tzinfo=UTC).date()

    assert samoa.end_of(eve + timedelta(days=1)) == samoa.end_of(eve)


def test_a_rule_without_terms_holds_for_everybody() -> None:
    rule = replace(rule_named("survey_24h"), when={})

    assert rule.applies({})
    assert rule.target.unit is Unit.HOURS
