"""What a case may do to the company's name: how many people hear of it, who buys less (S21)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from domain.values import Status

if TYPE_CHECKING:
    from domain.conflict_case import ConflictCase

BOOK = "impact_coefficients"
COEFFICIENTS: Final = (
    "people_told_least",
    "people_told_most",
    "boycott_percent",
    "buy_less_percent",
    "buy_more_percent",
    "tell_twenty_percent",
)
SOLVED, UNSOLVED = "satisfied", "unresolved"
SET_ASIDE = frozenset({Status.WITHDRAWN, Status.MERGED})
NOT_ASKED_YET = frozenset({Status.RESOLVED, Status.FOLLOWED_UP, Status.CLOSED})


def mood_of(case: ConflictCase) -> str | None:
    """The code of the book that applies; None where nobody knows yet."""
    if case.status in SET_ASIDE:
        return None
    if case.status in NOT_ASKED_YET:
        return {True: SOLVED, False: UNSOLVED, None: None}[case.satisfied]
    return UNSOLVED


def impact_of(case: ConflictCase) -> tuple[str, Mapping[str, Any]] | None:
    """Mood and coefficients of the case's edition; None where it has no such book.

    Percentages say how likely one customer does something: an estimate, not a count.
    """
    mood = mood_of(case)
    if mood is None or BOOK not in case.edition.books:
        return None
    return mood, case.edition.entry(BOOK, mood).details
