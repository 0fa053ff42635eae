"""Back-testing: what rules would have raised, from the log alone, look by look.

The same judgement as the watch's over windows that are counted here in memory, hour by hour.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain.early_warning.alarms import alarm_id
from domain.early_warning.judging import NOTHING, Finding, Tally, Windows, judge
from domain.early_warning.rules import ALL, HOUR, Kind, WarningRule
from projections.event_log import EventLog
from projections.faults import is_fault_of_event
from projections.indicator_tables import FACTS
from projections.indicators import READ_MODEL
from projections.read_model import CaseRows, Fact, Row
from projections.risk_backtest import CountedScores

PAGE_EVENTS: Final = 2_000
_HOUR_SECONDS: Final = 3_600


@dataclass(frozen=True, kw_only=True)
class WouldRaise:
    """An alarm that a rule would have raised at a look; `id` is the one it has where it did."""

    rule: WarningRule
    scope_value: str | None
    at: datetime
    finding: Finding

    @property
    def id(self) -> UUID:
        return alarm_id(self.rule, self.scope_value, self.at)


@dataclass
class FactsOfLog:
    """What indicators count, read from the log from its beginning."""

    log: EventLog
    _cases: dict[UUID, CaseRows] = field(default_factory=dict)
    _unreadable: set[UUID] = field(default_factory=set)

    def read(self, tell: Callable[[int], object] = lambda events: None) -> list[Row]:
        """Every fact, in the order of the log. `tell` is told how many events were read."""
        found: list[Row] = []
        read_to, events, is_last = 0, 0, False
        while not is_last:
            page = self.log.read_anew(read_to, PAGE_EVENTS)
            for fact in page.facts:
                found += self._facts_of(fact)
            read_to, is_last = page.read_to, page.is_last
            events += len(page.facts)
            tell(events)
        return found

    def _facts_of(self, fact: Fact) -> list[Row]:
        """What one event adds; a case with an event that cannot be read adds nothing more."""
        case = self._cases.get(fact.case_id)
        if case is None:
            case = self._cases[fact.case_id] = READ_MODEL.new_case(fact.case_id)
        if fact.case_id in self._unreadable:
            return []
        try:
            READ_MODEL.take(case, fact)
        except Exception as error:
            if not is_fault_of_event(error):
                raise
            self._unreadable.add(fact.case_id)
        added = [row for name, row in case.added if name == FACTS.name]
        case.added.clear()
        return added


def backtest(
    rules: Iterable[WarningRule],
    facts: Sequence[Row],
    *,
    since: datetime,
    until: datetime,
    as_occurred: bool = False,
    tell: Callable[[int], object] = lambda rules: None,
) -> list[WouldRaise]:
    """What the rules would have raised, had they been in force from `since` on, in order of time.

    Looks are those after `since`, up to `until`. `as_occurred`: as if every fact had been recorded
    when it occurred, for history that was imported later. `tell` is told how many rules are done.
    """
    if as_occurred:
        facts = [{**row, "recorded_at": row["occurred_at"]} for row in facts]
    found: list[WouldRaise] = []
    for number, rule in enumerate(rules):
        tell(number)
        found += _replay(rule, _known(rule, facts), since, until)
    return sorted(found, key=lambda each: (each.at, each.rule.code, each.scope_value or ""))


Known = list[tuple[datetime, Row]]


def _known(rule: WarningRule, facts: Iterable[Row]) -> Known:
    """The facts that concern a rule, in the order in which they came to be known."""
    concern = [
        (row["recorded_at"], row)
        for row in facts
        if row["indicator"] == rule.indicator and (rule.scope == ALL or row[rule.scope] is not None)
    ]
    return sorted(concern, key=lambda each: each[0])


def _replay(
    rule: WarningRule, known: Known, since: datetime, until: datetime
) -> Iterator[WouldRaise]:
    counted, read = _COUNTED.get(rule.kind, Counted)(rule), 0
    silent_until: dict[str | None, datetime] = {}
    at = rule.look_at_or_before(since) + rule.every
    while at <= until:
        while read < len(known) and known[read][0] < at:
            counted.add(known[read][1])
            read += 1
        for value, windows in counted.windows_at(at).items():
            if silent_until.get(value, at) > at:
                continue
            finding = judge(rule, windows)
            if finding is not None:
                silent_until[value] = at + rule.cool_down
                yield WouldRaise(rule=rule, scope_value=value, at=at, finding=finding)
        at += rule.every


class Counted:
    """What one rule counts, by value of its scope and by hour."""

    def __init__(self, rule: WarningRule) -> None:
        self._rule = rule
        self._hours: defaultdict[str | None, dict[int, Tally]] = defaultdict(dict)
        self._values: defaultdict[int, set[str | None]] = defaultdict(set)
        self._length = _hours_in(rule.window)
        # Windows by the hour at which they end: those of a look were the newest ones before.
        self._windows: defaultdict[str | None, dict[int, Tally]] = defaultdict(dict)

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one fact in the hour in which it occurred."""
        value = None if self._rule.scope == ALL else row[self._rule.scope]
        hour, position = _hour(row["occurred_at"]), row["position"]
        worth = row["thousandths"]
        tally = Tally(row["occasions"], worth, worth * worth, position, position)
        hours = self._hours[value]
        hours[hour] = hours.get(hour, NOTHING) + tally
        self._values[hour].add(value)
        for end in range(hour + 1, hour + self._length + 1) if self._windows[value] else ():
            self._windows[value].pop(end, None)

    def windows_at(self, at: datetime) -> Mapping[str | None, Windows]:
        """As `projections.indicator_questions.windows_at`."""
        end = _hour(at)
        newest = range(end - self._length, end)
        values = {value for hour in newest for value in self._values.get(hour, ())}
        enough = (v for v in values if self._window(v, end).count >= self._rule.least_count)
        return {value: self._all_windows(value, end) for value in sorted(enough, key=str)}

    def _all_windows(self, value: str | None, end: int) -> Windows:
        every = _hours_in(self._rule.baseline_every)
        numbers = range(self._rule.baseline_windows + 1)
        return [self._window(value, end - number * every) for number in numbers]

    def _window(self, value: str | None, end: int) -> Tally:
        known = self._windows[value]
        if end not in known:
            hours = self._hours[value]
            counted = (hours.get(hour) for hour in range(end - self._length, end))
            known[end] = sum((tally for tally in counted if tally is not None), NOTHING)
        return known[end]


_COUNTED: Final[Mapping[Kind, type[Counted | CountedScores]]] = {Kind.SCORE: CountedScores}
"""What counts for rules of a kind; the others count facts by the hour."""


def _hour(moment: datetime) -> int:
    return int(moment.timestamp() // _HOUR_SECONDS)


def _hours_in(length: timedelta) -> int:
    return length // HOUR
