"""Lessons, preventive actions and training: planned, done, then checked, even when closed (S60)."""

import pytest

from domain import errors
from domain.values import Status
from tests.domain.refusing import refused
from tests.given import LEARNING, Story
from tests.given_ready import a_learned_story


@pytest.mark.parametrize("command", LEARNING)
@pytest.mark.parametrize("status", [Status.REPORTED, Status.RISK_ASSESSED, Status.RESOLVED])
def test_nothing_is_prevented_before_lessons_are_known(command: str, status: Status) -> None:
    refusal = refused(Story().to(status), command)

    assert isinstance(refusal, errors.LessonsMissing)


@pytest.mark.parametrize("command", ["complete_prevention", "check_prevention"])
def test_only_a_planned_action_is_done_or_checked(command: str) -> None:
    story = a_learned_story(Status.CLOSED).after("plan_prevention", "complete_prevention")
    story.take("plan_prevention")

    refusal = refused(story, command, prevention_id="P3")

    assert isinstance(refusal, errors.UnknownPrevention)
    assert refusal.params == {"prevention_id": "P3"}


def test_an_action_that_nobody_planned_is_called_that_also_where_all_are_done() -> None:
    story = a_learned_story(Status.CLOSED).after("plan_prevention", "complete_prevention")

    refusal = refused(story, "complete_prevention", prevention_id="P9")

    assert isinstance(refusal, errors.UnknownPrevention)


@pytest.mark.parametrize("command", ["complete_prevention", "check_prevention"])
def test_nothing_is_done_or_checked_before_it_is_planned(command: str) -> None:
    refusal = refused(a_learned_story(Status.CLOSED), command, prevention_id="P1")

    assert isinstance(refusal, errors.UnknownPrevention)
    assert refusal.params == {"planned": []}


def test_an_action_is_done_once() -> None:
    story = a_learned_story(Status.CLOSED).after("plan_prevention", "complete_prevention")

    refusal = refused(story, "complete_prevention", prevention_id="P1")

    assert isinstance(refusal, errors.PreventionAlreadyDone)


def test_an_effect_is_checked_after_the_action_was_done() -> None:
    story = a_learned_story(Status.CLOSED).after("plan_prevention")

    refusal = refused(story, "check_prevention", prevention_id="P1")

    assert isinstance(refusal, errors.PreventionNotDone)


def test_an_effect_may_be_checked_again() -> None:
    story = a_learned_story(Status.CLOSED).after("plan_prevention", "complete_prevention")

    story.take("check_prevention", effect="too_early")
    story.take("check_prevention", effect="effective")

    assert story.case.preventions_checked["P1"].effect == "effective"


def test_actions_are_numbered_and_closing_does_not_end_them() -> None:
    story = Story().to(Status.FOLLOWED_UP).after("record_lessons", "plan_prevention", "close")

    story.after("plan_prevention", "complete_prevention", "complete_prevention", "hold_training")

    assert sorted(story.case.preventions) == sorted(story.case.preventions_done) == ["P1", "P2"]
    assert story.case.status is Status.CLOSED


def test_lessons_name_at_least_one_code() -> None:
    refusal = refused(Story().to(Status.RESOLVED), "record_lessons", lesson_codes=())

    assert refusal.params == {"field": "lesson_codes", "reason": "list_length"}
