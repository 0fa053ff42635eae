"""Rules of the book `warning_rules`: what is watched, of what, how long, and against what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, Final

from domain.book import Edition, Entry
from domain.reference_books import CURRENT_EDITION, edition

BOOK: Final = "warning_rules"
ALL: Final = "all"
"""The scope of a rule that looks at everything together."""
CUSTOMER: Final = "customer"
"""The scope of a rule that looks at each customer, by their reference."""
HOUR: Final = timedelta(hours=1)


class Kind(StrEnum):
    """How an indicator is counted: how many, how many out of how many, the mean of scores, or as
    a score that each customer has at any time.
    """

    COUNT = "count"
    RATE = "rate"
    MEAN = "mean"
    SCORE = "score"


class Change(StrEnum):
    """Which way an indicator goes when it goes wrong."""

    RISE = "rise"
    FALL = "fall"


@dataclass(frozen=True, kw_only=True)
class WarningRule:
    """One row of the book.

    Looks are taken every `every`, counted from the beginning of 1970 in UTC, each at the `window`
    that ends there. It is compared with `baseline_windows` windows of the same length, each
    `baseline_every` before the one after it: weeks for what has a rhythm of weeks. A rule with a
    `threshold` compares with that alone.

    `least_count`: of what is counted in the window, else there is no alarm. `least_windows` (since
    the first fact) and `least_baseline` (what they hold) say how much must be known before.
    `least_change`: a factor for counts and rates, points for means. `chance`: how likely such a
    change may be without a cause. `least_spread`: of scores, in points, however equal they were.
    `cool_down`: how long the rule then says nothing more about the same value of its scope.

    A customer's score (S56) is looked at where something was supplied in the window, and compared
    with the score before it: a `threshold` must not have been reached then, or it must have risen
    by `least_change` points. `edition`: of the books that the rule was read with.
    """

    code: str
    version: int
    edition: int
    indicator: str
    kind: Kind
    scope: str
    level: str
    change: Change
    window: timedelta
    every: timedelta
    baseline_windows: int
    baseline_every: timedelta
    least_windows: int
    least_count: int
    least_baseline: int
    least_change: float
    chance: float
    least_spread: float
    threshold: float | None
    cool_down: timedelta
    needs_case: bool

    @property
    def reach(self) -> timedelta:
        """How far back from a look the oldest window begins."""
        return self.baseline_windows * self.baseline_every + self.window

    def look_at_or_before(self, moment: datetime) -> datetime:
        """The last time to look that is not after the moment."""
        step = int(self.every.total_seconds())
        return datetime.fromtimestamp(int(moment.timestamp()) // step * step, UTC)


@cache
def rules_of(edition_number: int = CURRENT_EDITION) -> Mapping[str, WarningRule]:
    """The rules of an edition by code; none where it has no such book."""
    books = edition(edition_number)
    return read_rules(books) if BOOK in books.books else {}


def read_rules(books: Edition) -> Mapping[str, WarningRule]:
    """The rules that an edition's book holds. Raises KeyError, ValueError, UnknownCode."""
    book = books.book(BOOK)
    return {entry.code: _rule(entry, book.version, books) for entry in book.entries}


def _rule(entry: Entry, version: int, books: Edition) -> WarningRule:
    about: Mapping[str, Any] = entry.details
    indicator = books.entry("indicators", about["indicator"]).details
    threshold = about.get("threshold")
    rule = WarningRule(
        code=entry.code,
        version=version,
        edition=books.number,
        indicator=about["indicator"],
        kind=Kind(indicator["kind"]),
        scope=books.entry("warning_scopes", about["scope"]).code,
        level=books.entry("alarm_levels", about["level"]).code,
        change=Change(about["change"]),
        window=about["window_hours"] * HOUR,
        every=about["every_hours"] * HOUR,
        baseline_windows=about.get("baseline_windows", 0),
        baseline_every=about.get("baseline_every_hours", about["window_hours"]) * HOUR,
        least_windows=about.get("least_windows", 0),
        least_count=about["least_count"],
        least_baseline=about.get("least_baseline", 0),
        least_change=float(about.get("least_change", 0)),
        chance=float(about.get("chance", 1)),
        least_spread=float(indicator.get("least_spread", 0)),
        threshold=None if threshold is None else float(threshold),
        cool_down=about["cool_down_hours"] * HOUR,
        needs_case=about.get("needs_case", False),
    )
    _check(rule)
    return rule


def _check(rule: WarningRule) -> None:
    """A rule compares with a threshold or with a baseline whose windows do not overlap."""
    if (rule.threshold is None) != bool(rule.baseline_windows):
        raise ValueError(f"the rule {rule.code} needs a threshold or a baseline")
    if rule.baseline_every < rule.window or rule.every < HOUR:
        raise ValueError(f"the rule {rule.code} has windows that overlap, or looks too often")
    if rule.kind is Kind.SCORE and (rule.scope != CUSTOMER or rule.change is not Change.RISE):
        raise ValueError(f"the rule {rule.code} does not ask for the rise of a customer's score")
    has_chance = rule.kind is Kind.SCORE or 0 < rule.chance < 1
    if rule.threshold is None and not (rule.least_change and has_chance):
        raise ValueError(f"the rule {rule.code} does not say which change is large enough")
    if rule.kind is Kind.MEAN and rule.threshold is None and rule.least_spread <= 0:
        # Scores that were all equal have no spread of their own to compare with.
        raise ValueError(f"the rule {rule.code} watches a mean whose least spread is zero")
