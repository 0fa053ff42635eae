"""The score is a pure function: by hand, and against a naive computation in fractions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.customer_risk.book import risk_book
from domain.customer_risk.scoring import FactorState, NoScore, RiskScore, Supplied, risk_score
from domain.reference_books import BOOKS_DIRECTORY

BOOK = risk_book()
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def value(indicator: str, number: str, age: timedelta = DAY, position: int = 0) -> Supplied:
    """A value as it was observed so long before the score is asked for."""
    return Supplied(indicator, Decimal(number), AT - age, position)


FOUR = (
    value("spend_change", "-30"),
    value("late_deliveries", "4"),
    value("support_contacts", "1"),
    value("days_since_last_order", "105"),
)


def states(score: RiskScore) -> dict[str, FactorState]:
    return {each.indicator.code: each.state for each in score.factors}


def test_a_score_is_the_weighted_mean_of_the_points() -> None:
    score = risk_score(FOUR, AT, BOOK)

    # (12 x 50 + 8 x 100 + 10 x 0 + 10 x 50) / 40
    assert (score.score, score.band, score.weight) == (Decimal("47.5"), "medium", 40)
    assert {each.indicator.code: each.points for each in score.counted} == {
        "spend_change": 50,
        "late_deliveries": 100,
        "support_contacts": 0,
        "days_since_last_order": 50,
    }
    assert {each.indicator.code: each.contribution for each in score.counted} == {
        "spend_change": 15,
        "late_deliveries": 20,
        "support_contacts": 0,
        "days_since_last_order": Decimal("12.5"),
    }
    assert (len(score.factors), score.why_none) == (12, None)


def test_beyond_the_thresholds_there_are_no_more_points() -> None:
    worst = [value("spend_change", "-100"), value("late_deliveries", "900"), *FOUR[2:]]
    best = [value("spend_change", "400"), value("late_deliveries", "0"), *FOUR[2:]]

    assert risk_score(worst, AT, BOOK).factors[2].points == 100
    assert risk_score(best, AT, BOOK).factors[2].points == 0


def test_with_three_indicators_there_is_no_score() -> None:
    score = risk_score(FOUR[:3], AT, BOOK)

    assert (score.score, score.band) == (None, None)
    assert score.why_none is NoScore.TOO_FEW_INDICATORS
    assert len(score.counted) == 3


def test_with_too_little_weight_there_is_no_score() -> None:
    light = ("late_payments", "negative_reviews", "survey_score", "cancellation_signs")

    score = risk_score([value(code, "1") for code in light], AT, BOOK)

    assert (score.score, score.why_none) == (None, NoScore.TOO_LITTLE_WEIGHT)
    assert score.weight == 24


def test_what_is_too_old_does_not_count_and_is_shown() -> None:
    at_its_age, past_it = timedelta(days=14), timedelta(days=14, microseconds=1)

    fresh = risk_score([*FOUR, value("open_tickets", "2", at_its_age)], AT, BOOK)
    old = risk_score([*FOUR, value("open_tickets", "2", past_it)], AT, BOOK)

    assert states(fresh)["open_tickets"] is FactorState.COUNTED
    assert states(old)["open_tickets"] is FactorState.TOO_OLD
    assert states(old)["return_rate"] is FactorState.MISSING
    assert old.score == risk_score(FOUR, AT, BOOK).score != fresh.score


def test_the_value_observed_last_counts_and_none_of_later() -> None:
    before = value("late_deliveries", "0", 2 * DAY)
    after = value("late_deliveries", "0", -DAY)

    assert risk_score([before, *FOUR, after], AT, BOOK) == risk_score(FOUR, AT, BOOK)
    assert risk_score([*FOUR, after], AT + DAY, BOOK).factors[5].points == 0


def test_of_two_at_one_time_the_one_recorded_last_counts() -> None:
    first, second = value("open_tickets", "4", position=8), value("open_tickets", "0", position=9)

    assert risk_score([*FOUR, first, second], AT, BOOK) == risk_score(
        [second, first, *FOUR], AT, BOOK
    )
    assert risk_score([*FOUR, first, second], AT, BOOK).factors[8].points == 0


def test_what_the_edition_does_not_know_does_not_count() -> None:
    unknown = value("phase_of_the_moon", "4")

    assert risk_score([*FOUR, unknown], AT, BOOK) == risk_score(FOUR, AT, BOOK)


# A naive computation, from the file of the book, in fractions and with sorted lists

ROWS: dict[str, dict[str, Any]] = {
    row["code"]: row["details"]
    for row in json.loads((BOOKS_DIRECTORY / "risk_indicators.v1.json").read_text("utf-8"))[
        "entries"
    ]
}


def naive_score(values: list[Supplied], at: datetime) -> tuple[str | None, list[str]]:
    """The score as text, and the indicators it rests on."""
    points: dict[str, Fraction] = {}
    for code, row in ROWS.items():
        known = sorted(
            (each.observed_at, each.position, each.value)
            for each in values
            if each.indicator == code and each.observed_at <= at
        )
        if not known or at - known[-1][0] > timedelta(days=row["max_age_days"]):
            continue
        calm, alarming = Fraction(row["calm"]), Fraction(row["alarming"])
        way = 100 * (Fraction(known[-1][2]) - calm) / (alarming - calm)
        points[code] = Fraction(round(100 * min(max(way, Fraction(0)), Fraction(100)))) / 100
    weight = sum(ROWS[code]["weight"] for code in points)
    if len(points) < 4 or weight < 40:
        return None, sorted(points)
    score = sum(ROWS[code]["weight"] * each for code, each in points.items()) / Fraction(weight)
    tenths = round(10 * score)
    return f"{tenths // 10}.{tenths % 10}", sorted(points)


@st.composite
def series(draw: st.DrawFn) -> list[Supplied]:
    """Values of any indicators at any times, some of them too old and some of the future."""
    found = []
    for position in range(draw(st.integers(0, 30))):
        code = draw(st.sampled_from(sorted(ROWS)))
        least, most = (int(ROWS[code][bound]) for bound in ("least", "most"))
        number = draw(st.decimals(least, most, places=draw(st.integers(0, 4))))
        age = timedelta(minutes=draw(st.integers(-3 * 1440, 220 * 1440)))
        found.append(Supplied(code, number, AT - age, position))
    return found


@given(series(), st.randoms())
def test_the_score_equals_a_naive_computation_and_knows_no_order(
    values: list[Supplied], random: Any
) -> None:
    score = risk_score(values, AT, BOOK)

    shuffled = random.sample(values, len(values))
    rests_on = sorted(each.indicator.code for each in score.counted)
    assert (str(score.score) if score.score is not None else None, rests_on) == naive_score(
        values, AT
    )
    assert risk_score(shuffled, AT, BOOK) == score


@given(series())
def test_contributions_add_up_to_the_score_but_for_rounding(values: list[Supplied]) -> None:
    score = risk_score(values, AT, BOOK)

    added = sum((each.contribution or Decimal() for each in score.counted), Decimal())
    if score.score is not None:
        assert abs(added - score.score) <= Decimal("0.05") + Decimal("0.005") * len(score.counted)
        assert 0 <= score.score <= 100


@pytest.mark.parametrize("code", ROWS)
def test_a_worse_value_never_lowers_the_score(code: str) -> None:
    row = ROWS[code]
    step = (Decimal(row["alarming"]) - Decimal(row["calm"])) / 4
    others = [each for each in FOUR if each.indicator != code] + [value("return_rate", "20")]
    others = [each for each in others if each.indicator != code]

    scores = [
        risk_score([*others, value(code, str(Decimal(row["calm"]) + n * step))], AT, BOOK).score
        for n in range(5)
    ]

    assert all(score is not None for score in scores)
    assert scores == sorted(scores, key=lambda score: score or 0)
    assert scores[0] != scores[-1]
