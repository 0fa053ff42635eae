"""The period of a report, and the one before it to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from domain.months import add_months

ONE_DAY = timedelta(days=1)
MONTHS_BY_DEFAULT = 12


@dataclass(frozen=True)
class Period:
    """From `start`, included, to `end`, left out; both aware."""

    start: datetime
    end: datetime

    @classmethod
    def of_days(cls, first: date, last: date) -> Period:
        """Both days included, in UTC."""
        return cls(midnight(first), midnight(last + ONE_DAY))

    @classmethod
    def last_twelve_months(cls, today: date) -> Period:
        """The twelve months that end with today."""
        end = midnight(today + ONE_DAY)
        return cls(add_months(end, -MONTHS_BY_DEFAULT), end)

    @property
    def is_of_days(self) -> bool:
        return _is_midnight(self.start) and _is_midnight(self.end)

    @property
    def first_day(self) -> date:
        """The first day that begins in the period: for what is known only by its day."""
        whole = self.start.astimezone(UTC)
        return whole.date() if _is_midnight(whole) else whole.date() + ONE_DAY

    @property
    def last_day(self) -> date:
        """The last day that begins in the period."""
        return (self.end.astimezone(UTC) - timedelta(microseconds=1)).date()

    def before(self) -> Period:
        """The period just before, of as many months; of as many days where months do not fit."""
        for months in range(1, 121):
            if add_months(self.start, months) == self.end:
                return Period(add_months(self.start, -months), self.start)
        return Period(self.start - (self.end - self.start), self.start)


def midnight(day: date) -> datetime:
    """When the day begins in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _is_midnight(moment: datetime) -> bool:
    return moment.astimezone(UTC).time() == datetime.min.time()
