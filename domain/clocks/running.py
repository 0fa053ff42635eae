"""Running clocks: what the occasions of a case make of them, up to any instant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter

from domain.clocks import occasions as names
from domain.clocks.calendar import Calendar
from domain.clocks.occasions import Occasion
from domain.clocks.policy import ClockKind, Policy, Rule
from domain.clocks.run import ClockRun, Run, Span

_MERGING = frozenset({names.MERGED, names.UNMERGED})
_ENDING = frozenset({names.ENDED, names.REOPENED})
_HEARING = frozenset({names.WAITING, names.HEARD})
_TURNING = _MERGING | _ENDING | _HEARING
"""What may change open clocks though it stops none."""


class _Clocks:
    """All runs of a case, moved on by one occasion after the other, in order of time."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.runs: list[Run] = []
        self.open: list[Run] = []
        self.pending: list[Run] = []
        """The open ones that have not been missed."""
        self.open_codes: set[str] = set()
        self.closed_by: frozenset[str] = frozenset()
        """What would stop one of the open ones."""
        self.terms: dict[str, str] = {}
        self.rules: Mapping[str, tuple[Rule, ...]] = policy.rules_under(self.terms)
        self.waiting = False
        self.unnoticed: datetime | None = None
        """Up to when time has passed since what is late was noticed last."""
        self.numbers: dict[str, int] = {}
        self.ran: set[str] = set()
        """Clocks that have run since the case was reported or reopened."""

    @property
    def calendar(self) -> Calendar | None:
        return self.policy.calendars.get(self.terms.get("calendar", ""))

    def take(self, occasion: Occasion, at: datetime) -> None:
        if self._changes_nothing(occasion):
            self.unnoticed = at
            return
        self.notice(at)
        self._stop(occasion.names, at)
        self._end(occasion.names, at)
        self._wait(occasion.names, at)
        self._set_terms(occasion, at)
        self._start(occasion.names, at)

    def _changes_nothing(self, occasion: Occasion) -> bool:
        """Whether only time passes with it: what that makes late can be noticed later as well."""
        happened = occasion.names
        return (
            self.closed_by.isdisjoint(happened)
            and _TURNING.isdisjoint(happened)
            and occasion.terms.items() <= self.terms.items()
            and not any(map(self._may_start, self._started_by(happened)))
        )

    def notice(self, now: datetime) -> None:
        self.unnoticed = None
        some_missed = False
        # A round that is missed adds the next one to those that are gone through.
        for run in self.pending:
            run.notice(now)
            if run.missed_at is None:
                continue
            some_missed = True
            if run.has_next:
                missed = [Span(span.since, span.calendar, span.until) for span in run.spans]
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
                self._add(run, at, [Span(at, self.calendar)], anchor=at, step=1)

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

    def _of_the_case(self) -> list[Run]:
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
        for kind in self._started_by(happened):
            if self._may_start(kind):
                self._begin(kind, at)

    def _started_by(self, happened: frozenset[str]) -> Iterator[ClockKind]:
        for name in happened:
            yield from self.policy.started_by.get(name, ())

    def _may_start(self, kind: ClockKind) -> bool:
        if kind.code in self.open_codes:
            return False
        return kind.repeats or kind.code not in self.ran

    def _begin(self, kind: ClockKind, at: datetime) -> None:
        self._open(Run(kind, self._number(kind), at, at, at, spans=[Span(at, self.calendar)]))
        self.ran.add(kind.code)

    def _add(
        self, run: Run, at: datetime, spans: list[Span], *, anchor: datetime, step: int
    ) -> None:
        """Begin the round that follows a run."""
        run.is_followed = True
        number = self._number(run.kind)
        following = Run(run.kind, number, at, at, anchor, step, run.round + 1, spans=spans)
        self._open(following)

    def _number(self, kind: ClockKind) -> int:
        number = self.numbers[kind.code] = self.numbers.get(kind.code, 0) + 1
        return number

    def _open(self, run: Run) -> None:
        run.rules = self.rules.get(run.kind.code, ())
        if self.waiting and run.kind.pauses:
            run.pause(run.started_at)
        self.runs.append(run)
        self.open.append(run)
        self.pending.append(run)
        if run.kind.code not in self.open_codes:
            self.open_codes.add(run.kind.code)
            self.closed_by |= run.kind.closed_by

    def _close(self, runs: list[Run], at: datetime) -> None:
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
    for instant in (clocks.unnoticed, now):
        if instant is not None:
            clocks.notice(instant)
    shown = [run for run in clocks.runs if run.rules or run.missed_at]
    return tuple(run.shown() for run in sorted(shown, key=attrgetter("place")))
