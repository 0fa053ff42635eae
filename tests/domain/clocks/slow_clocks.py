"""The clocks once more, as slowly and simply as they can be told: minute by minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from domain.clocks.calendar import Calendar
from domain.clocks.occasions import Occasion
from domain.clocks.policy import ClockKind, Policy, Rule, Unit

MINUTE = timedelta(minutes=1)
PARTS = {Unit.HOURS: 60, Unit.WEEKS: 7}


@cache
def is_worked(calendar: Calendar, minute: datetime) -> bool:
    """Whether the minute that begins now is working time, by a look at the wall."""
    local = minute.astimezone(calendar.zone)
    if not calendar.week:
        return True
    day = local.date()
    if day in calendar.holidays and day not in calendar.workdays:
        return False
    hours = calendar.week[0] if day in calendar.workdays else calendar.week[day.weekday()]
    return any(begins <= local.hour * 60 + local.minute < ends for begins, ends in hours)


@dataclass
class SlowRun:
    """A run with the minutes (or ends of days) that it counted, by the rule that could set it."""

    kind: ClockKind
    number: int
    started_at: datetime
    floor: datetime
    step: int = 1
    round: int = 1
    is_followed: bool = False
    counted: dict[str, list[datetime]] = field(default_factory=dict)
    paused: bool = False
    aside: bool = False
    cancelled: bool = False
    stopped_at: datetime | None = None
    missed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.stopped_at is None and not self.cancelled

    def due_at(self, rules: Sequence[Rule]) -> datetime | None:
        times = [at for rule in rules if (at := self.reached(rule)) is not None]
        return max(min(times), self.floor) if times else None

    def reached(self, rule: Rule) -> datetime | None:
        target = rule.target.amount * self.step * PARTS.get(rule.target.unit, 1)
        counted = self.counted.get(rule.code, [])
        return counted[target - 1] + MINUTE if len(counted) >= target else None


class SlowClocks:
    """Every run of a case; `live` moves them on by a minute."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.runs: list[SlowRun] = []
        self.terms: dict[str, str] = {}
        self.rules_when_stopped: dict[int, Sequence[Rule]] = {}
        self.waiting = False
        self.ran: set[str] = set()

    def live(self, minute: datetime, occasions: Sequence[Occasion]) -> None:
        """Notice what was missed, take what happens, and count the minute that begins."""
        self.notice(minute)
        for occasion in occasions:
            self.take(occasion, minute)
        for run in self.runs:
            for rule in self.policy.rules:
                if rule.clock == run.kind.code:
                    self.count(run, rule, minute)

    def count(self, run: SlowRun, rule: Rule, minute: datetime) -> None:
        if rule.target.unit in (Unit.MINUTES, Unit.HOURS):
            if run.paused or not run.is_open:
                return
            own = self.policy.calendars.get(self.terms.get("calendar", ""))
            counts = is_worked(own or rule.calendar, minute)
        else:
            counts = self.a_counted_day_ends(rule, minute, run.started_at)
        if counts:
            run.counted.setdefault(rule.code, []).append(minute)

    def a_counted_day_ends(self, rule: Rule, minute: datetime, started_at: datetime) -> bool:
        zone = rule.calendar.zone
        today = minute.astimezone(zone).date()
        if today == (minute + MINUTE).astimezone(zone).date():
            return False
        if today <= started_at.astimezone(zone).date():
            return False
        if rule.target.unit is not Unit.BUSINESS_DAYS:
            return True
        calendar = rule.calendar
        if not calendar.week or today in calendar.workdays:
            return True
        return today not in calendar.holidays and bool(calendar.week[today.weekday()])

    def rules_of(self, run: SlowRun) -> Sequence[Rule]:
        """The rules in force; for a run that is over, those that were when it ended."""
        if id(run) in self.rules_when_stopped:
            return self.rules_when_stopped[id(run)]
        return self.policy.rules_for(run.kind.code, self.terms)

    def notice(self, now: datetime) -> None:
        for run in self.runs:
            if run.is_open and not run.aside and run.missed_at is None:
                due_at = run.due_at(self.rules_of(run))
                if due_at is not None and due_at < now:
                    run.missed_at = due_at
                    self.rules_when_stopped[id(run)] = self.rules_of(run)
                    counted = {code: list(minutes) for code, minutes in run.counted.items()}
                    self.follow(run, due_at, counted, run.step + 1)

    def follow(
        self, run: SlowRun, at: datetime, counted: dict[str, list[datetime]], step: int
    ) -> None:
        if run.is_followed or run.round >= run.kind.rounds or not self.rules_of(run):
            return
        run.is_followed = True
        number = sum(each.kind is run.kind for each in self.runs) + 1
        paused = self.waiting and run.kind.pauses
        self.runs.append(
            SlowRun(run.kind, number, at, at, step, run.round + 1, counted=counted, paused=paused)
        )

    def take(self, occasion: Occasion, now: datetime) -> None:
        happened = occasion.names
        for run in [run for run in self.runs if run.is_open and not run.aside]:
            if run.kind.stopped_by & happened:
                self.stop(run, now)
                self.follow(run, now, {}, 1)
        for run in [run for run in self.runs if run.is_open and not run.kind.outlives_case]:
            if happened & {"ended", "reopened"}:
                self.stop(run, now)
                run.cancelled = run.missed_at is None
            elif "merged" in happened:
                run.aside = True
            elif "unmerged" in happened:
                run.aside = False
        if happened & {"ended", "reopened"}:
            self.waiting = False
        if happened & {"customer_awaited", "customer_heard"}:
            self.waiting = "customer_awaited" in happened
            for run in self.runs:
                if run.is_open and run.kind.pauses:
                    run.paused = self.waiting
        if {**self.terms, **occasion.terms} != self.terms:
            before = {id(run): self.rules_of(run) for run in self.runs}
            self.terms |= occasion.terms
            for run in self.runs:
                if run.is_open and run.missed_at is None:
                    run.floor = now
                    if run.step > 1 and self.rules_of(run) != before[id(run)]:
                        self.count_anew(run)
        self.start(happened, now)

    def count_anew(self, run: SlowRun) -> None:
        """Another interval is counted from where the round began."""
        run.step = 1
        for code, minutes in run.counted.items():
            run.counted[code] = [minute for minute in minutes if minute >= run.started_at]

    def stop(self, run: SlowRun, now: datetime) -> None:
        self.rules_when_stopped.setdefault(id(run), self.rules_of(run))
        run.stopped_at = now

    def start(self, happened: frozenset[str], now: datetime) -> None:
        if "reopened" in happened:
            self.ran = set()
        for kind in self.policy.clocks:
            same = [run for run in self.runs if run.kind is kind]
            again = kind.repeats or kind.code not in self.ran
            if kind.started_by & happened and again and not any(run.is_open for run in same):
                run = SlowRun(kind, len(same) + 1, now, now)
                run.paused = self.waiting and kind.pauses
                self.runs.append(run)
                self.ran.add(kind.code)
