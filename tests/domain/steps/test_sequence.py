"""What answers something cannot have occurred before it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import errors
from domain.lifecycle import TABLE
from domain.sequence import ANSWERED, not_before_what_it_answers
from domain.times import CLOCK_TOLERANCE
from domain.values import Status
from tests.domain.refusing import refused
from tests.given import Story, circumstances_for
from tests.given_ready import a_story_ready_for

STEPS = {step.event: step for step in TABLE}
SECOND = timedelta(seconds=1)


def ready(command: str) -> Story:
    """A case of any status in which the step may be taken."""
    for status in Status:
        step = next(each for each in TABLE if each.command == command)
        if status in step.allowed_in:
            return a_story_ready_for(command, status)
    raise AssertionError(command)


@pytest.mark.parametrize("event", ANSWERED, ids=lambda event: event.NAME)
def test_no_answer_lies_before_what_it_answers(event: type) -> None:
    command = STEPS[event].command
    story = ready(command)
    answered_at = ready(command).take(command)
    earliest = ANSWERED[event](story.case, answered_at)

    by = circumstances_for(command, earliest - CLOCK_TOLERANCE - SECOND)
    refusal = refused(story, command, by=by)

    assert isinstance(refusal, errors.OccurredBeforeAnswered)
    assert refusal.params["answered_at"] == earliest


def test_the_rule_stands_in_the_rows_of_these_steps_only() -> None:
    assert {step.event for step in TABLE if not_before_what_it_answers in step.rules} == set(
        ANSWERED
    )
