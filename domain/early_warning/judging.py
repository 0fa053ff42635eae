"""Whether what was counted is an alarm: a pure function of a rule and its windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, sqrt
from typing import Final

from domain.early_warning.chances import chance_of_so_many, deviations_for
from domain.early_warning.rules import Change, Kind, WarningRule

THOUSAND: Final = 1_000


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted in one window: how many, and the sums of values and of their squares.

    Values are whole thousandths, so that sums do not depend on the order. For a rate `count` is
    out of how many, and the values are those that count. Positions are those of the first and
    the last fact in the log; 0 where there is none.
    """

    count: int = 0
    total: int = 0
    squares: int = 0
    first_position: int = 0
    last_position: int = 0

    def __add__(self, other: Tally) -> Tally:
        if not other.last_position:
            return self
        if not self.last_position:
            return other
        return Tally(
            self.count + other.count,
            self.total + other.total,
            self.squares + other.squares,
            min(self.first_position, other.first_position),
            max(self.last_position, other.last_position),
        )

    @property
    def sum(self) -> float:
        return self.total / THOUSAND

    @property
    def mean(self) -> float:
        """The mean value, or the rate; 0 of nothing."""
        return self.sum / self.count if self.count else 0.0

    @property
    def variance(self) -> float:
        """Of the values about their mean."""
        if not self.count:
            return 0.0
        return max(0.0, self.squares / THOUSAND**2 / self.count - self.mean**2)


NOTHING: Final = Tally()
Windows = Sequence[Tally]
"""The window that is looked at, then those it is compared with, the newest first."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Why there is an alarm: the values that it stores.

    `expected` and `deviation` are None against a threshold. `deviation`: how many times the
    expected number for counts and rates, how many standard deviations for means, how many points
    more for scores, whose `expected` is the score before. `count` and
    `baseline_count`: how many facts, or scores, were looked at.
    """

    value: float
    expected: float | None
    deviation: float | None
    count: int
    baseline_count: int
    from_position: int
    to_position: int


@dataclass(frozen=True)
class _Change:
    value: float
    expected: float
    deviation: float
    baseline: Tally


def judge(rule: WarningRule, windows: Windows) -> Finding | None:
    """The alarm that these windows are for this rule, or None. The same for the same windows."""
    window = windows[0]
    if window.count < rule.least_count:
        return None
    if rule.kind is Kind.SCORE:
        return _score_change(rule, windows)
    if rule.threshold is not None:
        value = float(window.count) if rule.kind is Kind.COUNT else window.mean
        return _finding(value, windows[:1]) if _is_beyond(rule, value) else None
    if len(_known(windows)) < max(rule.least_windows, 1):
        return None
    found = _JUDGES[rule.kind](rule, windows)
    return None if found is None else _finding(found.value, windows, found)


def _is_beyond(rule: WarningRule, value: float) -> bool:
    threshold = rule.threshold if rule.threshold is not None else inf
    return value >= threshold if rule.change is Change.RISE else value <= threshold


def _count_change(rule: WarningRule, windows: Windows) -> _Change | None:
    """A rise of a count above what the earlier windows let expect.

    The highest of them counts as much as the next one, so that a past spike hides no new one;
    where they scatter more than chance would have it, so may the new one (quasi-Poisson).
    """
    known = _known(windows)
    counts = sorted(tally.count for tally in known)
    counts[-1] = counts[-2] if len(counts) > 1 else counts[-1]
    before, number = sum(counts), len(counts)
    value, expected = windows[0].count, before / number
    if before < rule.least_baseline or value < rule.least_change * expected:
        return None
    scatter = _scatter(counts, expected)
    chance = chance_of_so_many(ceil(value / scatter), before / scatter, 1 / number)
    if chance > rule.chance:
        return None
    return _Change(float(value), expected, value / max(expected, 1 / number), _sum(known))


def _scatter(counts: Sequence[int], expected: float) -> float:
    """Variance by mean, at least 1."""
    if len(counts) < 2 or not expected:
        return 1.0
    variance = sum((count - expected) ** 2 for count in counts) / (len(counts) - 1)
    return max(1.0, variance / expected)


def _rate_change(rule: WarningRule, windows: Windows) -> _Change | None:
    """A rise of events among occasions, compared with all earlier windows together."""
    window, before = windows[0], _sum(windows[1:])
    if before.count < max(rule.least_baseline, 1) or window.mean < rule.least_change * before.mean:
        return None
    exposure = window.count / before.count
    if chance_of_so_many(window.sum, before.sum, exposure) > rule.chance:
        return None
    times = window.mean / max(before.mean, 1 / before.count)
    return _Change(window.mean, before.mean, times, before)


def _mean_change(rule: WarningRule, windows: Windows) -> _Change | None:
    """A fall or rise of a mean by so many points, and by more than chance would have it."""
    window, before = windows[0], _sum(windows[1:])
    if before.count < max(rule.least_baseline, 1):
        return None
    off = window.mean - before.mean
    off = -off if rule.change is Change.FALL else off
    variance = max(before.variance, rule.least_spread**2)
    deviation = off / sqrt(variance / window.count + variance / before.count)
    if off < rule.least_change or deviation < deviations_for(rule.chance):
        return None
    return _Change(window.mean, before.mean, deviation, before)


def may_alarm(rule: WarningRule, now: Tally) -> bool:
    """Whether a score is high enough for a rule about scores, whatever it was before."""
    least = rule.least_change if rule.threshold is None else rule.threshold
    return bool(now.count) and now.count >= rule.least_count and round(now.mean, 4) >= least


def _score_change(rule: WarningRule, windows: Windows) -> Finding | None:
    """A score that reaches the threshold now and did not before, or rose by so many points.

    What was not scored before had not reached it, and has not risen either.
    """
    earlier = windows[1] if len(windows) > 1 else NOTHING
    now, before = round(windows[0].mean, 4), round(earlier.mean, 4)
    if not earlier.count:
        is_reached = rule.threshold is not None and _is_beyond(rule, now)
        return _finding(now, windows[:1]) if is_reached else None
    rise = round(now - before, 4)
    if rule.threshold is None:
        is_alarm = rise >= rule.least_change
    else:
        is_alarm = _is_beyond(rule, now) and not _is_beyond(rule, before)
    change = _Change(now, before, rise, earlier)
    return _finding(now, windows, change) if is_alarm else None


_JUDGES: Final = {
    Kind.COUNT: _count_change,
    Kind.RATE: _rate_change,
    Kind.MEAN: _mean_change,
}


def _known(windows: Windows) -> Windows:
    """The earlier windows since the first fact: what was not watched yet says nothing."""
    oldest = max((number for number, tally in enumerate(windows) if tally.count), default=0)
    return windows[1 : oldest + 1]


def _sum(windows: Windows) -> Tally:
    return sum(windows, NOTHING)


def _finding(value: float, windows: Windows, change: _Change | None = None) -> Finding:
    looked_at = _sum(windows)
    return Finding(
        value=value,
        expected=change.expected if change else None,
        deviation=change.deviation if change else None,
        count=windows[0].count,
        baseline_count=change.baseline.count if change else 0,
        from_position=looked_at.first_position,
        to_position=looked_at.last_position,
    )
