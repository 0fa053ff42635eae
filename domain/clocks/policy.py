"""The service-level policy: which clocks there are, and how long each may run for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from domain.book import Edition, Entry
from domain.clocks.calendar import ALWAYS, Calendar, read_calendar
from domain.reference_books import edition

Terms = Mapping[str, str]
"""What a target depends on, e.g. {"channel": "chat", "tier": "gold"}; unknown ones are left out."""

KNOWN_TERMS = 4_096
KNOWN_TARGETS = 4_096
BOOKS = ("service_clocks", "service_levels", "service_calendars")


class Unit(StrEnum):
    """In what a target is counted. Days are over at the end of a local date."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    BUSINESS_DAYS = "business_days"

    @property
    def counts_dates(self) -> bool:
        return self in _UNITS_OF_DATES


_UNITS_OF_DATES = (Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.BUSINESS_DAYS)


@dataclass(frozen=True, kw_only=True)
class Target:
    """How long something may take: minutes and hours of working time, or whole dates."""

    amount: int
    unit: Unit

    @cached_property
    def length(self) -> timedelta:
        """The working time of a target in minutes or hours."""
        return timedelta(minutes=self.amount * (60 if self.unit is Unit.HOURS else 1))

    def date_after(self, since: datetime, calendar: Calendar) -> datetime:
        """When a target in dates is over: at the end of the last local date."""
        if self.unit is Unit.MONTHS:
            return calendar.end_of(calendar.month_after(since, self.amount))
        days = self.amount * (7 if self.unit is Unit.WEEKS else 1)
        workdays_only = self.unit is Unit.BUSINESS_DAYS
        return calendar.end_of(calendar.day_after(since, days, workdays_only=workdays_only))


@lru_cache(maxsize=KNOWN_TARGETS)
def _target(amount: int, unit: Unit) -> Target:
    return Target(amount=amount, unit=unit)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row of the policy: `target` holds where every term in `when` has one of its codes.

    `warn_before` is counted in the target's own unit; 0 gives no warning. `fixed_at` is a due time
    that somebody named; the target is then not looked at.
    """

    code: str
    clock: str
    target: Target
    fixed_at: datetime | None = None
    warn_before: int = 0
    calendar: Calendar = ALWAYS
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def target_of(self, step: int) -> Target:
        """The target of the round so many intervals after the one that was met last."""
        return self.target if step == 1 else self._times(step, 0)

    def warning_of(self, step: int) -> Target | None:
        """After which part of that to warn; None where the rule gives no warning."""
        if not self.warn_before or self.fixed_at:
            return None
        return self._times(step, self.warn_before)

    def _times(self, step: int, less: int) -> Target:
        return _target(self.target.amount * step - less, self.target.unit)

    def applies(self, terms: Terms) -> bool:
        return all(terms.get(name) in codes for name, codes in self.when.items())


@dataclass(frozen=True, kw_only=True)
class ClockKind:
    """A clock: what starts and stops it (names of `domain.clocks.occasions`), and how it runs.

    `pauses`: it rests while the customer is awaited. `repeats`: it may run again before the case
    is reopened. `rounds`: a run that is stopped or missed is followed by the next, up to so many
    since it was started; what is in `ended_by` stops it for good. `outlives_case`: it runs on when
    the case ends. `led_by`: whose work it is, where not the handler's. `told`: the customer is told
    of a delay before it happens (S47).
    """

    code: str
    started_by: frozenset[str]
    stopped_by: frozenset[str]
    pauses: bool = False
    repeats: bool = False
    rounds: int = 1
    outlives_case: bool = False
    led_by: str | None = None
    ended_by: frozenset[str] = frozenset()
    told: bool = False

    @cached_property
    def closed_by(self) -> frozenset[str]:
        """What stops a run of it, for good or until the next round."""
        return self.stopped_by | self.ended_by


@dataclass(frozen=True, kw_only=True, eq=False)
class Policy:
    """The clocks and rules that were valid together; a case keeps those of its edition."""

    clocks: tuple[ClockKind, ...] = ()
    rules: tuple[Rule, ...] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)

    def rules_under(self, terms: Terms) -> Mapping[str, tuple[Rule, ...]]:
        """Every rule that sets a clock under these terms, by clock; the shortest wins (S45)."""
        return _rules_under(self, frozenset(terms.items()))

    def rules_for(self, clock: str, terms: Terms) -> tuple[Rule, ...]:
        """Those that set one clock."""
        return self.rules_under(terms).get(clock, ())

    @cached_property
    def by_code(self) -> Mapping[str, ClockKind]:
        """The clocks by their names."""
        return {clock.code: clock for clock in self.clocks}

    @cached_property
    def started_by(self) -> Mapping[str, tuple[ClockKind, ...]]:
        """The clocks that each occasion starts."""
        started: dict[str, tuple[ClockKind, ...]] = {}
        for clock in self.clocks:
            for name in clock.started_by:
                started[name] = (*started.get(name, ()), clock)
        return started


@lru_cache(maxsize=KNOWN_TERMS)
def _rules_under(
    policy: Policy, terms: frozenset[tuple[str, str]]
) -> Mapping[str, tuple[Rule, ...]]:
    """The rules that apply, by clock; asked at every occasion of every case, for a few terms."""
    found: dict[str, tuple[Rule, ...]] = {}
    for rule in policy.rules:
        if rule.applies(dict(terms)):
            found[rule.clock] = (*found.get(rule.clock, ()), rule)
    return found


NO_POLICY = Policy()


@cache
def policy_of(edition_number: int) -> Policy:
    """The policy of an edition of the books; one without clocks where it has no such books."""
    books = edition(edition_number)
    return read_policy(books) if all(name in books.books for name in BOOKS) else NO_POLICY


def read_policy(books: Edition) -> Policy:
    """The policy that the books of an edition hold. Raises KeyError, ValueError, UnknownCode."""
    calendars = {
        entry.code: read_calendar(entry.code, entry.details)
        for entry in books.book("service_calendars").entries
    }
    return Policy(
        clocks=tuple(_clock(entry) for entry in books.book("service_clocks").entries),
        rules=tuple(_rule(entry, calendars) for entry in books.book("service_levels").entries),
        calendars=MappingProxyType(calendars),
    )


def _clock(entry: Entry) -> ClockKind:
    about = entry.details
    return ClockKind(
        code=entry.code,
        started_by=frozenset(about["started_by"]),
        stopped_by=frozenset(about["stopped_by"]),
        pauses=about["pauses"],
        repeats=about["repeats"],
        rounds=about.get("rounds", 1),
        outlives_case=about.get("outlives_case", False),
        led_by=about.get("led_by"),
        ended_by=frozenset(about.get("ended_by", ())),
        told=about.get("told", False),
    )


def _rule(entry: Entry, calendars: Mapping[str, Calendar]) -> Rule:
    about: Mapping[str, Any] = entry.details
    if entry.parent is None:
        raise ValueError(f"the rule {entry.code} sets no clock")
    return Rule(
        code=entry.code,
        clock=entry.parent,
        target=Target(amount=about["amount"], unit=Unit(about["unit"])),
        warn_before=about["warn_before"],
        calendar=calendars[about["calendar"]],
        when=MappingProxyType({name: frozenset(codes) for name, codes in about["when"].items()}),
    )
