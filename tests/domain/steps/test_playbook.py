"""Playbooks: which steps a case has, and recording what was followed and what was left out."""

from __future__ import annotations

import pytest

from domain import errors
from domain.personal import StaffText
from domain.playbooks import own_rules, playbook
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import PlaybookMark, Status
from tests.domain.refusing import refused
from tests.given import Story

BOOKS = edition(CURRENT_EDITION)
WHY = StaffText("No time 没有时间")


def a_story_of(**confirmed: str) -> Story:
    story = Story().after("report", *["attach_evidence"] * 4)
    story.take("confirm", **confirmed)
    return story


def steps_of(story: Story) -> list[str]:
    return [step.id for step in playbook(story.case)]


def marked(step: str, *, followed: bool = True, reason: StaffText | None = None) -> PlaybookMark:
    return PlaybookMark(step=step, followed=followed, reason=reason)


@pytest.mark.parametrize("entry", BOOKS.book("customer_types").entries, ids=lambda e: e.code)
def test_every_customer_type_has_four_steps_in_both_languages(entry) -> None:
    story = a_story_of(customer_type=entry.code)

    steps = [step for step in playbook(story.case) if step.book == "customer_types"]

    assert [step.number for step in steps] == [1, 2, 3, 4]
    assert {step.source for step in steps} == {"S6" if entry.details["group"] == "main" else "S7"}
    assert len({step.text.en for step in steps} | {step.text.zh for step in steps}) == 8
    assert bool(own_rules(story.case)) is (entry.details["group"] == "extended")


def test_a_case_has_the_steps_of_its_customer_emotion_conflict_and_barrier() -> None:
    story = a_story_of(customer_type="stubborn", conflict_type="price",
                       conflict_subtype="price_too_high", barrier="language")  # fmt: skip

    assert steps_of(story) == [
        *(f"customer_types.stubborn.{n}" for n in (1, 2, 3, 4)),
        "emotions.disappointed.1",
        *(f"conflict_types.price.{n}" for n in (1, 2, 3, 4)),
        "barriers.language.1",
    ]


def test_before_it_is_confirmed_only_the_emotion_is_known() -> None:
    assert steps_of(Story().after("report")) == ["emotions.disappointed.1"]


def test_the_steps_change_with_the_emotion_and_what_was_recorded_stays() -> None:
    story = Story().after("report")
    story.take("record_playbook", steps=(marked("emotions.disappointed.1"),))

    story.take("log_interaction", direction="inbound", emotion="angry", sentiment=None)
    story.take("record_playbook", steps=(marked("emotions.angry.1"),
                                         marked("emotions.disappointed.1")))  # fmt: skip

    assert steps_of(story) == ["emotions.angry.1"]
    assert len(story.case.playbook_marks) == 2


def test_the_newest_record_of_a_step_counts() -> None:
    story = Story().after("report")
    step = "emotions.disappointed.1"

    story.take("record_playbook", steps=(marked(step, followed=False, reason=WHY),))
    story.take("record_playbook", steps=(marked(step),))

    assert story.case.playbook_marks[step].followed
    assert len(story.case.playbooks) == 2


@pytest.mark.parametrize(
    "step", ["emotions.angry.1", "emotions.disappointed.2", "customer_types.emotional.1"]
)
def test_only_steps_of_the_cases_playbook_are_recorded(step: str) -> None:
    story = Story().after("report")

    refusal = refused(story, "record_playbook", steps=(marked(step),))

    assert isinstance(refusal, errors.UnknownPlaybookStep)
    assert refusal.params == {"field": "steps.0.step"}


def test_what_was_left_out_needs_a_reason() -> None:
    story = a_story_of()
    steps = steps_of(story)

    refusal = refused(
        story, "record_playbook", steps=(marked(steps[0]), marked(steps[1], followed=False))
    )

    assert isinstance(refusal, errors.SkippedWithoutReason)
    assert refusal.params == {"field": "steps.1.reason"}


def test_a_step_is_told_once_in_a_record() -> None:
    story = Story().after("report")
    mark = marked("emotions.disappointed.1")

    refusal = refused(story, "record_playbook", steps=(mark, mark))

    assert isinstance(refusal, errors.InvalidValue)
    assert refusal.params == {"field": "steps.1.step", "reason": "repeated_item"}


def test_cases_of_older_editions_have_the_steps_of_their_books() -> None:
    story = a_story_of(customer_type="stubborn")
    story.case.edition = edition(2)

    assert [step.book for step in playbook(story.case)] == ["emotions"] + ["conflict_types"] * 4 + [
        "barriers"
    ]
    assert story.case.status is Status.CONFIRMED
