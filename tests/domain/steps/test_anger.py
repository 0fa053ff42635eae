"""Anger: heard by people and models, once for each occurrence, and answered by a person (S10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain import errors
from domain.circumstances import Circumstances
from domain.clocks.run import ClockRun, State
from domain.emotions import CONTRARY, emotion_now, is_angry
from domain.personal import PersonalText
from domain.reference_books import EDITIONS, edition
from domain.values import Actor, ActorKind, Role, Sentiment, Status
from tests.domain.refusing import refused
from tests.given import BEGAN_AT, Story, circumstances, circumstances_for

ROBOT = Actor(id="chat-bot", kind=ActorKind.SERVICE)


def at(hours: float) -> datetime:
    return BEGAN_AT + timedelta(hours=hours)


def a_robot(hours: float = 1, *roles: Role) -> Circumstances:
    return replace(circumstances(roles=roles or (Role.HANDLER,), at=at(hours)), actor=ROBOT)


def runs(story: Story, hours: float = 99) -> list[ClockRun]:
    return [r for r in story.case.clock_runs(at(hours)) if r.clock == "escalated_handling"]


def an_angry_story() -> Story:
    story = Story()
    story.take("report", emotion="angry")
    return story


@pytest.mark.parametrize(
    "label",
    [
        {"emotion": "angry", "sentiment": "neutral"},
        {"emotion": None, "sentiment": "negative"},
        {"emotion": "angry", "sentiment": "negative"},
    ],
    ids=str,
)
def test_what_a_model_hears_is_due_two_hours_after_it_was_said_however_late_it_speaks(
    label: dict[str, str | None],
) -> None:
    story = Story().after("report")

    event = story.take("recognise_emotion", circumstances(at=at(1.5)), **label)

    (run,) = runs(story, 1.5)
    assert event.said_at == run.started_at == BEGAN_AT
    assert (run.state, run.due_at) == (State.RUNNING, at(2))


@pytest.mark.parametrize("sentiment", ["positive", "neutral"])
def test_what_is_no_anger_raises_nothing(sentiment: str) -> None:
    story = Story().after("report")

    story.take("recognise_emotion", sentiment=sentiment, emotion="confused")

    assert runs(story) == []
    assert not is_angry(story.case)


def test_the_same_words_heard_by_a_caller_and_two_models_raise_the_case_once() -> None:
    story = an_angry_story()

    story.take("recognise_emotion", model="tone")
    story.take("recognise_emotion", model="tone", model_version="3.0")

    assert [run.number for run in runs(story)] == [1]


def test_each_outburst_after_a_person_took_over_is_an_occurrence_of_its_own() -> None:
    story = an_angry_story()
    story.take("escalate", circumstances(at=at(1)))

    story.take("log_interaction", circumstances(at=at(5)), direction="inbound", emotion="angry")
    story.take("recognise_emotion", circumstances(at=at(5.5)), heard_in=1)

    assert [(r.number, r.state, r.started_at) for r in runs(story, 6)] == [
        (1, State.MET, at(0)),
        (2, State.RUNNING, at(5)),
    ]


def test_a_machine_calls_a_person_and_only_a_person_takes_over() -> None:
    story = an_angry_story()

    story.take("escalate", a_robot(1))
    before = runs(story, 1)[0].state
    story.take("escalate", circumstances(at=at(1.5)))

    assert before is State.RUNNING
    assert runs(story)[0].stopped_at == at(1.5)


def test_a_machine_goes_on_recording_what_an_angry_customer_says() -> None:
    story = an_angry_story()

    refusal = refused(story, "log_interaction", a_robot(), direction="outbound")
    heard = story.take("log_interaction", a_robot(), direction="inbound")

    assert isinstance(refusal, errors.PersonMustTakeOver)
    assert heard.actor == ROBOT


def test_a_person_answers_an_angry_customer_at_any_time() -> None:
    story = an_angry_story()

    event = story.take("acknowledge", circumstances_for("acknowledge", at(1)))

    assert event.actor.kind is ActorKind.PERSON
    assert is_angry(story.case), "an acknowledgement takes nobody over"


@pytest.mark.parametrize("heard_in", [0, 2, 3, 99])
def test_an_emotion_is_heard_in_words_of_the_customer(heard_in: int) -> None:
    story = Story().after("report", "acknowledge")
    story.take("log_interaction", direction="outbound")

    refusal = refused(story, "recognise_emotion", heard_in=heard_in)

    assert isinstance(refusal, errors.NoWordsHeard)


def test_words_of_the_customer_stand_in_reports_contacts_answers_and_surveys() -> None:
    story = Story().to(Status.RESOLVED)
    spoken = [
        story.take("log_interaction", direction="inbound").version,
        story.after("await_customer").take("hear_customer").version,
        story.take("follow_up", comment=PersonalText("Never again 再也不来了")).version,
        story.after("send_survey")
        .take("answer_survey", comment=PersonalText("Never again 再也不来了"))
        .version,
    ]

    told = [story.take("recognise_emotion", heard_in=version) for version in [1, *spoken]]

    assert [event.said_at for event in told] == [
        story.events[version - 1].occurred_at for version in [1, *spoken]
    ]


@pytest.mark.parametrize(
    ("sentiment", "emotion"), [("positive", "angry"), ("negative", "satisfied")]
)
def test_one_caller_does_not_contradict_itself(sentiment: str, emotion: str) -> None:
    story = Story().after("report")
    label = Sentiment(label=sentiment, model_version="tone-1")

    heard = refused(story, "recognise_emotion", sentiment=sentiment, emotion=emotion)
    logged = refused(story, "log_interaction", sentiment=label, emotion=emotion)

    for refusal in (heard, logged):
        assert isinstance(refusal, errors.EmotionContradictsSentiment)
        assert refusal.params == {"field": "emotion"}


def test_contrary_feelings_are_codes_of_every_edition() -> None:
    for number in EDITIONS:
        books = edition(number)
        assert CONTRARY.keys() < books.book("sentiments").codes
        assert frozenset().union(*CONTRARY.values()) < books.book("emotions").codes


def test_a_model_speaks_once_about_the_same_words() -> None:
    story = Story().after("report", "recognise_emotion")

    refusal = refused(story, "recognise_emotion", emotion="calm")

    assert isinstance(refusal, errors.EmotionAlreadyRecognised)
    assert refusal.params == {"heard_in": 1, "model": "tone"}


def test_what_a_caller_says_of_words_stands_above_what_a_model_hears_in_them() -> None:
    story = Story()
    story.take("report", emotion="disappointed")
    story.take("recognise_emotion", heard_in=1, emotion="calm", sentiment="neutral")
    first = emotion_now(story.case)

    story.take("log_interaction", direction="inbound", emotion=None, sentiment=None)
    story.take("recognise_emotion", heard_in=3, emotion="frustrated", sentiment="neutral")

    assert first == "disappointed"
    assert emotion_now(story.case) == "frustrated"


def test_a_sentiment_without_an_emotion_names_none() -> None:
    story = Story()
    story.take("report", emotion=None)

    story.take(
        "log_interaction",
        direction="inbound",
        emotion=None,
        sentiment=Sentiment(label="negative", model_version="tone-2.1"),
    )

    assert emotion_now(story.case) is None
    assert is_angry(story.case)


def test_what_a_model_hears_makes_nothing_stale_that_somebody_saw() -> None:
    story = Story().after("report", "acknowledge", "recognise_emotion")

    assert story.case.version == 3
    assert story.case.is_still(2)
    assert not story.case.is_still(1)
