"""The steps that a case offers: those which this caller may take now, if the details are right."""

from typing import Any

import pytest

from domain.errors import Refusal
from domain.lifecycle import STEPS, TABLE
from domain.values import Role, Status
from tests.domain.refusing import refused
from tests.given import (
    Story,
    a_chosen_story,
    a_failed_story,
    a_story_to,
    an_approved_story,
    an_imported_story,
    circumstances,
    steps_from,
)
from tests.given_ready import a_learned_story, a_story_ready_for

LEGAL = [(step.command, status) for step in TABLE for status in sorted(step.allowed_in)]
MANY_STORIES = [
    Story(),
    *map(a_story_to, Status),
    *map(an_imported_story, Status),
    *map(a_learned_story, (Status.REPORTED, Status.RISK_ASSESSED, Status.CLOSED)),
    a_failed_story(),
    a_chosen_story(),
    an_approved_story(),
]


def offered(story: Story, who: str = "cleo", roles: Any = Role) -> set[str]:
    return {step.command for step in story.case.allowed_steps(circumstances(who, roles))}


@pytest.mark.parametrize(("command", "status"), LEGAL)
def test_a_step_that_can_be_taken_is_offered_to_those_who_may(command: str, status: Status) -> None:
    story = a_story_ready_for(command, status)
    roles = STEPS[command].roles

    assert command in offered(story, "cleo", roles)
    assert command not in offered(story, "cleo", set(Role) - roles)


@pytest.mark.parametrize("story", MANY_STORIES, ids=lambda s: f"{s.case.status}-{s.case.version}")
def test_what_is_left_out_is_refused_even_with_valid_details(story: Story) -> None:
    left_out = STEPS.keys() - offered(story)

    for command in left_out:
        assert isinstance(refused(story, command, circumstances("cleo", Role)), Refusal)


@pytest.mark.parametrize("story", MANY_STORIES, ids=lambda s: f"{s.case.status}-{s.case.version}")
def test_nothing_is_offered_that_the_table_forbids(story: Story) -> None:
    possible = {step.command for step in steps_from(story.case.status)}

    assert offered(story) <= (possible if story.case.version else {"report", "import_record"})


def test_prevention_is_offered_once_there_are_lessons_and_something_to_prevent() -> None:
    story = Story().to(Status.FOLLOWED_UP)
    learning = {"plan_prevention", "complete_prevention", "check_prevention", "hold_training"}

    before = offered(story) & learning
    learned = offered(story.after("record_lessons")) & learning
    planned = offered(story.after("plan_prevention")) & learning
    done = offered(story.after("complete_prevention")) & learning

    assert before == set()
    assert learned == {"plan_prevention", "hold_training"}
    assert planned == {"plan_prevention", "hold_training", "complete_prevention"}
    assert done == {"plan_prevention", "hold_training", "check_prevention"}


def test_nothing_is_carried_out_before_it_is_chosen_and_approved() -> None:
    carried_out = {"complete_plan_step", "revise_plan", "resolve"}

    assessed, chosen, approved = (
        offered(story) & carried_out
        for story in (Story().to(Status.RISK_ASSESSED), a_chosen_story(), an_approved_story())
    )

    assert (assessed, chosen, approved) == (set(), set(), carried_out)


def test_who_chose_is_not_offered_the_approval() -> None:
    story = a_chosen_story()
    deciding = {"approve_solution", "reject_solution"}

    assert offered(story, "ann") & deciding == set()
    assert offered(story, "bob") & deciding == deciding


def test_a_case_is_closed_with_both_answers_and_lessons() -> None:
    story = Story().to(Status.FOLLOWED_UP)

    assert "close" not in offered(story)
    assert "close" in offered(story.after("record_lessons"))


def test_nobody_is_offered_what_no_role_of_theirs_may() -> None:
    assert offered(Story().to(Status.REPORTED), "ann", ()) == set()
