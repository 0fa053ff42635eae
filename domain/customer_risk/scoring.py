"""The score: a pure function of supplied values, an instant and one edition of the books (S56)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from domain.customer_risk.book import RiskBook, RiskIndicator

HUNDREDTH: Final = Decimal("0.01")
TENTH: Final = Decimal("0.1")
NO_POINTS: Final = Decimal("0.00")
ALL_POINTS: Final = Decimal("100.00")


class FactorState(StrEnum):
    """Whether an indicator counts, was observed too long ago, or was never supplied."""

    COUNTED = "counted"
    TOO_OLD = "too_old"
    MISSING = "missing"


class NoScore(StrEnum):
    """Why there is no score."""

    TOO_FEW_INDICATORS = "too_few_indicators"
    TOO_LITTLE_WEIGHT = "too_little_weight"


@dataclass(frozen=True, slots=True)
class Supplied:
    """A value of an indicator, when it was observed, and its place in the log."""

    indicator: str
    value: Decimal
    observed_at: datetime
    position: int = 0


@dataclass(frozen=True, slots=True)
class Factor:
    """One indicator in a score. `points` of 100; `contribution`: what they add to the score."""

    indicator: RiskIndicator
    state: FactorState
    supplied: Supplied | None = None
    points: Decimal | None = None
    contribution: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RiskScore:
    """A score of 0 to 100 with what it rests on; either `score` and `band`, or `why_none`.

    `factors` are in the order of the book. `weight`: of what counts, in percent of all.
    """

    at: datetime
    edition: int
    factors: tuple[Factor, ...]
    weight: int
    score: Decimal | None = None
    band: str | None = None
    why_none: NoScore | None = None

    @property
    def counted(self) -> tuple[Factor, ...]:
        """The factors that the score rests on."""
        return tuple(each for each in self.factors if each.state is FactorState.COUNTED)


def risk_score(values: Iterable[Supplied], at: datetime, book: RiskBook) -> RiskScore:
    """The score at an instant: the weighted mean of the points of what is known and fresh.

    Of each indicator the value counts that was observed last, up to `at`. Points are rounded to
    0.01, the score to 0.1, each half to even. The same for the same values in any order.
    """
    newest = _newest(values, at)
    usable = {code: found for code, found in newest.items() if _is_fresh(book, found, at)}
    points = {code: _points(book.indicators[code], found) for code, found in usable.items()}
    total = sum(book.indicators[code].weight for code in usable)
    weighted = {code: book.indicators[code].weight * each for code, each in points.items()}
    factors = []
    for code, indicator in book.indicators.items():
        if code in usable:
            share = (weighted[code] / total).quantize(HUNDREDTH)
            told = (FactorState.COUNTED, usable[code], points[code], share)
            factors.append(Factor(indicator, *told))
        elif code in newest:
            factors.append(Factor(indicator, FactorState.TOO_OLD, newest[code]))
        else:
            factors.append(Factor(indicator, FactorState.MISSING))
    percent = 100 * total // book.weight
    if why_none := _why_none(book, len(usable), percent):
        return RiskScore(at, book.edition, tuple(factors), percent, why_none=why_none)
    score = (sum(weighted.values(), NO_POINTS) / total).quantize(TENTH)
    return RiskScore(at, book.edition, tuple(factors), percent, score, book.band(score))


def _newest(values: Iterable[Supplied], at: datetime) -> Mapping[str, Supplied]:
    """Of each indicator what was observed last; of two at one time the one recorded last."""
    found: dict[str, Supplied] = {}
    for each in values:
        if each.observed_at > at:
            continue
        known = found.get(each.indicator)
        if known is None or _place(each) > _place(known):
            found[each.indicator] = each
    return found


def _place(supplied: Supplied) -> tuple[datetime, int]:
    return supplied.observed_at, supplied.position


def _is_fresh(book: RiskBook, found: Supplied, at: datetime) -> bool:
    """Whether it counts at the instant; what the edition does not know does not."""
    indicator = book.indicators.get(found.indicator)
    return indicator is not None and at - found.observed_at <= indicator.max_age


def _points(indicator: RiskIndicator, found: Supplied) -> Decimal:
    way = (found.value - indicator.calm) / (indicator.alarming - indicator.calm)
    return min(max((100 * way).quantize(HUNDREDTH), NO_POINTS), ALL_POINTS)


def _why_none(book: RiskBook, indicators: int, percent: int) -> NoScore | None:
    if indicators < book.least_indicators:
        return NoScore.TOO_FEW_INDICATORS
    return NoScore.TOO_LITTLE_WEIGHT if percent < book.least_weight else None
