"""Customers' risk for early warning: the score at a look, and the one before it (S56).

Looked at are customers about whom something was supplied in the window. Their score is compared
with the one that they had after the last value that was supplied before the window: so an alarm is
always news about the customer, and never values that only grew old.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from domain.customer_risk.book import RiskBook, risk_book
from domain.customer_risk.scoring import RiskScore, risk_score
from domain.early_warning.judging import NOTHING, THOUSAND, Tally, Windows
from domain.early_warning.rules import WarningRule
from domain.times import CLOCK_TOLERANCE
from service.risk_statements import SUPPLIED_IN
from service.risk_values import Asked, KnownValue, newest_values

AT_ONCE: Final = 500
"""Customers in one statement."""
MOMENT: Final = timedelta(microseconds=1)
"""The grain of time: before an instant is up to a moment before it."""


def score_windows_at(
    connection: Connection, rule: WarningRule, at: datetime
) -> Mapping[str | None, Windows]:
    """As `projections.indicator_questions.windows_at`, of customers' scores."""
    book, start = risk_book(rule.edition), at - rule.window
    times = {"since": news_since(rule, at), "until": at, "before": start}
    supplied = connection.execute(SUPPLIED_IN, times).all()
    found: dict[str | None, Windows] = {}
    for first in range(0, len(supplied), AT_ONCE):
        some = supplied[first : first + AT_ONCE]
        now = [Asked(row.subject_ref, at - MOMENT) for row in some]
        before = [Asked(row.subject_ref, told_by(row.recorded_at, start)) for row in some]
        erased_by = at - MOMENT
        of_now = newest_values(connection, now, book, known_at=at - MOMENT, erased_by=erased_by)
        of_before = newest_values(
            connection, before, book, known_at=start - MOMENT, erased_by=erased_by
        )
        for each, was, values, old in zip(now, before, of_now, of_before, strict=True):
            found[each.subject_ref] = (
                tally_of(_score(values, each.as_of, book)),
                tally_of(_score(old, was.as_of, book)),
            )
    return found


def news_since(rule: WarningRule, at: datetime) -> datetime:
    """From when on what is recorded is news at a look: callers' clocks may be ahead of ours."""
    return at - rule.window - CLOCK_TOLERANCE


def told_by(last: datetime | None, start: datetime) -> datetime:
    """The instant of the score before a window, whose last value was recorded at `last`."""
    if last is None:
        return start - MOMENT
    return min(last + CLOCK_TOLERANCE, start - MOMENT)


def tally_of(score: RiskScore) -> Tally:
    """A score as windows tell it: its mean is the score, its count what it rests on."""
    if score.score is None:
        return NOTHING
    counted = [each.supplied for each in score.counted if each.supplied]
    positions = [each.position for each in counted]
    thousandths = int(score.score * THOUSAND)
    return Tally(len(counted), thousandths * len(counted), 0, min(positions), max(positions))


def _score(values: Mapping[str, KnownValue], at: datetime, book: RiskBook) -> RiskScore:
    return risk_score((each.supplied for each in values.values()), at, book)
