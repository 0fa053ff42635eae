"""What a review decided: whose it is, until when, and where it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain import errors
from domain.records import ReviewDecisionDone
from domain.reference_books import CURRENT_EDITION
from domain.reviews.decisions import DecisionState, TakenDecision, decisions_of, undone
from domain.reviews.review import Review
from domain.reviews.rhythm import next_after
from domain.reviews.values import ReviewDecision
from tests.domain.reviews.test_reviews import WEEKLY, a_review, envelope, held, opened, refused

SECOND = timedelta(seconds=1)
HELD_AT = WEEKLY.opens_at + timedelta(hours=2)
DECIDED = (
    ReviewDecision(measure="train_staff", owner="TEAM-7", due_on=date(2026, 4, 30)),
    ReviewDecision(measure="change_procedure"),
)
PARTIES = ("customer_service", "sales")
HELD = held(2, PARTIES, at=HELD_AT, decisions=DECIDED)


def done(number: int, version: int = 3, at: datetime = HELD_AT) -> ReviewDecisionDone:
    return ReviewDecisionDone(**envelope(version, at=at), number=number)


def taken(*more: Any) -> list[TakenDecision]:
    return list(decisions_of(a_review(opened(WEEKLY), HELD, *more)))


def test_a_review_decides_nothing_before_it_is_held() -> None:
    review = a_review(opened(WEEKLY))

    assert list(decisions_of(review)) == undone(review) == []
    assert refused(review, done(1, 2)) is errors.ReviewDecisionNotFound


def test_a_decision_belongs_to_its_owner_or_to_whoever_the_review_belongs_to() -> None:
    first, second = taken()

    assert (first.owner, second.owner) == ("TEAM-7", "customer_service")
    assert (first.number, second.number) == (1, 2)
    assert first.id != second.id


def test_it_is_due_when_its_day_ends_where_the_review_is_held() -> None:
    first, _ = taken()

    assert first.due_at == WEEKLY.kind.calendar.end_of(date(2026, 4, 30))
    assert first.due_at.astimezone(WEEKLY.kind.calendar.zone).date() == date(2026, 5, 1)


@pytest.mark.parametrize("day", [date(2026, 4, 12), date(2020, 1, 1)])
def test_a_day_that_was_over_when_the_review_was_held_is_refused(day: date) -> None:
    review = a_review(opened(WEEKLY))
    decided = (DECIDED[0], ReviewDecision(measure="change_procedure", due_on=day))

    over = replace(held(2, PARTIES, at=HELD_AT, decisions=decided), occurred_at=HELD_AT)

    with pytest.raises(errors.DueDayOver) as refusal:
        review.require_may(over)
    assert refusal.value.params == {"field": "decisions.1.due_on"}


def test_a_decision_may_be_due_on_the_day_of_the_review_also_told_when_that_is_over() -> None:
    same_day = (ReviewDecision(measure="train_staff", due_on=WEEKLY.scheduled_on),)

    told_later = replace(
        held(2, PARTIES, at=HELD_AT, decisions=same_day), occurred_at=HELD_AT + timedelta(days=30)
    )

    a_review(opened(WEEKLY)).require_may(told_later)


def test_without_a_day_it_is_due_when_the_next_review_of_the_kind_opens() -> None:
    _, second = taken()

    assert second.due_at == next_after(WEEKLY.kind, HELD_AT).opens_at
    assert second.due_at > WEEKLY.due_at


def test_of_an_unknown_edition_it_is_due_all_the_same() -> None:
    unknown = replace(opened(WEEKLY), edition=CURRENT_EDITION + 1)

    first, second = decisions_of(a_review(unknown, HELD))

    assert first.due_at.isoformat() == "2026-05-01T00:00:00+00:00"
    assert second.due_at == WEEKLY.due_at


@pytest.mark.parametrize(
    ("after", "state"), [(0 * SECOND, DecisionState.OPEN), (SECOND, DecisionState.LATE)]
)
def test_it_is_open_until_its_time_is_over_and_late_then(
    after: timedelta, state: DecisionState
) -> None:
    first, _ = taken()

    now = first.due_at + after

    assert first.state(now) is state
    assert first.is_late(now) is (state is DecisionState.LATE)


@pytest.mark.parametrize(("after", "late"), [(0 * SECOND, False), (SECOND, True)])
def test_what_is_done_after_its_time_stays_late(after: timedelta, late: bool) -> None:
    due_at = taken()[0].due_at

    first, second = taken(done(1, at=due_at + after))

    assert first.state(due_at + 2 * SECOND) is DecisionState.DONE
    assert first.is_late(due_at + 2 * SECOND) is late
    assert undone(first.review) == [second]


def test_each_is_done_once_and_none_makes_what_others_saw_stale() -> None:
    review: Review = a_review(opened(WEEKLY), HELD, done(2))

    review.require_may(done(1, 4))

    assert refused(review, done(2, 4)) is errors.ReviewDecisionAlreadyDone
    assert refused(review, done(3, 4)) is errors.ReviewDecisionNotFound
    assert refused(review, held(4)) is errors.ReviewAlreadyHeld
    assert (review.version, review.moved_version) == (3, 2)
