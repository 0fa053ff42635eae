"""What figures of every report are made of: shares, spreads, and answers with how they count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement

ANSWERS: Final = {"yes": True, "no": False, "unknown": None}


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of`."""

    count: int = 0
    of: int = 0

    @property
    def share(self) -> float | None:
        """0 to 1; None where there is nothing to have a share of."""
        return self.count / self.of if self.of else None


@dataclass(frozen=True, slots=True)
class Answers:
    """How often a question was answered yes, no, or not at all."""

    yes: int = 0
    no: int = 0
    unknown: int = 0

    @property
    def share(self) -> Share:
        """Yes, of the known answers."""
        return Share(self.yes, self.yes + self.no)


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 90th percentile over `n` values, in seconds; None where there are none."""

    n: int = 0
    median_seconds: float | None = None
    p90_seconds: float | None = None


def answer_conditions(
    question: str, column: ColumnElement[bool | None]
) -> dict[str, ColumnElement[bool]]:
    """Which rows count as which answer: `{question}_yes`, `{question}_no`, `{question}_unknown`."""
    return {f"{question}_{answer}": column.is_(value) for answer, value in ANSWERS.items()}


def answers_in(row: Mapping[str, Any], question: str) -> Answers:
    """The answers that a row has counted under those names; none where it has no such column."""
    return Answers(*(row.get(f"{question}_{answer}", 0) for answer in ANSWERS))
