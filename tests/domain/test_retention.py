"""How long data is kept: by status, type and age, the longest rule and the newest case deciding."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.reference_books import CURRENT_EDITION, edition
from domain.retention import (
    Aged,
    add_months,
    aged,
    indicators_over,
    is_over,
    kept_until,
    person_over,
)
from domain.values import Status
from tests.given import a_story_to, a_whole_story

ERASE = "erase_personal_data"
BOOKS = edition(CURRENT_EDITION)
ENDED = datetime(2020, 2, 29, 12, 0, tzinfo=UTC)
OVER = datetime(2023, 3, 1, tzinfo=UTC)


def ended(status: str = "closed", conflict_type: str | None = "price") -> Aged:
    return Aged(status=status, conflict_type=conflict_type, ended_at=ENDED)


def open_case() -> Aged:
    return ended("reported")


def erased(ended_at: datetime = ENDED) -> Aged:
    return replace(ended(), ended_at=ended_at, is_erased=True)


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

    assert aged(story.events) == Aged(
        status="closed",
        conflict_type=story.case.confirmation.conflict_type,
        ended_at=story.events[-1].occurred_at,
    )
    assert aged(a_story_to(Status.DISMISSED).events).conflict_type is None


def test_an_erasure_is_no_news_of_a_case() -> None:
    story = a_story_to(Status.CLOSED)
    before = aged(story.events)

    erased = aged(story.after(ERASE, ERASE).events)
    gone_on = aged(story.after("reopen").events)

    assert not before.is_erased
    assert erased == replace(before, is_erased=True)
    assert gone_on.ended_at == story.events[-1].occurred_at
    assert not gone_on.is_erased


@pytest.mark.parametrize(
    ("cases", "supplied_at", "is_over_then"),
    [
        pytest.param([], None, False, id="nothing known"),
        pytest.param([], ENDED, True, id="old indicators alone"),
        pytest.param([], OVER, False, id="new indicators alone"),
        pytest.param([ended()], OVER, True, id="an old case decides alone"),
        pytest.param([open_case()], ENDED, False, id="an open case decides alone"),
        pytest.param([erased(), erased(OVER)], ENDED, True, id="erased, old indicators"),
        pytest.param([erased()], OVER, False, id="erased, new indicators"),
        pytest.param([erased(), open_case()], ENDED, False, id="one of them goes on"),
        pytest.param([erased()], None, True, id="erased, and nothing since"),
    ],
)
def test_indicators_decide_where_no_case_tells_of_the_person(
    cases: list[Aged], supplied_at: datetime | None, is_over_then: bool
) -> None:
    assert person_over(cases, supplied_at, BOOKS, OVER) == is_over_then


@pytest.mark.parametrize(
    ("months", "day"),
    [(1, "2024-02-29"), (-11, "2023-02-28"), (12, "2025-01-31"), (-1, "2023-12-31")],
)
def test_a_month_later_is_the_same_day_or_the_last_one(months: int, day: str) -> None:
    assert add_months(datetime(2024, 1, 31, tzinfo=UTC), months).date().isoformat() == day
