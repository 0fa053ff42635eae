"""Folding never refuses: any part of a story can be told, e.g. as it was at an instant."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from domain.conflict_case import ConflictCase
from domain.errors import NothingChosen
from domain.events import CaseEvent
from domain.lifecycle import TABLE, Step
from domain.values import Role, Status
from tests.every_event import stories
from tests.given import Story, a_story_to, an_approved_story, circumstances, steps_from

STORIES = stories()
each_story = pytest.mark.parametrize("story", STORIES, ids=lambda s: f"{len(s.events)}-events")


def asked_everything(case: ConflictCase) -> ConflictCase:
    """A case after every question a reader may put to it."""
    for solution in [*case.proposed_solutions, *case.solutions.values()]:
        assert solution.highest_risk >= 0
    assert case.needs_approval in (True, False)
    assert case.attempt_has_failed in (True, False)
    assert case.satisfied in (True, False, None)
    assert case.substantially_solved in (True, False, None)
    offered = case.allowed_steps(circumstances(roles=Role))
    assert {step.command for step in offered} <= {step.command for step in possible(case)}
    assert repr(case)
    return case


def possible(case: ConflictCase) -> tuple[Step, ...]:
    begin = tuple(step for step in TABLE if step.begins_a_case)
    return steps_from(case.status) if case.version else begin


def test_what_is_told_late_takes_no_case_back_in_time() -> None:
    story = Story().after("report", "acknowledge", "assign")
    before = story.case.updated_at
    earlier = story.events[-1].occurred_at - timedelta(minutes=90)
    late = replace(story.events[-1], occurred_at=earlier, originator_version=4)

    after = ConflictCase.folded(story.case.id, [*story.events, late])

    assert earlier < story.events[-1].occurred_at == before
    assert (after.version, after.updated_at) == (4, before)


def told(story: Story, events: Iterable[CaseEvent]) -> ConflictCase:
    return asked_everything(ConflictCase.folded(story.case.id, events))


@each_story
def test_the_whole_story_tells_the_case(story: Story) -> None:
    assert told(story, story.events) == story.case


@each_story
def test_every_beginning_of_a_story_can_be_told(story: Story) -> None:
    versions = [told(story, story.events[:end]).version for end in range(len(story.events) + 1)]

    assert versions == list(range(len(story.events) + 1))


@each_story
def test_every_story_with_one_event_left_out_can_be_told(story: Story) -> None:
    for left_out in range(len(story.events)):
        told(story, story.events[:left_out] + story.events[left_out + 1 :])


@each_story
def test_any_part_of_a_story_can_be_told(story: Story) -> None:
    chance = random.Random(len(story.events))

    for share, _ in product((0.1, 0.3, 0.5, 0.8), range(100)):
        part = [event for event in story.events if chance.random() < share]
        case = told(story, part)
        assert case.version == (part[-1].version if part else 0)


@pytest.mark.parametrize("status", Status)
def test_two_tellings_share_nothing_that_can_change(status: Status) -> None:
    story = a_story_to(status)
    first, second = told(story, story.events), told(story, story.events)

    first.evidence.append(story.events[0])  # type: ignore[arg-type]
    first.solutions.clear()

    assert second == story.case


def test_a_plan_step_told_without_its_plan_belongs_to_no_revision() -> None:
    story = an_approved_story()
    done = story.take("complete_plan_step", step_number=2)

    case = told(story, [done])

    assert case.completed_plan_steps == {(0, 2): done}


def test_a_case_of_no_events_is_one_that_nobody_reported() -> None:
    story = Story()

    assert told(story, []) == ConflictCase(story.case.id)


def test_a_case_where_nothing_is_chosen_names_no_chosen_solution() -> None:
    case = Story().to(Status.RISK_ASSESSED).case

    with pytest.raises(NothingChosen):
        _ = case.chosen_solution
