"""Running clocks: what the occasions of a case make of them, up to any instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.clocks import occasions as names
from domain.clocks.calendar import NOTHING, Calendar
from domain.clocks.occasions import Occasion
from domain.clocks.policy import ClockKind, Policy, Rule, Target


class State(StrEnum):
    """How it stands with one run of a clock; the last three are final."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class ClockRun:
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
    def is_over(self) -> bool:
        """Whether it no longer waits for what stops it."""
        return self.stopped_at is not None or self.state is State.CANCELLED


Due = tuple[datetime, Rule]


@dataclass(slots=True)
class _Span:
    """A stretch of time in which a run counts, on the case's own calendar if it has one."""

    since: datetime
    calendar: Calendar | None
    until: datetime | None = None


@dataclass(slots=True)
class _Run:
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
    spans: list[_Span] = field(default_factory=list)
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
        found = [
            (at, number, rule)
            for number, rule in enumerate(self.rules)
            if (at := self._reached(rule, rule.target_of(self.step))) is not None
        ]
        if not found:
            return None
        at, _, rule = min(found, key=lambda each: each[:2])
        return max(at, self.floor), rule

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
            self.spans.append(_Span(at, calendar))
            self._is_due_known = False

    def set_rules(self, rules: tuple[Rule, ...], at: datetime) -> None:
        """Let other rules hold from now on; what they make due is due now at the earliest."""
        if self.step > 1 and rules != self.rules:
            # Another interval is counted from where this round began.
            now = self.spans[-1]
            self.spans = [_Span(self.started_at, now.calendar, now.until)]
            self.anchor, self.step = self.started_at, 1
        self.rules, self.floor, self._is_due_known = rules, at, False

    def notice(self, now: datetime) -> None:
        """Take down that the due time has passed, once and for all."""
        due = None if self.set_aside else self.due()
        if due is not None and due[0] < now:
            self.missed_at, self.missed = due


_MERGING = frozenset({names.MERGED, names.UNMERGED})
_ENDING = frozenset({names.ENDED, names.REOPENED})
_HEARING = frozenset({names.WAITING, names.HEARD})


