"""One run of a clock: when it is due, what is left of it, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.clocks.calendar import NOTHING, Calendar
from domain.clocks.policy import ClockKind, Rule, Target


class State(StrEnum):
    """How it stands with one run of a clock; the last three are final."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    CANCELLED = "cancelled"


class ClockRun(NamedTuple):
    """One run of a clock. `number` counts the runs of the same clock in a case, from 1.

    `due_at` and `warn_at` are None while they cannot be known, since the clock is paused; then
    `remaining` is the working time that is left of the target. `missed_at` is the due time that
    passed; a missed clock runs on until `stopped_at`, but nothing moves its due time any more.
    """

    clock: str
    number: int
    rule: str
    state: State
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    paused_since: datetime | None
    remaining: timedelta | None
    stopped_at: datetime | None
    missed_at: datetime | None

    @property
    def key(self) -> tuple[str, int]:
        """What events about this run name it by."""
        return self.clock, self.number

    @property
    def remaining_seconds(self) -> int | None:
        """Whole seconds left while it is paused; None where the due time says it."""
        return None if self.remaining is None else int(self.remaining.total_seconds())

    @property
    def is_over(self) -> bool:
        """Whether it no longer waits for what stops it."""
        return self.stopped_at is not None or self.state is State.CANCELLED


Due = tuple[datetime, Rule]
Prospect = tuple[datetime | None, datetime | None, timedelta | None, Rule]


@dataclass(slots=True)
class Span:
    """A stretch of time in which a run counts, on the case's own calendar if it has one."""

    since: datetime
    calendar: Calendar | None
    until: datetime | None = None


@dataclass(slots=True)
class Run:
    kind: ClockKind
    number: int
    started_at: datetime
    floor: datetime
    """No due time lies before: it was set by terms that nobody knew earlier."""
    anchor: datetime
    """From when its time is counted: `step` targets on it is due."""
    step: int = 1
    round: int = 1
    is_followed: bool = False
    """The next round has begun."""
    spans: list[Span] = field(default_factory=list)
    rules: tuple[Rule, ...] = ()
    stopped_at: datetime | None = None
    missed: Rule | None = None
    missed_at: datetime | None = None
    cancelled: bool = False
    set_aside: bool = False
    _due: Due | None = None
    _is_due_known: bool = False

    @property
    def paused_since(self) -> datetime | None:
        return self.spans[-1].until

    @property
    def has_next(self) -> bool:
        """Whether another round has still to follow."""
        return bool(self.rules) and not self.is_followed and self.round < self.kind.rounds

    def due(self) -> Due | None:
        """The earliest due time of all rules, and the rule that wins; None while unknown."""
        if not self._is_due_known:
            self._due, self._is_due_known = self._find_due(), True
        return self._due

    def _find_due(self) -> Due | None:
        found: Due | None = None
        for rule in self.rules:
            at = self._reached(rule, rule.target_of(self.step))
            if at is not None and (found is None or at < found[0]):
                found = at, rule
        return found and (max(found[0], self.floor), found[1])

    def warning(self, rule: Rule) -> datetime | None:
        """When to warn that a rule's target is running out."""
        warning = rule.warning_of(self.step)
        at = self._reached(rule, warning) if warning else None
        return None if at is None else max(at, self.floor)

    def _reached(self, rule: Rule, target: Target) -> datetime | None:
        """When so much of the rule's time has run; None where a pause keeps it from that."""
        if rule.fixed_at:
            return rule.fixed_at
        if target.unit.counts_dates:
            return target.date_after(self.anchor, rule.calendar)
        left = target.length
        for span in self.spans:
            calendar = span.calendar or rule.calendar
            if span.until is None or calendar.worked(span.since, span.until) >= left:
                return calendar.advance(span.since, left)
            left -= calendar.worked(span.since, span.until)
        return None

    def remaining(self) -> tuple[timedelta, Rule]:
        """The least working time that any rule leaves a paused run."""
        left = [
            (rule.target_of(self.step).length - self._worked(rule), number, rule)
            for number, rule in enumerate(self.rules)
        ]
        least, _, rule = min(left, key=lambda each: each[:2])
        return least, rule

    def _worked(self, rule: Rule) -> timedelta:
        spans = [(span, span.until) for span in self.spans]
        worked = (
            (span.calendar or rule.calendar).worked(span.since, until)
            for span, until in spans
            if until
        )
        return sum(worked, NOTHING)

    def pause(self, at: datetime) -> None:
        if self.spans[-1].until is None:
            self.spans[-1].until = at
            self._is_due_known = False

    def go_on(self, at: datetime, calendar: Calendar | None) -> None:
        if self.spans[-1].until is not None:
            self.spans.append(Span(at, calendar))
            self._is_due_known = False

    def set_rules(self, rules: tuple[Rule, ...], at: datetime) -> None:
        """Let other rules hold from now on; what they make due is due now at the earliest."""
        if self.step > 1 and rules != self.rules:
            # Another interval is counted from where this round began.
            now = self.spans[-1]
            self.spans = [Span(self.started_at, now.calendar, now.until)]
            self.anchor, self.step = self.started_at, 1
        self.rules, self.floor, self._is_due_known = rules, at, False

    def notice(self, now: datetime) -> None:
        """Take down that the due time has passed, once and for all."""
        due = None if self.set_aside else self.due()
        if due is not None and due[0] < now:
            self.missed_at, self.missed = due

    @property
    def place(self) -> tuple[datetime, str, int]:
        """Runs are told in the order they began, then by name."""
        return self.started_at, self.kind.code, self.number

    def shown(self) -> ClockRun:
        """What is told of it."""
        due_at, warn_at, remaining, rule = self._prospect()
        return ClockRun(
            clock=self.kind.code,
            number=self.number,
            rule=rule.code,
            state=self._state(due_at),
            started_at=self.started_at,
            due_at=due_at,
            warn_at=warn_at,
            paused_since=self.paused_since if due_at is None else None,
            remaining=remaining,
            stopped_at=self.stopped_at,
            missed_at=self.missed_at,
        )

    def _prospect(self) -> Prospect:
        """When it is due, when to warn of it, what is left while it is paused, and the rule."""
        if self.missed_at is not None and self.missed is not None:
            return self.missed_at, self.warning(self.missed), None, self.missed
        due = self.due()
        if due is not None:
            return due[0], self.warning(due[1]), None, due[1]
        least, rule = self.remaining()
        return None, self.warning(rule), least, rule

    def _state(self, due_at: datetime | None) -> State:
        if self.missed_at is not None:
            return State.MISSED
        if self.cancelled or self.set_aside:
            return State.CANCELLED
        if self.stopped_at is not None:
            return State.MET
        return State.RUNNING if due_at is not None else State.PAUSED
