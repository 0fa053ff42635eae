"""The policy with surveys, rounds and orders, held against its sources and the other books."""

from __future__ import annotations

from fractions import Fraction

import pytest

from domain.book_answers import is_low_score, score_range
from domain.clocks import occasions
from domain.clocks.policy import Unit, policy_of
from domain.reference_books import EDITIONS, edition

EDITION = 3
BOOKS = edition(EDITION)
POLICY = policy_of(EDITION)
BEFORE = policy_of(EDITION - 1)
FIGURES = {
    "survey_24h": "24 hours S49",
    "contact_survey_2h": "120 minutes S51",
    "follow_up_weekly": "7 days S52",
    "follow_up_monthly": "1 months S52",
    "follow_up_quarterly": "3 months S52",
    "director_plan_48h": "48 hours S50",
}
DAYS, MONTHS = "interval_days", "interval_months"


@pytest.mark.parametrize("code", FIGURES)
def test_a_figure_is_that_of_the_requirement(code: str) -> None:
    rule = next(rule for rule in POLICY.rules if rule.code == code)
    source = BOOKS.entry("service_levels", code).details["source"]

    assert f"{rule.target.amount} {rule.target.unit} {source}" == FIGURES[code]
    assert 0 <= rule.warn_before < rule.target.amount


@pytest.mark.parametrize("tier", [entry.code for entry in BOOKS.book("customer_tiers").entries])
def test_the_rounds_of_a_tier_are_those_of_its_follow_up_cycle(tier: str) -> None:
    cycle = BOOKS.entry("customer_tiers", tier).details["follow_up_cycle"]
    interval = BOOKS.entry("follow_up_cycles", cycle).details
    rules = POLICY.rules_for("follow_up_round", {"tier": tier})

    shortest = min(
        rules, key=lambda rule: rule.target.amount * (30 if rule.target.unit is Unit.MONTHS else 1)
    )

    expected = (interval[DAYS], Unit.DAYS) if DAYS in interval else (interval[MONTHS], Unit.MONTHS)
    assert (shortest.target.amount, shortest.target.unit) == expected


def test_every_clock_has_a_rule_and_names_occasions_that_exist() -> None:
    known = {value for name, value in vars(occasions).items() if name.isupper()}

    assert {rule.clock for rule in POLICY.rules} == {clock.code for clock in POLICY.clocks}
    for clock in POLICY.clocks:
        assert clock.started_by | clock.stopped_by <= known
        assert clock.led_by is None or clock.led_by in BOOKS.book("escalation_levels").codes


def test_what_there_was_before_is_as_it_was() -> None:
    rules = {rule.code: rule.target for rule in POLICY.rules}

    assert {rule.code: rule.target for rule in BEFORE.rules}.items() <= rules.items()


@pytest.mark.parametrize("scale", [entry.code for entry in BOOKS.book("score_scales").entries])
def test_a_score_is_low_where_it_is_less_of_the_best_than_4_of_5(scale: str) -> None:
    least, most = score_range(BOOKS, scale)

    low = [value for value in range(least, most + 1) if is_low_score(BOOKS, scale, value)]

    assert low == [v for v in range(least, most + 1) if Fraction(v, most) < Fraction(4, 5)]


def test_the_edition_is_there() -> None:
    assert EDITION in EDITIONS