class _Clocks:
    """All runs of a case, moved on by one occasion after the other, in order of time."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.runs: list[_Run] = []
        self.open: list[_Run] = []
        self.pending: list[_Run] = []
        """The open ones that have not been missed."""
        self.open_codes: set[str] = set()
        self.closed_by: frozenset[str] = frozenset()
        """What would stop one of the open ones."""
        self.terms: dict[str, str] = {}
        self.rules: Mapping[str, tuple[Rule, ...]] = policy.rules_under(self.terms)
        self.waiting = False
        self.numbers: dict[str, int] = {}
        self.ran: set[str] = set()
        """Clocks that have run since the case was reported or reopened."""

    @property
    def calendar(self) -> Calendar | None:
        return self.policy.calendars.get(self.terms.get("calendar", ""))

    def take(self, occasion: Occasion, at: datetime) -> None:
        self.notice(at)
        self._stop(occasion.names, at)
        self._end(occasion.names, at)
        self._wait(occasion.names, at)
        self._set_terms(occasion, at)
        self._start(occasion.names, at)

    def notice(self, now: datetime) -> None:
        some_missed = False
        # A round that is missed adds the next one to those that are gone through.
        for run in self.pending:
            run.notice(now)
            if run.missed_at is None:
                continue
            some_missed = True
            if run.has_next:
                missed = [_Span(span.since, span.calendar, span.until) for span in run.spans]
                self._add(run, run.missed_at, missed, anchor=run.anchor, step=run.step + 1)
        if some_missed:
            self.pending = [run for run in self.pending if run.missed_at is None]

    def _stop(self, happened: frozenset[str], at: datetime) -> None:
        if self.closed_by.isdisjoint(happened):
            return
        stopped = [
            run
            for run in self.open
            if not run.kind.closed_by.isdisjoint(happened) and not run.set_aside
        ]
        self._close(stopped, at)
        for run in stopped:
            if run.has_next and run.kind.ended_by.isdisjoint(happened):
                self._add(run, at, [_Span(at, self.calendar)], anchor=at, step=1)

    def _end(self, happened: frozenset[str], at: datetime) -> None:
        """An ended case owes nothing more; a merged one owes it again once it is unmerged."""
        if not happened.isdisjoint(_MERGING):
            for run in self._of_the_case():
                run.set_aside = names.MERGED in happened
        if not happened.isdisjoint(_ENDING):
            cancelled = self._of_the_case()
            for run in cancelled:
                run.cancelled = run.missed_at is None
            self._close(cancelled, at)
            self.waiting = False
        if names.REOPENED in happened:
            self.ran.clear()

    def _of_the_case(self) -> list[_Run]:
        """The open runs that matter no longer when the case ends."""
        return [run for run in self.open if not run.kind.outlives_case]

    def _wait(self, happened: frozenset[str], at: datetime) -> None:
        if happened.isdisjoint(_HEARING):
            return
        self.waiting = names.WAITING in happened
        for run in self.open:
            if run.kind.pauses:
                if self.waiting:
                    run.pause(at)
                else:
                    run.go_on(at, self.calendar)

    def _set_terms(self, occasion: Occasion, at: datetime) -> None:
        if occasion.terms.items() <= self.terms.items():
            return
        before, self.terms = self.calendar, {**self.terms, **occasion.terms}
        self.rules = self.policy.rules_under(self.terms)
        for run in self.pending:
            if self.calendar is not before and run.paused_since is None:
                run.pause(at)
                run.go_on(at, self.calendar)
            run.set_rules(self.rules.get(run.kind.code, ()), at)

    def _start(self, happened: frozenset[str], at: datetime) -> None:
        for name in happened:
            for kind in self.policy.started_by.get(name, ()):
                if self._may_start(kind):
                    self._begin(kind, at)

    def _may_start(self, kind: ClockKind) -> bool:
        if any(run.kind is kind for run in self.open):
            return False
        return kind.repeats or kind.code not in self.ran

    def _begin(self, kind: ClockKind, at: datetime) -> None:
        self._open(_Run(kind, self._number(kind), at, at, at, spans=[_Span(at, self.calendar)]))
        self.ran.add(kind.code)

    def _add(
        self, run: _Run, at: datetime, spans: list[_Span], *, anchor: datetime, step: int
    ) -> None:
        """Begin the round that follows a run."""
        run.is_followed = True
        number = self._number(run.kind)
        following = _Run(run.kind, number, at, at, anchor, step, run.round + 1, spans=spans)
        self._open(following)

    def _number(self, kind: ClockKind) -> int:
        number = self.numbers[kind.code] = self.numbers.get(kind.code, 0) + 1
        return number

    def _open(self, run: _Run) -> None:
        run.rules = self.rules.get(run.kind.code, ())
        if self.waiting and run.kind.pauses:
            run.pause(run.started_at)
        self.runs.append(run)
        self.open.append(run)
        self.pending.append(run)
        if run.kind.code not in self.open_codes:
            self.open_codes.add(run.kind.code)
            self.closed_by |= run.kind.closed_by

    def _close(self, runs: list[_Run], at: datetime) -> None:
        for run in runs:
            run.stopped_at = at
        self.open = [run for run in self.open if run.stopped_at is None]
        self.pending = [run for run in self.open if run.missed_at is None]
        self.open_codes = {run.kind.code for run in self.open}
        self.closed_by = frozenset().union(*(run.kind.closed_by for run in self.open))


def clock_runs(
    policy: Policy, history: Iterable[Occasion], now: datetime | None = None
) -> tuple[ClockRun, ...]:
    """Every run of every clock under a policy, in the order they began, then by name.

    A pure function: the same policy and occasions always give the same runs. `now` is the instant
    from which they are looked at; without it, a due time counts as missed only where a later
    occasion shows that it has passed. A run that no rule sets is left out.
    """
    clocks = _Clocks(policy)
    began_at: datetime | None = None
    for occasion in names.in_order(history):
        began_at = began_at or occasion.at
        # What happened before the report counts as known with it.
        clocks.take(occasion, max(occasion.at, began_at))
    if now is not None:
        clocks.notice(now)
    shown = [run for run in clocks.runs if run.rules or run.missed_at]
    return tuple(_shown(run) for run in sorted(shown, key=_place))


def _place(run: _Run) -> tuple[datetime, str, int]:
    return run.started_at, run.kind.code, run.number


def _shown(run: _Run) -> ClockRun:
    due_at, warn_at, remaining, rule = _prospect(run)
    return ClockRun(
        clock=run.kind.code,
        number=run.number,
        rule=rule.code,
        state=_state(run, due_at),
        started_at=run.started_at,
        due_at=due_at,
        warn_at=warn_at,
        paused_since=run.paused_since if due_at is None else None,
        remaining=remaining,
        stopped_at=run.stopped_at,
        missed_at=run.missed_at,
    )


Prospect = tuple[datetime | None, datetime | None, timedelta | None, Rule]


def _prospect(run: _Run) -> Prospect:
    """When the run is due, when to warn of it, what is left while it is paused, and the rule."""
    if run.missed_at is not None and run.missed is not None:
        return run.missed_at, run.warning(run.missed), None, run.missed
    due = run.due()
    if due is not None:
        return due[0], run.warning(due[1]), None, due[1]
    least, rule = run.remaining()
    return None, run.warning(rule), least, rule


def _state(run: _Run, due_at: datetime | None) -> State:
    if run.missed_at is not None:
        return State.MISSED
    if run.cancelled or run.set_aside:
        return State.CANCELLED
    if run.stopped_at is not None:
        return State.MET
    return State.RUNNING if due_at is not None else State.PAUSED
