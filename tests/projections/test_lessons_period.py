"""The period of a report and the one it is compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from projections.lessons_period import Period


def days(first: str, last: str) -> Period:
    return Period.of_days(date.fromisoformat(first), date.fromisoformat(last))


def test_both_days_belong_to_the_period() -> None:
    period = days("2026-01-01", "2026-03-31")

    assert period.start == datetime(2026, 1, 1, tzinfo=UTC)
    assert period.end == datetime(2026, 4, 1, tzinfo=UTC)
    assert (period.first_day, period.last_day) == (date(2026, 1, 1), date(2026, 3, 31))


def test_by_default_twelve_months_end_with_today() -> None:
    today = date(2024, 2, 29)

    period = Period.last_twelve_months(today)

    assert period == days("2023-03-01", "2024-02-29")


@pytest.mark.parametrize(
    ("period", "before"),
    [
        (days("2026-01-01", "2026-03-31"), days("2025-10-01", "2025-12-31")),
        (days("2026-03-01", "2026-03-31"), days("2026-02-01", "2026-02-28")),
        (days("2025-11-23", "2026-11-22"), days("2024-11-23", "2025-11-22")),
        (days("2026-03-02", "2026-03-08"), days("2026-02-23", "2026-03-01")),
        (days("2026-05-05", "2026-05-05"), days("2026-05-04", "2026-05-04")),
    ],
)
def test_months_are_compared_with_months_and_days_with_days(period: Period, before: Period) -> None:
    compared = period.before()

    assert compared == before


def test_a_day_belongs_where_it_begins() -> None:
    start = datetime(2026, 1, 1, 16, tzinfo=UTC)

    period = Period(start, start + timedelta(days=2))

    assert (period.first_day, period.last_day) == (date(2026, 1, 2), date(2026, 1, 3))
    assert not period.is_of_days


@pytest.mark.parametrize(
    "period", [days("1900-01-01", "2999-12-31"), days("1900-01-01", "1900-01-31")]
)
def test_a_long_or_early_period_has_one_before_it_too(period: Period) -> None:
    before = period.before()

    assert before.end == period.start
