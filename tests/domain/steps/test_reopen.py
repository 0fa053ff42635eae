"""Reopening: a new attempt, while everything earlier stays in the record."""

import pytest

from domain import errors
from domain.values import Status
from tests.domain.refusing import refused
from tests.given import Story, a_story_to, an_imported_story


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.FOLLOWED_UP, Status.CLOSED])
def test_a_reopened_case_is_confirmed_and_begins_a_new_attempt(status: Status) -> None:
    story = a_story_to(status)

    event = story.take("reopen")

    assert story.case.status is event.leads_to is Status.CONFIRMED
    assert event.attempt == story.case.attempt == 2
    assert story.case.reopenings == [event]


def test_earlier_attempts_stay_in_the_record() -> None:
    story = Story().to(Status.CLOSED)
    earlier = story.case.resolutions[1]

    story.after("reopen").to(Status.RESOLVED)

    assert story.case.resolutions[1] == earlier
    assert sorted(story.case.resolutions) == [1, 2]
    assert sorted(story.case.solutions) == ["S1", "S2", "S3", "S4"]
    assert len(story.case.analyses) == 2


def test_a_reopened_case_is_not_closed_any_more() -> None:
    story = Story().to(Status.CLOSED)

    story.after("reopen")

    assert (story.case.closed_at, story.case.choice, story.case.approval) == (None, None, None)
    assert (story.case.satisfied, story.case.substantially_solved) == (None, None)


@pytest.mark.parametrize("never_agreed", [Status.DISMISSED, Status.CLOSED])
def test_a_case_never_agreed_on_is_confirmed_first(never_agreed: Status) -> None:
    """Else dismissing and reopening, or importing, would be a way around the agreement (S11)."""
    if never_agreed is Status.DISMISSED:
        story = a_story_to(Status.DISMISSED)
    else:
        story = an_imported_story(Status.CLOSED)

    story.take("reopen")

    assert story.case.status is Status.REPORTED
    assert isinstance(refused(story, "analyse"), errors.StepNotAllowed)


def test_the_decision_of_the_earlier_attempt_does_not_hold() -> None:
    story = Story().to(Status.CLOSED).after("reopen").to(Status.RISK_ASSESSED)

    refusal = refused(story, "resolve")

    assert isinstance(refusal, errors.NothingChosen)
