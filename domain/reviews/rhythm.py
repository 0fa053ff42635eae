"""Kinds of review from their book, and the days on which their rhythm falls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from itertools import takewhile
from typing import Any, Final

from domain.book import Edition, Entry
from domain.clocks.calendar import Calendar, read_calendar
from domain.clocks.policy import Target, Unit
from domain.months import add_months
from domain.reference_books import CURRENT_EDITION, EDITIONS, edition

BOOK: Final = "review_kinds"
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
LONGEST_MOVE: Final = timedelta(days=31)
"""No run of holidays is longer."""


class Rhythm(StrEnum):
    """How often a kind of review comes round."""

    WEEKLY = "weekly"
    TWO_WEEKLY = "two_weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


_MONTHS: Final = {Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3}


@dataclass(frozen=True, kw_only=True)
class ReviewKind:
    """One row of the book.

    `weekday`: 1 is Monday. `anchor`: one of the days of a rhythm of two weeks. `day`: of the month,
    or its last one where it is shorter; of a quarter's first month. `due` and `correct_within`
    are counted from the day on which it is opened. `least_parties`: so many must be there, the
    owner among them. `figures`: what an audit has to tell before it is held; a deviation of more
    than `threshold_percent` opens a corrective action. Other reviews have neither.
    """

    code: str
    edition: int
    rhythm: Rhythm
    weekday: int
    anchor: date
    day: int
    calendar: Calendar
    due: Target
    owner: str
    least_parties: int
    looks_at: tuple[str, ...]
    figures: tuple[str, ...] = ()
    threshold_percent: Decimal | None = None
    correct_within: Target | None = None

    def days_from(self, first: date) -> Iterator[date]:
        """The days of the rhythm, on this day and later, whatever is a holiday."""
        months = _MONTHS.get(self.rhythm)
        if months is not None:
            return self._days_of_months(first, months)
        return self._days_of_weeks(first, 1 if self.rhythm is Rhythm.WEEKLY else 2)

    def _days_of_weeks(self, first: date, weeks: int) -> Iterator[date]:
        if weeks == 1:
            wait = (self.weekday - first.isoweekday()) % 7
        else:
            wait = (self.anchor - first).days % 14
        day = first + wait * DAY
        while True:
            yield day
            day += weeks * WEEK

    def _days_of_months(self, first: date, months: int) -> Iterator[date]:
        month = first.replace(month=(first.month - 1) // months * months + 1, day=1)
        while True:
            # Counted from the 31st of January, so that a short month shortens no later one.
            day = _day_of_month(month, self.day)
            if day >= first:
                yield day
            month = add_months(month, months)

    def period_of(self, day: date) -> tuple[date, date]:
        """What a review of this day covers: from the first day, up to but not with the other.

        The week or two before it; of months and quarters the whole one before.
        """
        months = _MONTHS.get(self.rhythm)
        if months is None:
            return day - (WEEK if self.rhythm is Rhythm.WEEKLY else 2 * WEEK), day
        this = day.replace(month=(day.month - 1) // months * months + 1, day=1)
        return add_months(this, -months), this


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """A review that falls due: a pure function of its kind and its day in the rhythm."""

    kind: ReviewKind
    scheduled_on: date

    @property
    def held_on(self) -> date:
        """The day itself, or the next one that is worked."""
        day = self.scheduled_on
        while not self.kind.calendar.is_workday(day):
            day += DAY
        return day

    @property
    def opens_at(self) -> datetime:
        """When work begins on that day."""
        calendar = self.kind.calendar
        if not calendar.week:
            return calendar.end_of(self.held_on - DAY)
        return calendar.periods(self.held_on)[0][0]

    @property
    def due_at(self) -> datetime:
        return after(self.kind.due, self.opens_at, self.kind.calendar)

    @property
    def period(self) -> tuple[datetime, datetime]:
        """In whole days of the calendar's zone."""
        first, end = self.kind.period_of(self.scheduled_on)
        calendar = self.kind.calendar
        return calendar.end_of(first - DAY), calendar.end_of(end - DAY)


def due_between(kind: ReviewKind, since: datetime, until: datetime) -> Iterator[Occurrence]:
    """The reviews that open after `since`, up to and at `until`, in order."""
    first = since.astimezone(kind.calendar.zone).date() - LONGEST_MOVE
    found = (Occurrence(kind=kind, scheduled_on=day) for day in kind.days_from(first))
    upto = takewhile(lambda each: each.opens_at <= until, found)
    return (each for each in upto if each.opens_at > since)


def next_after(kind: ReviewKind, moment: datetime) -> Occurrence:
    """The first review that opens after this moment."""
    first = moment.astimezone(kind.calendar.zone).date() - LONGEST_MOVE
    found = (Occurrence(kind=kind, scheduled_on=day) for day in kind.days_from(first))
    return next(each for each in found if each.opens_at > moment)


def after(target: Target, since: datetime, calendar: Calendar) -> datetime:
    """When a target that runs from `since` is over."""
    if target.unit.counts_dates:
        return target.date_after(since, calendar)
    return calendar.advance(since, target.length)


@cache
def kinds_of(edition_number: int = CURRENT_EDITION) -> Mapping[str, ReviewKind]:
    """The kinds of an edition by code; none where it has no such book."""
    books = edition(edition_number)
    return read_kinds(books) if BOOK in books.books else {}


def kinds_of_any(edition_number: int) -> Mapping[str, ReviewKind]:
    """The same; none of an edition that this process does not know."""
    return kinds_of(edition_number) if edition_number in EDITIONS else {}


def read_kinds(books: Edition) -> Mapping[str, ReviewKind]:
    """The kinds that an edition's book holds. Raises KeyError, ValueError, UnknownCode."""
    return {entry.code: _kind(entry, books) for entry in books.book(BOOK).entries}


def _kind(entry: Entry, books: Edition) -> ReviewKind:
    about: Mapping[str, Any] = entry.details
    calendar = books.entry("service_calendars", about["calendar"])
    threshold = about.get("threshold_percent")
    kind = ReviewKind(
        code=entry.code,
        edition=books.number,
        rhythm=Rhythm(about["rhythm"]),
        weekday=about.get("weekday", 1),
        anchor=date.fromisoformat(about.get("anchor", "2026-01-05")),
        day=about.get("day", 1),
        calendar=read_calendar(calendar.code, calendar.details),
        due=_target(about["due"]),
        owner=books.entry("review_parties", about["owner"]).code,
        least_parties=about["least_parties"],
        looks_at=tuple(books.entry("review_sources", code).code for code in about["looks_at"]),
        figures=tuple(books.entry("audit_figures", code).code for code in about.get("figures", ())),
        threshold_percent=None if threshold is None else Decimal(threshold),
        correct_within=_target(about["correct_within"]) if "correct_within" in about else None,
    )
    _check(kind)
    return kind


def _target(about: Mapping[str, Any]) -> Target:
    return Target(amount=about["amount"], unit=Unit(about["unit"]))


def _check(kind: ReviewKind) -> None:
    """An audit says all of its three, another review none; days exist."""
    audits = (bool(kind.figures), kind.threshold_percent is not None, bool(kind.correct_within))
    if len(set(audits)) != 1:
        raise ValueError(f"the review {kind.code} is an audit only in part")
    if not (1 <= kind.weekday <= 7 and 1 <= kind.day <= 31 and kind.least_parties >= 1):
        raise ValueError(f"the review {kind.code} falls on no day, or needs nobody")


def _day_of_month(month: date, day: int) -> date:
    """That day of a month, or its last one."""
    last = add_months(month, 1) - DAY
    return min(last, month + (day - 1) * DAY)
