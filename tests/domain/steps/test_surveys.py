"""Surveys: asked, answered once, on the scale that was asked."""

from __future__ import annotations

import pytest

from domain import errors
from domain.personal import PersonalText
from domain.values import SatisfactionScore, Status, SurveyOccasion
from tests.domain.refusing import refused
from tests.given import Story, circumstances

INTAKE = circumstances()
EVERY_CLOCK_OF_ASKING = ("survey", "contact_survey", "follow_up_round")


def a_resolved_story() -> Story:
    return Story().to(Status.RESOLVED)


def a_survey_in(story: Story, **changes: object) -> Story:
    story.take("send_survey", **changes)
    return story


def states(story: Story) -> dict[str, str]:
    now = story.events[-1].occurred_at
    return {
        run.clock: run.state.value
        for run in story.case.clock_runs(now)
        if run.clock in EVERY_CLOCK_OF_ASKING
    }


def test_an_answer_after_the_resolution_follows_the_case_up() -> None:
    story = a_survey_in(a_resolved_story())

    event = story.take("answer_survey", value=7, satisfied=True, substantially_solved=False)

    assert story.case.status is Status.FOLLOWED_UP
    assert (story.case.satisfied, story.case.substantially_solved) == (True, False)
    assert event.score == SatisfactionScore(scale="csat_1_10", value=7)


def test_the_newest_answer_counts_whichever_way_it_came() -> None:
    story = a_survey_in(a_resolved_story()).after("follow_up")

    story.take("answer_survey", satisfied=False, substantially_solved=None)

    assert (story.case.satisfied, story.case.substantially_solved) == (False, True)


def test_asking_within_a_day_keeps_the_promise_and_answering_is_not_needed() -> None:
    story = a_survey_in(a_resolved_story())

    assert states(story)["survey"] == "met"
    assert states(story)["follow_up_round"] == "running"


def test_a_talk_is_asked_about_while_the_case_is_open() -> None:
    story = Story().to(Status.CONFIRMED).after("log_interaction")
    waiting = states(story)

    story = a_survey_in(story).after("answer_survey")

    assert waiting == {"contact_survey": "running"}
    assert states(story) == {"contact_survey": "met"}
    assert story.case.status is Status.CONFIRMED


def test_a_regular_survey_is_a_follow_up() -> None:
    story = a_survey_in(a_resolved_story(), occasion=SurveyOccasion.CYCLE)

    rounds = [
        run
        for run in story.case.clock_runs(story.events[-1].occurred_at)
        if run.clock == "follow_up_round"
    ]

    assert [run.state.value for run in rounds] == ["met", "running"]


def test_a_text_alone_is_an_answer_without_a_score() -> None:
    story = a_survey_in(a_resolved_story())

    event = story.case.take(
        "answer_survey",
        {"survey_id": "Q1", "comment": PersonalText("太慢了")},
        circumstances(at=story.events[-1].occurred_at),
    )

    assert event.score is None


@pytest.mark.parametrize("occasion", [SurveyOccasion.RESOLUTION, SurveyOccasion.CYCLE])
def test_nothing_resolved_is_nothing_to_ask_about(occasion: SurveyOccasion) -> None:
    story = Story().to(Status.CONFIRMED)

    refusal = refused(story, "send_survey", occasion=occasion)

    assert isinstance(refusal, errors.SurveyBeforeResolution)


def test_a_survey_is_answered_once() -> None:
    story = a_survey_in(a_survey_in(a_resolved_story())).after("answer_survey")

    refusal = refused(story, "answer_survey", survey_id="Q1")

    assert isinstance(refusal, errors.SurveyAlreadyAnswered)


def test_where_all_are_answered_the_step_is_not_offered() -> None:
    story = a_survey_in(a_resolved_story()).after("answer_survey")

    refusal = refused(story, "answer_survey", survey_id="Q1")

    assert "answer_survey" not in {step.command for step in story.case.allowed_steps(INTAKE)}
    assert isinstance(refusal, errors.SurveyAlreadyAnswered)
    assert refusal.params == {"survey_id": "Q1"}


@pytest.mark.parametrize(
    ("before", "unanswered"),
    [((), []), (("send_survey",), ["Q1"]), (("send_survey", "answer_survey"), [])],
)
def test_an_unknown_survey_is_called_that(before: tuple[str, ...], unanswered: list[str]) -> None:
    story = a_resolved_story().after(*before)

    refusal = refused(story, "answer_survey", survey_id="Q9")

    assert isinstance(refusal, errors.UnknownSurvey)
    assert refusal.params == {"unanswered": unanswered}


def test_an_answer_says_something() -> None:
    story = a_survey_in(a_resolved_story())

    refusal = refused(
        story, "answer_survey", value=None, satisfied=None, substantially_solved=None, comment=None
    )

    assert isinstance(refusal, errors.NothingAnswered)


@pytest.mark.parametrize(("scale", "value"), [("csat_1_5", 6), ("csat_1_10", 0), ("csat_1_5", 0)])
def test_a_value_lies_on_the_scale_that_was_asked(scale: str, value: int) -> None:
    story = a_survey_in(a_resolved_story(), scale=scale)

    refusal = refused(story, "answer_survey", value=value)

    assert isinstance(refusal, errors.ScoreOutsideScale)
