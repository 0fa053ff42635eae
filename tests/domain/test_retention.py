"""How long data is kept: by status, type and age, the longest rule and the newest case deciding."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.conflict_case import ConflictCase
from domain.reference_books import CURRENT_EDITION, edition
from domain.retention import (
    Aged,
    add_months,
    aged,
    indicators_over,
    is_over,
    kept_until,
)
from domain.values import Status
from tests.given import Story, a_story_to, a_whole_story

BOOKS = edition(CURRENT_EDITION)
ENDED = datetime(2020, 2, 29, 12, 0, tzinfo=UTC)
OVER = datetime(2023, 3, 1, tzinfo=UTC)


def ended(status: str = "closed", conflict_type: str | None = "price") -> Aged:
    return Aged(status=status, conflict_type=conflict_type, ended_at=ENDED)


def test_an_ended_case_is_kept_for_three_years_to_the_day() -> None:
    assert kept_until(ended(), BOOKS) == datetime(2023, 2, 28, 12, 0, tzinfo=UTC)


def test_the_longest_rule_counts() -> None:
    quality = ended(conflict_type="quality")

    assert kept_until(quality, BOOKS) == datetime(2030, 2, 28, 12, 0, tzinfo=UTC)


def test_a_rule_for_one_status_says_nothing_about_others() -> None:
    withdrawn = ended("withdrawn", "quality")

    assert kept_until(withdrawn, BOOKS) == datetime(2023, 2, 28, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", Status)
def test_an_open_case_is_kept(status: Status) -> None:
    ends = {Status.CLOSED, Status.DISMISSED, Status.WITHDRAWN, Status.MERGED}

    assert (kept_until(ended(status), BOOKS) is not None) == (status in ends)


def test_one_case_that_is_kept_keeps_them_all() -> None:
    old, newer = ended(), Aged(status="closed", conflict_type=None, ended_at=OVER)

    assert is_over([old, old], BOOKS, OVER)
    assert not is_over([old, newer], BOOKS, OVER)
    assert not is_over([old, ended("reported")], BOOKS, OVER)


def test_at_the_very_moment_it_is_over() -> None:
    end = kept_until(ended(), BOOKS)
    assert end is not None

    assert is_over([ended()], BOOKS, end)
    assert not is_over([ended()], BOOKS, end - timedelta(microseconds=1))


def test_nobody_without_a_case_is_past_their_time() -> None:
    assert not is_over([], BOOKS, OVER)


def test_indicators_are_kept_for_a_year_to_the_moment() -> None:
    end = datetime(2021, 2, 28, 12, 0, tzinfo=UTC)

    assert indicators_over(ENDED, BOOKS, end)
    assert not indicators_over(ENDED, BOOKS, end - timedelta(microseconds=1))
    assert not indicators_over(None, BOOKS, end)
    assert not indicators_over(ENDED, edition(CURRENT_EDITION - 1), OVER)


def test_a_case_ages_from_its_newest_event() -> None:
    story = a_whole_story()

    assert aged(story.case) == Aged(
        status="closed",
        conflict_type=story.case.confirmation.conflict_type,
        ended_at=story.events[-1].occurred_at,
    )
    assert aged(a_story_to(Status.DISMISSED).case).conflict_type is None
    assert kept_until(aged(ConflictCase(Story().case.id)), BOOKS) is None


@pytest.mark.parametrize(
    ("months", "day"),
    [(1, "2024-02-29"), (-11, "2023-02-28"), (12, "2025-01-31"), (-1, "2023-12-31")],
)
def test_a_month_later_is_the_same_day_or_the_last_one(months: int, day: str) -> None:
    assert add_months(datetime(2024, 1, 31, tzinfo=UTC), months).date().isoformat() == day
