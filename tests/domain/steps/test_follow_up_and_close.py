"""Following up and closing: both answers of the customer are known, and the lessons written."""

import pytest

from domain import errors
from domain.values import SatisfactionScore, Status
from tests.domain.refusing import refused
from tests.given import Story


@pytest.mark.parametrize(("scale", "value"), [("csat_1_5", 0), ("csat_1_5", 6), ("csat_1_10", 0)])
def test_a_score_lies_on_its_scale(scale: str, value: int) -> None:
    story = Story().to(Status.RESOLVED)

    refusal = refused(story, "follow_up", score=SatisfactionScore(scale=scale, value=value))

    assert isinstance(refusal, errors.ScoreOutsideScale)
    assert refusal.params["scale"] == scale


@pytest.mark.parametrize(
    ("scale", "value"),
    [("csat_1_5", 1), ("csat_1_5", 5), ("csat_1_10", 10), ("nps", 0), ("nps", 10)],
)
def test_a_score_may_lie_at_the_ends_of_its_scale(scale: str, value: int) -> None:
    story = Story().to(Status.RESOLVED)

    story.take("follow_up", score=SatisfactionScore(scale=scale, value=value))

    assert story.case.status is Status.FOLLOWED_UP


def test_a_score_is_not_needed() -> None:
    story = Story().to(Status.RESOLVED)

    story.take("follow_up", score=None)

    assert story.case.satisfied is True


def test_a_case_is_not_closed_without_lessons() -> None:
    refusal = refused(Story().to(Status.FOLLOWED_UP), "close")

    assert isinstance(refusal, errors.LessonsMissing)
    assert refusal.params == {"attempt": 1}


@pytest.mark.parametrize("unknown", ["satisfied", "substantially_solved"])
def test_a_case_is_not_closed_on_an_unknown_answer(unknown: str) -> None:
    story = Story().to(Status.RESOLVED)
    story.take("follow_up", **{unknown: None})
    story.take("record_lessons")

    refusal = refused(story, "close")

    assert isinstance(refusal, errors.AnswersUnknown)
    assert refusal.params == {"unknown": [unknown]}


def test_answers_may_come_one_by_one_and_the_newest_counts() -> None:
    story = Story().to(Status.RESOLVED)

    story.take("follow_up", satisfied=False, substantially_solved=None)
    story.take("follow_up", satisfied=True, substantially_solved=None)
    story.take("follow_up", satisfied=None, substantially_solved=False)

    assert (story.case.satisfied, story.case.substantially_solved) == (True, False)
    assert story.after("record_lessons", "close").case.status is Status.CLOSED


def test_an_unsatisfied_customer_does_not_keep_a_case_open() -> None:
    story = Story().to(Status.RESOLVED)
    story.take("follow_up", satisfied=False, substantially_solved=False)

    story.after("record_lessons", "close")

    assert story.case.closed_at == story.events[-1].occurred_at


def test_lessons_and_answers_of_an_earlier_attempt_do_not_close_the_next() -> None:
    story = Story().to(Status.CLOSED).after("reopen").to(Status.RESOLVED)
    story.take("follow_up", satisfied=None, substantially_solved=None)

    without_lessons = refused(story, "close")
    without_answers = refused(story.after("record_lessons"), "close")

    assert isinstance(without_lessons, errors.LessonsMissing)
    assert without_lessons.params == {"attempt": 2}
    assert isinstance(without_answers, errors.AnswersUnknown)
