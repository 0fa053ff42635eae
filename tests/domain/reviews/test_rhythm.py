"""When reviews fall due: weeks, months and quarters, holidays, clock changes, leap days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.book import Edition, Entry
from domain.clocks.calendar import ALWAYS, Calendar
from domain.clocks.policy import Target, Unit, policy_of
from domain.reference_books import CURRENT_EDITION, edition
from domain.reviews.rhythm import (
    DAY,
    Occurrence,
    ReviewKind,
    Rhythm,
    due_between,
    kinds_of,
    next_after,
    read_kinds,
)

CALENDARS = policy_of(CURRENT_EDITION).calendars
CHINA, ENGLAND, AMERICA = (CALENDARS[c] for c in ("cn_mainland", "gb_england", "us_federal"))


def kind(rhythm: str, calendar: Calendar = ALWAYS, **more: Any) -> ReviewKind:
    weekly = kinds_of()["voice_of_customer"]
    return replace(weekly, rhythm=Rhythm(rhythm), calendar=calendar, **more)


def days(of: ReviewKind, since: str, until: str) -> list[str]:
    """The days of the rhythm whose reviews open in this time."""
    found = due_between(of, at(since), at(until))
    return [each.scheduled_on.isoformat() for each in found]


def on(of: ReviewKind, day: str) -> Occurrence:
    return Occurrence(kind=of, scheduled_on=date.fromisoformat(day))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(moment: datetime, of: ReviewKind) -> str:
    return moment.astimezone(of.calendar.zone).isoformat(timespec="minutes")


def test_the_four_rhythms_of_the_book() -> None:
    found = {code: (each.rhythm, each.threshold_percent) for code, each in kinds_of().items()}

    assert {code: rhythm for code, (rhythm, _) in found.items()} == {
        "voice_of_customer": Rhythm.WEEKLY,
        "improvement_cycle": Rhythm.TWO_WEEKLY,
        "cross_department": Rhythm.MONTHLY,
        "quarterly_audit": Rhythm.QUARTERLY,
    }
    assert found["quarterly_audit"][1] == 5
    assert [code for code, (_, threshold) in found.items() if threshold] == ["quarterly_audit"]


def test_a_weekly_review_falls_on_its_weekday_and_covers_the_week_before() -> None:
    wednesdays = kind("weekly", weekday=3)

    assert days(wednesdays, "2026-02-24", "2026-03-12") == [
        "2026-02-25",
        "2026-03-04",
        "2026-03-11",
    ]
    assert on(wednesdays, "2026-03-04").period == (at("2026-02-25"), at("2026-03-04"))


@pytest.mark.parametrize("anchor", ["2026-01-07", "2026-12-23", "2020-01-01", "2031-01-01"])
def test_two_weeks_are_counted_from_the_anchor_forwards_and_backwards(anchor: str) -> None:
    cycle = kind("two_weekly", anchor=date.fromisoformat(anchor))

    found = days(cycle, "2026-06-01", "2026-09-01")

    assert all((date.fromisoformat(day) - cycle.anchor).days % 14 == 0 for day in found)
    assert len(found) in (6, 7)
    first, end = on(cycle, found[0]).period
    assert end - first == timedelta(days=14)


def test_two_weeks_go_on_over_a_year_with_53_weeks() -> None:
    cycle = kind("two_weekly", anchor=date(2026, 1, 7))

    assert days(cycle, "2026-12-08", "2027-01-21") == ["2026-12-09", "2026-12-23", "2027-01-06",
                                                       "2027-01-20"]  # fmt: skip


def test_a_day_that_a_month_lacks_is_its_last_one_and_shortens_no_later_month() -> None:
    monthly = kind("monthly", day=31)

    found = days(monthly, "2028-01-01", "2028-07-01")

    assert found == ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31",
                     "2028-06-30"]  # fmt: skip
    assert days(monthly, "2027-02-01", "2027-03-01") == ["2027-02-28"]
    assert on(monthly, "2028-02-29").period == (at("2028-01-01"), at("2028-02-01"))
    assert on(monthly, "2028-03-31").period == (at("2028-02-01"), at("2028-03-01"))


def test_a_quarter_covers_three_calendar_months_over_the_turn_of_the_year() -> None:
    quarterly = kind("quarterly", day=10)

    assert days(quarterly, "2026-10-11", "2027-12-31") == ["2027-01-10", "2027-04-10",
                                                           "2027-07-10", "2027-10-10"]  # fmt: skip
    assert on(quarterly, "2027-01-10").period == (at("2026-10-01"), at("2027-01-01"))


def test_a_leap_day_is_a_day_like_others() -> None:
    tuesdays, last_days = kind("weekly", weekday=2), kind("quarterly", day=29)

    assert days(tuesdays, "2028-02-23", "2028-03-08") == ["2028-02-29", "2028-03-07"]
    assert days(last_days, "2028-01-01", "2028-05-01") == ["2028-01-29", "2028-04-29"]


@pytest.mark.parametrize(
    ("calendar", "day", "opens"),
    [
        (CHINA, "2026-10-05", "2026-10-08T09:00+08:00"),
        (CHINA, "2026-02-16", "2026-02-24T09:00+08:00"),
        (CHINA, "2026-10-10", "2026-10-10T09:00+08:00"),
        (CHINA, "2026-01-03", "2026-01-04T09:00+08:00"),
        (ENGLAND, "2026-12-25", "2026-12-29T09:00+00:00"),
        (ENGLAND, "2026-04-03", "2026-04-07T09:00+01:00"),
        (AMERICA, "2026-11-26", "2026-11-27T09:00-05:00"),
        (ALWAYS, "2026-10-05", "2026-10-05T00:00+00:00"),
    ],
    ids=["national-day", "spring-festival", "worked-saturday", "worked-sunday", "christmas",
         "easter", "thanksgiving", "always"],
)  # fmt: skip
def test_a_holiday_moves_a_review_to_the_next_day_that_is_worked(
    calendar: Calendar, day: str, opens: str
) -> None:
    weekly = kind("weekly", calendar)

    moved = on(weekly, day)

    assert local(moved.opens_at, weekly) == opens
    assert moved.scheduled_on == date.fromisoformat(day)
    end = moved.period[1]
    assert local(end, weekly).startswith(f"{day}T00:00")


def test_a_holiday_of_a_week_puts_two_reviews_on_one_day_each_with_its_own_period() -> None:
    away = Calendar("away", ZoneInfo("UTC"), CHINA.week, frozenset(
        date(2026, 6, 1) + number * DAY for number in range(9)
    ))  # fmt: skip
    mondays = kind("weekly", away)

    first, second = due_between(mondays, at("2026-05-30"), at("2026-06-11"))

    assert first.opens_at == second.opens_at
    assert first.period[1] == second.period[0]


@pytest.mark.parametrize(
    ("calendar", "days_of", "offsets"),
    [
        (ENGLAND, ("2026-03-23", "2026-03-30"), ("+00:00", "+01:00")),
        (ENGLAND, ("2026-10-19", "2026-10-26"), ("+01:00", "+00:00")),
        (AMERICA, ("2026-03-02", "2026-03-09"), ("-05:00", "-04:00")),
    ],
    ids=["summer", "winter", "america"],
)
def test_the_clock_on_the_wall_says_nine_before_and_after_it_is_set(
    calendar: Calendar, days_of: tuple[str, str], offsets: tuple[str, str]
) -> None:
    weekly = kind("weekly", calendar)

    found = [on(weekly, day) for day in days_of]

    assert [local(each.opens_at, weekly) for each in found] == [
        f"{day}T09:00{offset}" for day, offset in zip(days_of, offsets, strict=True)
    ]
    assert found[1].opens_at - found[0].opens_at != timedelta(days=7)


def test_the_week_in_which_the_clock_is_set_is_an_hour_shorter() -> None:
    tuesdays = kind("weekly", ENGLAND, weekday=2)

    begins, ends = on(tuesdays, "2026-03-31").period

    assert ends - begins == timedelta(days=7) - timedelta(hours=1)


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (Target(amount=2, unit=Unit.BUSINESS_DAYS), "2026-10-11T00:00+08:00"),
        (Target(amount=2, unit=Unit.DAYS), "2026-10-11T00:00+08:00"),
        (Target(amount=1, unit=Unit.WEEKS), "2026-10-16T00:00+08:00"),
        (Target(amount=8, unit=Unit.HOURS), "2026-10-08T18:00+08:00"),
        (Target(amount=90, unit=Unit.MINUTES), "2026-10-08T10:30+08:00"),
    ],
)
def test_it_is_due_so_long_after_it_opens(due: Target, expected: str) -> None:
    weekly = kind("weekly", CHINA, due=due)

    assert local(on(weekly, "2026-10-05").due_at, weekly) == expected


def test_what_opens_exactly_now_is_due_and_what_opened_then_is_not_due_again() -> None:
    weekly = kind("weekly", CHINA)
    now = on(weekly, "2026-03-02").opens_at

    assert [each.scheduled_on.day for each in due_between(weekly, now - DAY, now)] == [2]
    assert list(due_between(weekly, now, now + DAY)) == []
    assert next_after(weekly, now).scheduled_on == date(2026, 3, 9)
    assert next_after(weekly, now - timedelta(microseconds=1)).scheduled_on == date(2026, 3, 2)


def naive(of: ReviewKind, since: datetime, until: datetime) -> Iterator[date]:
    """Day by day: whether the rhythm falls on it, and on which day it is then worked."""
    day = since.date() - timedelta(days=40)
    while day < until.date() + 2 * DAY:
        if falls(of, day):
            moved = day
            while of.calendar.week and not of.calendar.is_workday(moved):
                moved += DAY
            hour = 9 if of.calendar.week else 0
            opens = datetime(moved.year, moved.month, moved.day, hour, tzinfo=of.calendar.zone)
            if since < opens <= until:
                yield day
        day += DAY


def falls(of: ReviewKind, day: date) -> bool:
    if of.rhythm is Rhythm.WEEKLY:
        return day.isoweekday() == of.weekday
    if of.rhythm is Rhythm.TWO_WEEKLY:
        return (day.toordinal() - of.anchor.toordinal()) % 14 == 0
    is_last = (day + DAY).month != day.month
    quarter = of.rhythm is Rhythm.MONTHLY or day.month in (1, 4, 7, 10)
    return quarter and (day.day == of.day or (is_last and day.day < of.day))


@given(
    rhythm=st.sampled_from(Rhythm),
    calendar=st.sampled_from([CHINA, ENGLAND, AMERICA, ALWAYS]),
    weekday=st.integers(1, 7),
    day=st.integers(1, 31),
    anchor=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    since=st.datetimes(datetime(2020, 3, 1), datetime(2029, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    length=st.integers(0, 400),
)
def test_the_days_equal_those_of_a_calendar_that_is_gone_through_day_by_day(
    rhythm: Rhythm,
    calendar: Calendar,
    weekday: int,
    day: int,
    anchor: date,
    since: datetime,
    length: int,
) -> None:
    some = kind(rhythm, calendar, weekday=weekday, day=day, anchor=anchor)
    until = since + timedelta(days=length)

    found = [each.scheduled_on for each in due_between(some, since, until)]

    assert found == list(naive(some, since, until))


@pytest.mark.parametrize("code", sorted(kinds_of()))
def test_periods_follow_each_other_without_a_gap_for_five_years(code: str) -> None:
    some = kinds_of()[code]

    found = [each.period for each in due_between(some, at("2025-01-01"), at("2030-01-01"))]

    assert all(first[1] == second[0] for first, second in pairwise(found))
    assert len(found) in range(19, 263)


def book_with(**details: Any) -> Edition:
    """The current books, in which one review says something else."""
    books = edition(CURRENT_EDITION)
    kinds = books.book("review_kinds")
    entry = kinds.entries[0]
    told = {**entry.details, **details}
    changed = Entry(entry.code, entry.labels, None, MappingProxyType(told))
    return replace(books, books={**books.books, "review_kinds": replace(kinds, entries=(changed,))})


@pytest.mark.parametrize(
    "wrong",
    [
        {"rhythm": "yearly"},
        {"weekday": 0},
        {"weekday": 8},
        {"day": 32},
        {"calendar": "moon"},
        {"owner": "nobody"},
        {"looks_at": ["the_stars"]},
        {"least_parties": 0},
        {"threshold_percent": "5"},
        {"figures": ["first_contact_resolution"], "threshold_percent": "5"},
        {"anchor": "someday"},
        {"due": {"amount": 2, "unit": "fortnights"}},
    ],
    ids=str,
)
def test_a_book_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (unknown codes are one kind of it)
        read_kinds(book_with(**wrong))


def test_every_kind_can_be_held_and_every_figure_has_an_owner() -> None:
    books = edition(CURRENT_EDITION)

    for some in kinds_of().values():
        assert some.least_parties <= len(books.book("review_parties").entries)
        for figure in some.figures:
            owner = books.entry("audit_figures", figure).details["owner"]
            assert books.has("review_parties", owner)
