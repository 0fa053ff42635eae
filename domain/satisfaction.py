"""Scores over all cases of a customer: their order, which are low, and which do not count (S51)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final
from uuid import UUID

from domain import events
from domain.book_answers import is_low_score
from domain.reference_books import edition

if TYPE_CHECKING:
    from domain.conflict_case import ConflictCase

IDENTICAL_IN_A_ROW: Final = 10
"""S51: a row of so many identical scores of one customer says nothing, however it goes on."""

Key = tuple[UUID, int]
"""The case and the version of the event that holds a score."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenScore:
    """One score as a customer gave it: in a survey, or when they were called."""

    case_id: UUID
    version: int
    at: datetime
    scale: str
    value: int
    edition: int

    @property
    def key(self) -> Key:
        return self.case_id, self.version

    @property
    def place(self) -> tuple[datetime, UUID, int]:
        """Its place among the customer's scores: by time, then as stored."""
        return self.at, self.case_id, self.version

    @property
    def is_low(self) -> bool:
        """Below 4 of 5, on any scale, as the books of the case have it (S50)."""
        return is_low_score(edition(self.edition), self.scale, self.value)


def scores_of(case: ConflictCase) -> Iterator[GivenScore]:
    """Every score that one case holds."""
    told: list[tuple[int, events.ConflictFollowedUp | events.SurveyAnswered]]
    told = [*case.follow_ups, *case.survey_answers]
    for _, event in told:
        if (score := event.score) is not None:
            yield GivenScore(
                case_id=case.id,
                version=event.version,
                at=event.occurred_at,
                scale=score.scale,
                value=score.value,
                edition=case.edition.number,
            )


def in_order(scores: Iterable[GivenScore]) -> list[GivenScore]:
    return sorted(scores, key=lambda score: score.place)


def invalid_scores(scores: Iterable[GivenScore]) -> frozenset[Key]:
    """Those of one customer's scores that stand in a row of ten or more identical ones.

    Identical: the same value on the same scale. The tenth makes all of the row invalid, and what
    goes on identically is invalid too; the first other answer ends the row. A score that is
    recorded late takes its place by when it was given, so a row may be broken, or made, later.
    """
    rows = groupby(in_order(scores), key=lambda score: (score.scale, score.value))
    invalid: set[Key] = set()
    for _, row in rows:
        keys = [score.key for score in row]
        if len(keys) >= IDENTICAL_IN_A_ROW:
            invalid.update(keys)
    return frozenset(invalid)
