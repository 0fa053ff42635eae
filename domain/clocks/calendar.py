"""Calendars: which instants count as working time, in a time zone, with holidays and breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from domain.months import add_months

DAY = timedelta(days=1)
NOTHING = timedelta(0)
MINUTES_OF_DAY = 24 * 60
KNOWN_DATES = 65_536
KNOWN_INSTANTS = 4_096
DAYS_OF_WEEK = 7
# No zone is further from UTC; so all of a local date lies within its UTC date and this margin.
_MARGIN = timedelta(hours=26)

Hours = tuple[tuple[int, int], ...]
"""Working hours of a day: minutes since local midnight, each pair from (included) to (not)."""
Period = tuple[datetime, datetime]


@dataclass(frozen=True, eq=False)
class Calendar:
    """Working hours for each day of the week (Monday first), except on holidays.

    `workdays` are dates that are worked like a Monday although the week or a holiday says
    otherwise (China moves working days to weekends). Without `week` every instant counts.
    """

    code: str
    zone: ZoneInfo
    week: tuple[Hours, ...] = ()
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    _periods: dict[date, tuple[Period, ...]] = field(default_factory=dict, repr=False)

    def is_workday(self, day: date) -> bool:
        """Whether anything is worked on this local date."""
        return bool(self._hours(day)) if self.week else True

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """How much working time lies between two instants."""
        if not self.week:
            return max(until - since, NOTHING)
        total, day = NOTHING, self._day_of(since)
        while day <= self._day_of(until):
            for begins, ends in self.periods(day):
                total += max(min(ends, until) - max(begins, since), NOTHING)
            day += DAY
        return total

    def advance(self, since: datetime, worked: timedelta) -> datetime:
        """The first instant at which so much time has been worked since `since`."""
        if not self.week or worked <= NOTHING:
            return since + max(worked, NOTHING)
        left, day = worked, self._day_of(since)
        while True:
            for begins, ends in self.periods(day):
                available = max(ends - max(begins, since), NOTHING)
                if available >= left:
                    return max(begins, since) + left
                left -= available
            day += DAY

    def end_of(self, day: date) -> datetime:
        """The instant at which a local date is over."""
        return _end_of(self, day)

    def day_after(self, since: datetime, days: int, *, workdays_only: bool) -> date:
        """The local date so many (working) days after the one of `since`, which counts none."""
        day = self._day_of(since)
        if not workdays_only:
            return day + days * DAY
        while days:
            day += DAY
            days -= self.is_workday(day)
        return day

    def month_after(self, since: datetime, months: int) -> date:
        """The same day so many months after `since`, or the last one of a shorter month."""
        return add_months(self._day_of(since), months)

    def periods(self, day: date) -> tuple[Period, ...]:
        """The working time of a local date, in UTC and in order."""
        if day not in self._periods:
            self._periods[day] = self.pieces(day, self._hours(day))
        return self._periods[day]

    def _hours(self, day: date) -> Hours:
        if day in self.workdays:
            return self.week[0]
        return () if day in self.holidays else self.week[day.weekday()]

    def _day_of(self, instant: datetime) -> date:
        return _local_date(self, instant)

    def pieces(self, day: date, hours: Hours) -> tuple[Period, ...]:
        """Where the clock on the wall shows these hours: twice, or not at all, when it is set."""
        midnight = datetime.combine(day, time(), UTC)
        pieces = []
        for first, last, offset in self._offsets(midnight - _MARGIN, midnight + DAY + _MARGIN):
            for begins, ends in hours:
                begin = max(midnight + timedelta(minutes=begins) - offset, first)
                end = min(midnight + timedelta(minutes=ends) - offset, last)
                if begin < end:
                    pieces.append((begin, end))
        return tuple(sorted(pieces))

    def _offsets(
        self, first: datetime, last: datetime
    ) -> list[tuple[datetime, datetime, timedelta]]:
        """Parts of a few days with the zone's offset from UTC in each; at most one change."""
        before, after = self._offset(first), self._offset(last)
        if before == after:
            return [(first, last, before)]
        low, high = first, last
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
            low, high = (low, middle) if self._offset(middle) == after else (middle, high)
        return [(first, high, before), (high, last, after)]

    def _offset(self, instant: datetime) -> timedelta:
        return instant.astimezone(self.zone).utcoffset() or NOTHING


@lru_cache(maxsize=KNOWN_INSTANTS)
def _local_date(calendar: Calendar, instant: datetime) -> date:
    """All rounds of a clock that were missed are counted from the same instant."""
    return instant.astimezone(calendar.zone).date()


@lru_cache(maxsize=KNOWN_DATES)
def _end_of(calendar: Calendar, day: date) -> datetime:
    """Asked for every target in dates of every case, mostly for the same few hundred dates."""
    pieces = calendar.pieces(day, ((0, MINUTES_OF_DAY),))
    # A date may be left out: Samoa had no 30 December 2011.
    return pieces[-1][1] if pieces else _end_of(calendar, day - DAY)


ALWAYS = Calendar("always", ZoneInfo("UTC"))
"""The clock that never rests."""


def read_calendar(code: str, details: Mapping[str, Any]) -> Calendar:
    """A calendar from its entry in the book `service_calendars`.

    `week`: for each day, Monday first, pairs like ["09:00", "12:00"]; "24:00" ends a day. Raises
    KeyError and ValueError for anything else, and for a week in which nothing is worked.
    """
    week = tuple(tuple(_hours(pair) for pair in day) for day in details.get("week", ()))
    if week and not (len(week) == DAYS_OF_WEEK and week[0] and all(map(_in_order, week))):
        raise ValueError(f"the calendar {code} has no week that could be worked")
    return Calendar(
        code,
        ZoneInfo(details["time_zone"]),
        week,
        frozenset(map(date.fromisoformat, details.get("holidays", ()))),
        frozenset(map(date.fromisoformat, details.get("workdays", ()))),
    )


def _hours(pair: tuple[str, str]) -> tuple[int, int]:
    begins, ends = (_minutes(text) for text in pair)
    return begins, ends


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _in_order(hours: Hours) -> bool:
    """Whether the hours of a day follow each other without overlap."""
    bounds = [0, *(bound for pair in hours for bound in pair), MINUTES_OF_DAY]
    return bounds == sorted(bounds)
