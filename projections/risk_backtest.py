"""Customers' risk for a back-test: the same windows as at a look, from the records in memory."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from domain.customer_risk.book import risk_book
from domain.customer_risk.scoring import RiskScore, Supplied, risk_score
from domain.early_warning.judging import Tally, Windows, may_alarm
from domain.early_warning.rules import WarningRule
from domain.records import IndicatorSupplied, SubjectErased
from projections.read_model import Row
from projections.risk_windows import MOMENT, news_since, tally_of, told_by
from service.record_book import LoggedRecord

RISK_SCORE: Final = "risk_score"
"""The indicator of early warning that these facts belong to."""


def facts_of_records(records: Iterable[LoggedRecord]) -> Iterator[Row]:
    """What was supplied about customers, and who was erased, as facts of one indicator."""
    for logged in records:
        record: IndicatorSupplied | SubjectErased = logged.record
        yield {
            "indicator": RISK_SCORE,
            "customer": record.subject_ref,
            "occurred_at": record.occurred_at,
            "recorded_at": logged.recorded_at,
            "position": logged.position,
            "supplied": _supplied(record, logged.position),
        }


def _supplied(record: IndicatorSupplied | SubjectErased, position: int) -> Supplied | None:
    if isinstance(record, SubjectErased):
        return None
    return Supplied(record.indicator, record.value, record.occurred_at, position)


@dataclass
class _Known:
    """What is known about one customer: values by indicator, each in the order of recording."""

    times: list[datetime] = field(default_factory=list)
    by_code: dict[str, list[tuple[datetime, Supplied]]] = field(default_factory=dict)
    erased: tuple[int, datetime] | None = None

    def add(self, supplied: Supplied, recorded_at: datetime) -> None:
        self.times.append(recorded_at)
        self.by_code.setdefault(supplied.indicator, []).append((recorded_at, supplied))

    def last_before(self, instant: datetime) -> datetime | None:
        """When something was recorded last."""
        number = bisect_left(self.times, instant)
        return self.times[number - 1] if number else None

    def score(self, rule: WarningRule, before: datetime, at: datetime) -> RiskScore:
        """By what was known before an instant, as of another one."""
        newest = (self._newest(values, before, at) for values in self.by_code.values())
        told = (each for each in newest if each and not self._is_erased(each))
        return risk_score(told, at, risk_book(rule.edition))

    def _is_erased(self, value: Supplied) -> bool:
        """Whether it was told, or observed, before the last erasure."""
        if self.erased is None:
            return False
        position, erased_at = self.erased
        return value.position < position or value.observed_at <= erased_at

    @staticmethod
    def _newest(
        values: list[tuple[datetime, Supplied]], before: datetime, at: datetime
    ) -> Supplied | None:
        """The last one that was known; later ones were observed later."""
        for number in range(bisect_left(values, before, key=itemgetter(0)), 0, -1):
            if values[number - 1][1].observed_at <= at:
                return values[number - 1][1]
        return None


class CountedScores:
    """As `projections.warning_backtest.Counted`: what one rule about scores looks at."""

    def __init__(self, rule: WarningRule) -> None:
        self._rule = rule
        self._known: defaultdict[str, _Known] = defaultdict(_Known)
        # Customers in the order of what was supplied last.
        self._news: dict[str, datetime] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Take what was supplied, or an erasure; facts come in the order of their recording."""
        customer, known = row["customer"], self._known[row["customer"]]
        if row["supplied"] is None:
            erased = row["position"], row["recorded_at"]
            known.erased = max(known.erased or erased, erased)
            return
        known.add(row["supplied"], row["recorded_at"])
        self._news.pop(customer, None)
        self._news[customer] = row["recorded_at"]

    def windows_at(self, at: datetime) -> Mapping[str | None, Windows]:
        """As `projections.risk_windows.score_windows_at`."""
        since, found = news_since(self._rule, at), {}
        for customer, last in reversed(self._news.items()):
            if last < since:
                break
            known = self._known[customer]
            now = tally_of(known.score(self._rule, at, at - MOMENT))
            if may_alarm(self._rule, now):
                found[customer] = now, self._before(known, at - self._rule.window)
        return dict(sorted(found.items(), key=itemgetter(0)))

    def _before(self, known: _Known, start: datetime) -> Tally:
        was_at = told_by(known.last_before(start), start)
        return tally_of(known.score(self._rule, start, was_at))
