"""Customers' risk for early warning: the score at a look, and the one before it (S56).

Looked at are customers about whom something was supplied in the window. Their score is compared
with the one that they had after the last value that was supplied before the window: so an alarm is
always news about the customer, and never values that only grew old.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection

from domain.customer_risk.book import RiskBook, risk_book
from domain.customer_risk.scoring import RiskScore, risk_score
from domain.early_warning.judging import NOTHING, THOUSAND, Tally, Windows, may_alarm
from domain.early_warning.rules import WarningRule
from domain.times import CLOCK_TOLERANCE
from service.risk_statements import SUPPLIED_IN
from service.risk_values import Asked, newest_values

AT_ONCE: Final = 500
"""Customers in one statement."""
MOMENT: Final = timedelta(microseconds=1)
"""The grain of time: before an instant is up to a moment before it."""


def score_windows_at(
    connection: Connection, rule: WarningRule, at: datetime
) -> Mapping[str | None, Windows]:
    """As `projections.indicator_questions.windows_at`, of customers' scores that may alarm."""
    times = {"since": news_since(rule, at), "until": at, "before": at - rule.window}
    supplied = connection.execute(SUPPLIED_IN, times).all()
    found: dict[str | None, Windows] = {}
    for first in range(0, len(supplied), AT_ONCE):
        told = {row.subject_ref: row.recorded_at for row in supplied[first : first + AT_ONCE]}
        found |= _windows_of(connection, rule, at, told)
    return found


def _windows_of(
    connection: Connection, rule: WarningRule, at: datetime, told: Mapping[str, datetime | None]
) -> dict[str | None, Windows]:
    """The windows of some customers; `told`: when something was recorded before the window."""
    start, last = at - rule.window, at - MOMENT
    ask = partial(_tallies, connection, risk_book(rule.edition), erased_by=last)
    now = ask([Asked(each, last) for each in told], known_at=last)
    grave = [each for each, tally in now.items() if may_alarm(rule, tally)]
    asked = [Asked(each, told_by(told[each], start)) for each in grave]
    before = ask(asked, known_at=start - MOMENT)
    return {each: (now[each], before[each]) for each in grave}


def _tallies(
    connection: Connection,
    book: RiskBook,
    asked: Sequence[Asked],
    *,
    known_at: datetime,
    erased_by: datetime,
) -> dict[str, Tally]:
    """The score of each customer as it was at the instant that is asked of them."""
    known = newest_values(connection, asked, book, known_at=known_at, erased_by=erased_by)
    scores = (
        risk_score((each.supplied for each in values.values()), one.as_of, book)
        for one, values in zip(asked, known, strict=True)
    )
    return {one.subject_ref: tally_of(score) for one, score in zip(asked, scores, strict=True)}


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
