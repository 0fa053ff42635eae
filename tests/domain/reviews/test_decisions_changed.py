"""A decision that is given to somebody else, or gets another day: what counts since."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain import errors
from domain.records import Record, ReviewDecisionAssigned, ReviewDecisionRescheduled
from domain.reviews.decisions import DecisionState, TakenDecision, change_of, decision_of
from domain.reviews.review import Review
from domain.reviews.values import ChangeReason
from tests.domain.reviews.test_decisions import HELD, HELD_AT, SECOND, done
from tests.domain.reviews.test_reviews import WEEKLY, a_review, envelope, opened, refused

LATER = date(2026, 5, 29)
DAY = timedelta(days=1)


def review(*more: Record) -> Review:
    return a_review(opened(WEEKLY), HELD, *more)


def given(
    before: Review, owner: str, number: int = 1, at: datetime = HELD_AT
) -> ReviewDecisionAssigned:
    said = change_of(before, ReviewDecisionAssigned, number, before.version)
    told: dict[str, Any] = {**envelope(before.version + 1, at=at), **said}
    return ReviewDecisionAssigned(**told, owner=owner, reason=ChangeReason.OWNER_AWAY)


def moved(
    before: Review, due_on: date = LATER, number: int = 1, at: datetime = HELD_AT
) -> ReviewDecisionRescheduled:
    said = change_of(before, ReviewDecisionRescheduled, number, before.version)
    told: dict[str, Any] = {**envelope(before.version + 1, at=at), **said}
    return ReviewDecisionRescheduled(**told, due_on=due_on, reason=ChangeReason.SCOPE_CHANGED)


def first(of: Review) -> TakenDecision:
    return decision_of(of, 1)


def test_it_belongs_to_whoever_it_was_given_to_last_and_says_who_had_it() -> None:
    once = given(review(), "TEAM-8")
    twice = given(review(once), "TEAM-9")

    found = first(review(once, twice))

    assert (found.owner, found.given_to, found.told.owner) == ("TEAM-9", "TEAM-9", "TEAM-7")
    assert [(once.owner_before, once.owner), (twice.owner_before, twice.owner)] == [
        ("TEAM-7", "TEAM-8"),
        ("TEAM-8", "TEAM-9"),
    ]
    assert decision_of(review(once, twice), 2).owner == "customer_service"


def test_what_belonged_to_the_owner_of_the_review_says_so_when_it_is_given_away() -> None:
    change = given(review(), "TEAM-8", number=2)

    assert change.owner_before == "customer_service"


def test_it_is_due_when_its_new_day_ends_and_says_when_it_was_due() -> None:
    before = review()
    change = moved(before)

    found = first(review(change))

    assert (found.due_on, found.told.due_on) == (LATER, date(2026, 4, 30))
    assert found.due_at == WEEKLY.kind.calendar.end_of(LATER)
    assert change.due_before == first(before).due_at
    assert found.state(first(before).due_at + SECOND) is DecisionState.OPEN
    assert not found.is_late(found.due_at)
    assert found.state(found.due_at + SECOND) is DecisionState.LATE


@pytest.mark.parametrize(("after", "late"), [(0 * SECOND, False), (SECOND, True)])
def test_another_day_after_its_time_takes_no_lateness_back(after: timedelta, late: bool) -> None:
    due_at = first(review()).due_at
    change = moved(review(), at=due_at + after)
    in_time = done(1, version=4, at=due_at + DAY)

    waiting, ended = first(review(change)), first(review(change, in_time))

    assert waiting.was_late is late
    assert waiting.state(due_at + DAY) is (DecisionState.LATE if late else DecisionState.OPEN)
    assert waiting.due_at > due_at + DAY
    assert (ended.state(due_at + DAY), ended.is_late(due_at + DAY)) == (DecisionState.DONE, late)


def test_what_would_change_nothing_or_lies_behind_is_refused() -> None:
    once, same_day = given(review(), "TEAM-8"), moved(review())

    again = given(review(once), "TEAM-8")
    same = given(review(), "customer_service", number=2)
    twice = moved(review(same_day))
    over = moved(review(), date(2026, 4, 12), at=WEEKLY.opens_at)
    today = moved(review(), date(2026, 4, 13), at=WEEKLY.opens_at)

    assert refused(review(once), again) is errors.OwnerUnchanged
    assert refused(review(), same) is errors.OwnerUnchanged
    assert refused(review(same_day), twice) is errors.DueUnchanged
    assert refused(review(), over) is errors.DueDayOver
    review().require_may(today)


def test_what_is_done_or_was_never_decided_is_neither_given_away_nor_moved() -> None:
    before, waiting = review(), a_review(opened(WEEKLY))
    ended = review(done(1))

    assert refused(ended, given(before, "TEAM-8")) is errors.ReviewDecisionAlreadyDone
    assert refused(ended, moved(before)) is errors.ReviewDecisionAlreadyDone
    assert refused(waiting, given(before, "TEAM-8")) is errors.ReviewDecisionNotFound
    for number in (0, 3):
        with pytest.raises(errors.ReviewDecisionNotFound):
            given(before, "TEAM-8", number=number)
    with pytest.raises(errors.ReviewDecisionNotFound):
        change_of(waiting, ReviewDecisionRescheduled, 1, 1)


def test_only_a_change_of_the_same_decision_makes_what_was_seen_stale() -> None:
    changed = review(given(review(), "TEAM-8"))

    of_another = change_of(changed, ReviewDecisionAssigned, 2, seen_version=2)

    assert of_another["owner_before"] == "customer_service"
    assert changed.moved_version == 2
    with pytest.raises(errors.ReviewHasMoved):
        change_of(changed, ReviewDecisionRescheduled, 1, seen_version=2)
    assert change_of(changed, ReviewDecisionAssigned, 1, seen_version=3)["owner_before"] == "TEAM-8"
