"""The books of a customer's risk: indicators, the bands of the score, and what a score needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final

from domain.book import Edition, Entry
from domain.reference_books import CURRENT_EDITION, edition

INDICATORS: Final = "risk_indicators"
BANDS: Final = "risk_bands"
SCORES: Final = "risk_scores"
SCORE: Final = "churn_or_conflict"
BOOKS: Final = (INDICATORS, BANDS, SCORES)
MOST_INDICATORS: Final = 12
"""So many the practice texts name (S56)."""


@dataclass(frozen=True, kw_only=True)
class RiskIndicator:
    """One row of the book: what is supplied, and how much it says.

    At `calm` it adds nothing to the risk, at `alarming` all of its weight, between them as much
    as it lies on the way; either may be the higher one. `unit` is a code of `risk_units`.
    """

    code: str
    unit: str
    least: Decimal
    most: Decimal
    calm: Decimal
    alarming: Decimal
    weight: int
    max_age: timedelta
    is_whole: bool
    """It counts something: a fraction of it cannot be."""


@dataclass(frozen=True, kw_only=True)
class RiskBook:
    """What the books of one edition say: indicators in order, bands from the highest down.

    A score needs `least_indicators`, and indicators of `least_weight` percent of all weight.
    """

    edition: int
    indicators: Mapping[str, RiskIndicator]
    bands: tuple[tuple[str, Decimal], ...]
    least_indicators: int
    least_weight: int

    @property
    def weight(self) -> int:
        """Of all indicators together."""
        return sum(each.weight for each in self.indicators.values())

    def band(self, score: Decimal) -> str:
        """The band that a score falls into."""
        return next(code for code, least in self.bands if score >= least)


@cache
def risk_book(edition_number: int = CURRENT_EDITION) -> RiskBook:
    """The risk books of an edition. Raises UnknownEdition, and UnknownBook in the first three."""
    return read_risk_book(edition(edition_number))


def read_risk_book(books: Edition) -> RiskBook:
    """What an edition's books say. Raises UnknownBook, KeyError, ValueError."""
    rows = books.book(INDICATORS).entries
    bands = [(e.code, Decimal(e.details["from"])) for e in books.book(BANDS).entries]
    needs = books.entry(SCORES, SCORE).details
    read = RiskBook(
        edition=books.number,
        indicators={row.code: _indicator(row, books) for row in rows},
        bands=tuple(sorted(bands, key=lambda band: -band[1])),
        least_indicators=needs["least_indicators"],
        least_weight=needs["least_weight_percent"],
    )
    if len(read.indicators) > MOST_INDICATORS or read.bands[-1][1] != 0:
        raise ValueError("there are too many indicators of risk, or the lowest band begins above 0")
    return read


def _indicator(row: Entry, books: Edition) -> RiskIndicator:
    about: Mapping[str, Any] = row.details
    unit = books.entry("risk_units", about["unit"])
    read = RiskIndicator(
        code=row.code,
        unit=unit.code,
        least=Decimal(about["least"]),
        most=Decimal(about["most"]),
        calm=Decimal(about["calm"]),
        alarming=Decimal(about["alarming"]),
        weight=about["weight"],
        max_age=timedelta(days=about["max_age_days"]),
        is_whole=unit.details.get("whole", False),
    )
    _check(read, about["direction"])
    return read


def _check(read: RiskIndicator, direction: str) -> None:
    """Both thresholds lie in the range, in the order that the direction says."""
    low, high = sorted((read.calm, read.alarming))
    if not read.least <= low < high <= read.most or read.weight <= 0 or not read.max_age:
        raise ValueError(f"the indicator {read.code} has thresholds that cannot be")
    if (direction == "rise") != (read.alarming > read.calm):
        raise ValueError(f"the indicator {read.code} goes the other way than it says")
