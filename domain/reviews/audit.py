"""The rule of audits: how far a figure is from what was expected, and whether that is too far."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from domain.book import Edition
from domain.errors import ExpectationMissing, FigureNotOfThisAudit, InvalidValue
from domain.reviews.values import AuditedFigure, FigureGiven

BOOK: Final = "audit_figures"
HUNDRED: Final = Decimal(100)
_FOUR_DECIMALS: Final = 10_000


class Worse(StrEnum):
    """Which way a figure goes when it goes wrong."""

    LOWER = "lower"
    HIGHER = "higher"
    EITHER = "either"


def exact_deviation(expected: Decimal, found: Decimal) -> Fraction | None:
    """|found - expected| / expected in percent (S64).

    None where nothing was expected but something found: no percentage says how far that is off.
    """
    if expected == 0:
        return Fraction(0) if found == 0 else None
    return abs(Fraction(found) - Fraction(expected)) / Fraction(expected) * 100


def deviation_percent(expected: Decimal, found: Decimal) -> Decimal | None:
    """The same, rounded to four decimals, halves to even."""
    exact = exact_deviation(expected, found)
    if exact is None:
        return None
    return Decimal(round(exact * _FOUR_DECIMALS)).scaleb(-4)


def deviates(expected: Decimal, found: Decimal, threshold_percent: Decimal, worse: Worse) -> bool:
    """Whether a figure is off by more than the threshold, the way that is wrong.

    Exactly the threshold is not more. Where nothing was expected, anything is too much.
    """
    if (worse is Worse.LOWER and found > expected) or (worse is Worse.HIGHER and found < expected):
        return False
    exact = exact_deviation(expected, found)
    return exact is None or exact > Fraction(threshold_percent)


def worse_way(books: Edition, figure: str) -> Worse:
    """What the book says of a figure."""
    return Worse(books.entry(BOOK, figure).details["worse"])


def completed(given: FigureGiven, number: int, books: Edition) -> AuditedFigure:
    """The figure with what is expected of it, as its caller or the book says.

    Raises FigureNotOfThisAudit, ExpectationMissing, and InvalidValue for more than 100 percent.
    """
    if not books.has(BOOK, given.figure):
        raise FigureNotOfThisAudit(field=f"figures.{number}.figure", figure=given.figure)
    about = books.entry(BOOK, given.figure).details
    expected = given.expected
    if expected is None:
        if "expected" not in about:
            raise ExpectationMissing(field=f"figures.{number}.expected", figure=given.figure)
        expected = Decimal(about["expected"])
    if about["unit"] == "percent":
        for name, value in (("expected", expected), ("found", given.found)):
            if value > HUNDRED:
                raise InvalidValue(
                    field=f"figures.{number}.{name}", reason=f"out_of_range 0..{HUNDRED}"
                )
    return AuditedFigure(
        figure=given.figure, sampled=given.sampled, expected=expected, found=given.found
    )
