"""The rule of audits: five per cent is not more than five per cent, and nothing expected."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ExpectationMissing, FigureNotOfThisAudit, InvalidValue
from domain.reference_books import CURRENT_EDITION, edition
from domain.reviews.audit import Worse, completed, deviates, deviation_percent, exact_deviation
from domain.reviews.values import FigureGiven

BOOKS = edition(CURRENT_EDITION)
FIVE = Decimal(5)
AMOUNTS = st.decimals(0, 1_000_000, places=4)


def given_figure(figure: str, found: str, expected: str | None = None) -> FigureGiven:
    told = None if expected is None else Decimal(expected)
    return FigureGiven(figure=figure, sampled=50, expected=told, found=Decimal(found))


@pytest.mark.parametrize(
    ("expected", "found", "percent", "is_more"),
    [
        ("80", "76", "5.0000", False),
        ("80", "84", "5.0000", False),
        ("80", "75.9999", "5.0001", True),
        ("80", "76.0001", "4.9999", False),
        ("80", "84.0001", "5.0001", True),
        ("80", "80", "0.0000", False),
        ("80", "0", "100.0000", True),
        ("3", "2.85", "5.0000", False),
        ("0.03", "0.0285", "5.0000", False),
        ("7", "6.65", "5.0000", False),
        ("7", "6.6499", "5.0014", True),
        ("1000000", "949999.9999", "5.0000", True),
        ("0.0001", "1000000", "999999999900.0000", True),
        ("0", "0", "0.0000", False),
        ("0", "0.0001", None, True),
        ("0", "100", None, True),
    ],
)
def test_more_than_five_per_cent_deviates_and_exactly_five_does_not(
    expected: str, found: str, percent: str | None, is_more: bool
) -> None:
    pair = Decimal(expected), Decimal(found)

    told = deviation_percent(*pair)

    assert (None if told is None else str(told)) == percent
    assert deviates(*pair, FIVE, Worse.EITHER) is is_more


@pytest.mark.parametrize(
    ("worse", "found", "expected"),
    [
        (Worse.LOWER, "95", False),
        (Worse.LOWER, "60", True),
        (Worse.HIGHER, "95", True),
        (Worse.HIGHER, "60", False),
        (Worse.EITHER, "95", True),
        (Worse.EITHER, "60", True),
    ],
)
def test_a_figure_deviates_only_the_way_that_is_wrong(
    worse: Worse, found: str, expected: bool
) -> None:
    assert deviates(Decimal(80), Decimal(found), FIVE, worse) is expected


@given(expected=AMOUNTS, found=AMOUNTS, threshold=st.decimals(0, 100, places=2))
def test_the_rule_is_exact_however_the_figures_are_rounded(
    expected: Decimal, found: Decimal, threshold: Decimal
) -> None:
    exact = exact_deviation(expected, found)

    off = abs(Fraction(found) - Fraction(expected)) * 100
    allowed = Fraction(threshold) * Fraction(expected)
    assert deviates(expected, found, threshold, Worse.EITHER) is (off > allowed)
    assert (exact is None) is (expected == 0 and found != 0)


def test_what_is_expected_may_be_left_out_where_the_book_says_it() -> None:
    told = completed(given_figure("first_contact_resolution", "72.5"), 0, BOOKS)
    own = completed(given_figure("first_contact_resolution", "72.5", "75"), 0, BOOKS)

    assert (told.expected, own.expected) == (80, 75)


def test_what_nobody_expects_cannot_be_audited() -> None:
    with pytest.raises(ExpectationMissing) as refusal:
        completed(given_figure("cases_within_time", "90"), 3, BOOKS)

    assert refusal.value.params["field"] == "figures.3.expected"


def test_a_figure_that_the_book_of_the_audit_lacks_is_refused() -> None:
    with pytest.raises(FigureNotOfThisAudit):
        completed(given_figure("beauty", "90", "90"), 0, BOOKS)


@pytest.mark.parametrize(
    ("found", "expected", "field"), [("100.01", "80", "found"), ("80", "101", "expected")]
)
def test_no_share_is_more_than_all(found: str, expected: str, field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        completed(given_figure("cases_within_time", found, expected), 0, BOOKS)

    assert refusal.value.params == {"field": f"figures.0.{field}", "reason": "out_of_range 0..100"}


def test_a_count_may_be_more_than_a_hundred() -> None:
    told = completed(given_figure("promises_on_record", "113", "120"), 0, BOOKS)

    assert (told.expected, told.found) == (120, 113)
