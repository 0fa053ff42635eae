"""The sums of the lessons-learned report over the estimated impact of its cases (S21)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, Select, case, func, null, select

from domain.impact import BOOK, NOT_ASKED_YET, SET_ASIDE, SOLVED, UNSOLVED
from domain.reference_books import EDITIONS, book

LIKELY: Final = ("boycott", "buy_less", "buy_more", "tell_twenty")
"""What the book holds the likelihood of, for one customer, in percent."""


@dataclass(frozen=True, slots=True)
class ImpactCases:
    """Cases whose customers are in one mood, estimated by one version of the book."""

    version: int
    mood: str
    cases: int

    def coefficient(self, name: str) -> int:
        """What the book says of one case. Raises KeyError for what it does not say."""
        return int(book(BOOK, self.version).entry(self.mood).details[name])


@dataclass(frozen=True, slots=True)
class ImpactFigures:
    """What the cases may do to the company's name, added up; estimates, never counts.

    `not_estimated`: cases that nobody can estimate, since the customer was not asked yet, the case
    was set aside, or its edition has no such book.
    """

    estimated: tuple[ImpactCases, ...] = ()
    not_estimated: int = 0

    @property
    def cases(self) -> int:
        return sum(each.cases for each in self.estimated)

    @property
    def people_told(self) -> tuple[int, int]:
        """How many people hear of it: at least, and at most."""
        return self._sum("people_told_least"), self._sum("people_told_most")

    def customers(self, likely: str) -> Decimal:
        """How many of the customers will probably do one of LIKELY; to the hundredth, exact."""
        return Decimal(self._sum(f"{likely}_percent")) / 100

    def _sum(self, name: str) -> int:
        return sum(each.cases * each.coefficient(name) for each in self.estimated)


def impact_counts(c: CTE) -> Select[Any]:
    """(grp, edition, mood, cases): how many of these cases are in which mood, None: not known."""
    mood = _mood(c)
    return (
        select(c.c.grp, c.c.edition, mood.label("mood"), func.count().label("cases"))
        .group_by(c.c.edition, mood, func.rollup(c.c.grp))
        .order_by(c.c.edition, mood)
    )


def _mood(c: CTE) -> ColumnElement[Any]:
    """As `domain.impact.mood_of` has it of one case."""
    answered = case((c.c.satisfied.is_(True), SOLVED), (c.c.satisfied.is_(False), UNSOLVED))
    return case(
        (c.c.status.in_(SET_ASIDE), null()),
        (c.c.status.in_(NOT_ASKED_YET), answered),
        else_=UNSOLVED,
    )


def impact_figures(rows: Iterable[tuple[int, str | None, int]]) -> ImpactFigures:
    """The sums over (edition, mood, cases)."""
    estimated: dict[tuple[int, str], int] = {}
    not_estimated = 0
    for edition, mood, cases in rows:
        version = EDITIONS[edition].get(BOOK)
        if mood is None or version is None:
            not_estimated += cases
        else:
            key = version, mood
            estimated[key] = estimated.get(key, 0) + cases
    found = [ImpactCases(*key, cases) for key, cases in sorted(estimated.items())]
    return ImpactFigures(tuple(found), not_estimated)
