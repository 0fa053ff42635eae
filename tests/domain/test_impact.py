"""What a case may do to the company's name, by its status and the customer's answer (S21)."""

from __future__ import annotations

import pytest

from domain.impact import BOOK, COEFFICIENTS, impact_of, mood_of
from domain.reference_books import book, versions
from domain.values import Status
from projections.lessons_impact import LIKELY
from tests.given import Story, a_story_to


@pytest.mark.parametrize(
    ("status", "mood"),
    [
        (Status.REPORTED, "unresolved"),
        (Status.RISK_ASSESSED, "unresolved"),
        (Status.DISMISSED, "unresolved"),
        (Status.RESOLVED, None),
        (Status.CLOSED, "satisfied"),
        (Status.WITHDRAWN, None),
        (Status.MERGED, None),
    ],
)
def test_the_mood_follows_from_status_and_answer(status: Status, mood: str | None) -> None:
    assert mood_of(a_story_to(status).case) == mood


def test_who_is_not_satisfied_after_all_tells_nine_or_ten_others() -> None:
    story = Story().to(Status.RESOLVED)
    story.take("follow_up", satisfied=False)

    found = impact_of(story.case)

    assert found is not None
    mood, coefficients = found
    assert mood == "unresolved"
    assert dict(coefficients) == {
        "people_told_least": 9,
        "people_told_most": 10,
        "boycott_percent": 33,
        "buy_less_percent": 45,
        "buy_more_percent": 0,
        "tell_twenty_percent": 12,
    }


def test_nothing_is_estimated_while_nobody_knows() -> None:
    assert impact_of(Story().to(Status.RESOLVED).case) is None


def test_every_version_of_the_book_says_what_is_shown_and_summed() -> None:
    for version in versions(BOOK):
        for entry in book(BOOK, version).entries:
            assert set(entry.details) == set(COEFFICIENTS), version
    assert {f"{name}_percent" for name in LIKELY} < set(COEFFICIENTS)
