"""The plan in force: its steps are done one by one; a changed plan leaves the old one readable."""

import pytest

from domain import errors
from domain.values import Status
from tests.details.solving import plan
from tests.domain.refusing import refused
from tests.given import Story, an_approved_story


@pytest.mark.parametrize("command", ["complete_plan_step", "revise_plan", "resolve"])
def test_nothing_is_carried_out_before_a_choice(command: str) -> None:
    story = Story().to(Status.RISK_ASSESSED)

    refusal = refused(story, command)

    assert isinstance(refusal, errors.NothingChosen)


def test_only_a_step_of_the_plan_is_completed() -> None:
    story = an_approved_story()

    refusal = refused(story, "complete_plan_step", step_number=3)

    assert isinstance(refusal, errors.UnknownPlanStep)
    assert refusal.params == {"step_number": 3, "steps": 2}


def test_steps_of_a_plan_count_from_one() -> None:
    story = an_approved_story()

    refusal = refused(story, "complete_plan_step", step_number=0)

    assert refusal.params == {"field": "step_number", "reason": "out_of_range"}


def test_a_step_is_completed_once() -> None:
    story = an_approved_story()
    story.take("complete_plan_step", step_number=2)

    refusal = refused(story, "complete_plan_step", step_number=2)

    assert isinstance(refusal, errors.PlanStepAlreadyDone)


def test_a_step_that_is_not_in_the_plan_is_called_that_also_where_all_are_done() -> None:
    story = an_approved_story().after("complete_plan_step", "complete_plan_step")

    refusal = refused(story, "complete_plan_step", step_number=9)

    assert isinstance(refusal, errors.UnknownPlanStep)


def test_steps_are_completed_in_any_order() -> None:
    story = an_approved_story()

    story.take("complete_plan_step", step_number=2)
    story.take("complete_plan_step", step_number=1)

    assert sorted(story.case.completed_plan_steps) == [(1, 1), (1, 2)]


def test_a_revised_plan_begins_anew_and_keeps_the_old_one() -> None:
    story = an_approved_story().after("complete_plan_step")

    story.take("revise_plan", steps=plan("改用快递", "Call", "Write"))
    story.take("complete_plan_step", step_number=1)

    assert [(p.revision, len(p.steps)) for p in story.case.plans] == [(1, 2), (2, 3)]
    assert sorted(story.case.completed_plan_steps) == [(1, 1), (2, 1)]
    assert story.case.attempt_has_failed


def test_a_plan_is_not_revised_without_a_reason() -> None:
    refusal = refused(an_approved_story(), "revise_plan", reason=None)

    assert refusal.params == {"field": "reason", "reason": "wrong_type"}
