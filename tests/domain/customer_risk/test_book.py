"""The books of a customer's risk: what they may say, and that early warning goes by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from domain.book import Edition, UnknownBook
from domain.customer_risk.book import BOOKS, MOST_INDICATORS, read_risk_book, risk_book
from domain.early_warning.rules import Kind, rules_of
from domain.reference_books import CURRENT_EDITION, EDITIONS, edition

BOOK = risk_book()


def test_there_are_at_most_twelve_indicators_and_their_weights_are_percents() -> None:
    assert len(BOOK.indicators) == MOST_INDICATORS == 12
    assert BOOK.weight == 100
    assert {unit.unit for unit in BOOK.indicators.values()} == edition(CURRENT_EDITION).book(
        "risk_units"
    ).codes


def test_bands_cover_every_score() -> None:
    bands = [BOOK.band(Decimal(score)) for score in ("0", "39.9", "40", "69.9", "70.0", "100")]

    assert bands == ["low", "low", "medium", "medium", "high", "high"]


def test_the_alarm_of_a_high_risk_begins_where_the_band_does() -> None:
    rule, high = rules_of()["risk_becomes_high"], dict(BOOK.bands)["high"]

    assert rule.threshold == float(high)
    assert {each.edition for each in rules_of().values()} == {BOOK.edition}


def test_a_version_of_the_rules_goes_by_one_version_of_the_risk_books() -> None:
    books_of_rules: dict[int, set[tuple[int, ...]]] = {}
    for number in EDITIONS:
        if any(rule.kind is Kind.SCORE for rule in rules_of(number).values()):
            versions = tuple(EDITIONS[number][name] for name in BOOKS)
            books_of_rules.setdefault(EDITIONS[number]["warning_rules"], set()).add(versions)

    assert books_of_rules
    assert all(len(versions) == 1 for versions in books_of_rules.values())


def test_earlier_editions_have_no_risk() -> None:
    with pytest.raises(UnknownBook):
        risk_book(3)


def with_first(**details: Any) -> Edition:
    """The current books, where the first indicator says something else."""
    books = edition(CURRENT_EDITION)
    book = books.book("risk_indicators")
    first = book.entries[0]
    changed = replace(first, details=MappingProxyType({**first.details, **details}))
    entries = (changed, *book.entries[1:])
    return Edition(99, {**books.books, "risk_indicators": replace(book, entries=entries)})


@pytest.mark.parametrize(
    "details",
    [
        pytest.param({"alarming": "30"}, id="nothing between the thresholds"),
        pytest.param({"alarming": "3651"}, id="a threshold out of range"),
        pytest.param({"weight": 0}, id="no weight"),
        pytest.param({"max_age_days": 0}, id="too old at once"),
        pytest.param({"direction": "fall"}, id="the other direction"),
    ],
)
def test_an_indicator_that_makes_no_sense_is_none(details: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="days_since_last_order"):
        read_risk_book(with_first(**details))


def test_a_thirteenth_indicator_is_one_too_many() -> None:
    books = edition(CURRENT_EDITION)
    book = books.book("risk_indicators")
    entries = (*book.entries, replace(book.entries[0], code="one_more"))

    with pytest.raises(ValueError, match="too many"):
        read_risk_book(
            Edition(99, {**books.books, "risk_indicators": replace(book, entries=entries)})
        )


def test_an_indicator_is_read_as_it_is_written() -> None:
    found = read_risk_book(with_first(max_age_days=7, weight=11)).indicators

    first = found["days_since_last_order"]
    assert (first.unit, first.weight, first.max_age) == ("days", 11, timedelta(days=7))
    assert (first.calm, first.alarming) == (30, 180)
