"""Anger is heard at once: in the same append as the words, once, and never at the price of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import uuid4

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from domain import errors, events
from domain.conflict_case import ConflictCase
from domain.emotions import is_angry
from domain.hearing import Heard
from domain.personal import PersonalText
from domain.values import ActorKind, Status, SurveyOccasion
from service.assembly import Service, build
from service.conflict_cases import Taken
from service.event_store import Command, StoreUnavailable
from service.hearing import Hearing
from service.settings import Settings
from tests.given import circumstances, details_for

ANGRY = "I am furious 我非常愤怒"


def report(
    service: Service, words: str, command: Command | None = None, **changes: object
) -> Taken:
    details = details_for("report", ConflictCase(uuid4()))
    details |= {"emotion": None, "summary": PersonalText(words)} | changes
    return service.cases.begin("report", details, circumstances(), command=command)


def told(service: Service, taken: Taken) -> list[events.CaseEvent]:
    return [logged.event for logged in service.cases.history(taken.case.id)]


def test_anger_in_a_report_is_an_event_of_the_same_append(service: Service) -> None:
    taken = report(service, ANGRY)

    first, second = service.cases.history(taken.case.id)
    assert isinstance(second.event, events.EmotionRecognised)
    assert (second.event.heard_in, second.event.emotion) == (1, "angry")
    assert (second.event.model, second.event.model_version) == ("keywords", "1")
    assert (second.event.actor.id, second.event.actor.kind) == ("classifier", ActorKind.SYSTEM)
    assert (first.recorded_at, first.position + 1) == (second.recorded_at, second.position)
    assert taken.case.version == 2
    assert taken.position == second.position
    assert is_angry(service.cases.get(taken.case.id))


@pytest.mark.parametrize("words", ["The parcel came late", "I am not furious", "包裹晚到了"])
def test_what_shows_no_anger_is_one_event(service: Service, words: str) -> None:
    assert report(service, words).case.version == 1


def test_where_the_caller_says_how_the_customer_feels_nobody_else_is_asked(
    service: Service,
) -> None:
    taken = report(service, ANGRY, emotion="calm")

    assert taken.case.version == 1
    assert not is_angry(taken.case)


@pytest.mark.parametrize(
    ("step", "changes", "is_heard"),
    [
        ("log_interaction", {"direction": "inbound", "content": PersonalText(ANGRY)}, True),
        ("log_interaction", {"direction": "outbound", "content": PersonalText(ANGRY)}, False),
        ("acknowledge", {"text": PersonalText(ANGRY)}, False),
    ],
)
def test_the_customers_words_count_and_not_our_own(
    service: Service, step: str, changes: dict[str, object], is_heard: bool
) -> None:
    case = report(service, "The parcel came late").case
    details = details_for(step, case) | changes
    details |= {name: None for name in ("emotion", "sentiment") if name in details}

    taken = service.cases.take_step(case.id, step, details, expected_version=1, by=circumstances())

    assert taken.case.version == (3 if is_heard else 2)


def test_an_answer_we_waited_for_is_heard_too(service: Service) -> None:
    case = report(service, "The parcel came late").case
    for step in ("await_customer", "hear_customer"):
        details = details_for(step, case)
        if step == "hear_customer":
            details["text"] = PersonalText("气死我了")
        case = service.cases.take_step(
            case.id, step, details, expected_version=None, by=circumstances()
        ).case

    assert [event.heard_in for event in case.emotions_recognised] == [3]


def test_what_a_customer_writes_into_a_survey_is_heard_too(service: Service) -> None:
    case = report(service, "The parcel came late").case
    for step in ("send_survey", "answer_survey"):
        details = details_for(step, case)
        details |= {
            "send_survey": {"occasion": SurveyOccasion.CONTACT},
            "answer_survey": {"comment": PersonalText(ANGRY)},
        }[step]
        case = service.cases.take_step(
            case.id, step, details, expected_version=None, by=circumstances()
        ).case

    assert [event.heard_in for event in case.emotions_recognised] == [3]
    assert is_angry(case)


def test_a_request_sent_again_finds_both_events_and_makes_no_third(service: Service) -> None:
    command = Command(uuid4(), b"f" * 32)
    first = report(service, ANGRY, command)

    again = report(service, ANGRY, command)

    assert again.replayed
    assert (again.case.id, again.case.version) == (first.case.id, 2)
    assert (again.position, again.recorded_at) == (first.position, first.recorded_at)
    assert len(told(service, first)) == 2


def test_a_request_sent_again_later_shows_the_case_as_it_was_then(service: Service) -> None:
    command = Command(uuid4(), b"f" * 32)
    first = report(service, ANGRY, command)
    service.cases.take_step(
        first.case.id,
        "acknowledge",
        details_for("acknowledge", first.case),
        expected_version=2,
        by=circumstances(),
    )

    assert report(service, ANGRY, command).case.version == 2


def test_neither_of_both_is_stored_where_the_store_fails(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable("no database")

    monkeypatch.setattr(service.recorder, "append", fail)
    with pytest.raises(StoreUnavailable):
        report(service, ANGRY)

    with service.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM events")) == 0


@dataclass(frozen=True)
class Broken:
    """A classifier that fails, or says what no book knows."""

    answer: Heard | None = None
    model: str = "broken"
    model_version: str = "0"

    def hear(self, text: str, language: str | None) -> Heard:
        if self.answer is None:
            raise RuntimeError(text)
        return self.answer


@pytest.mark.parametrize(
    "classifier",
    [
        Broken(),
        Broken(Heard(sentiment="bad", emotion="angry", confidence_percent=50)),
        Broken(Heard(sentiment="negative", confidence_percent=500)),
        Broken(Heard(sentiment="negative", confidence_percent=50), model="a model's name"),
    ],
    ids=str,
)
def test_a_broken_classifier_stops_no_report_and_leaks_no_word(
    service: Service, classifier: Broken
) -> None:
    service.cases._hearing = Hearing(classifier)

    with capture_logs() as logged:
        taken = report(service, ANGRY)

    assert taken.case.version == 1
    assert "classifier_failed" in str(logged)
    assert "furious" not in str(logged)


def test_nobody_listens_where_the_settings_say_so(settings: Settings) -> None:
    service = build(replace(settings, classifier="none"))

    assert report(service, ANGRY).case.version == 1
    service.engine.dispose()


def test_a_case_that_ended_takes_no_more_of_it(service: Service) -> None:
    case = ConflictCase(uuid4())
    case.status = Status.CLOSED
    event = events.CustomerHeard(
        originator_id=case.id,
        originator_version=1,
        occurred_at=circumstances().now,
        actor=circumstances().actor,
        via=circumstances().via,
        correlation_id="c",
        subject_ref="K-1",
        channel="mail",
        text=PersonalText(ANGRY),
    )

    assert service.cases._hearing.after(case, event, circumstances()) == ()


def test_the_refusal_of_a_step_stands_whatever_is_heard(service: Service) -> None:
    case = report(service, ANGRY).case

    with pytest.raises(errors.NotAwaitingCustomer):
        service.cases.take_step(
            case.id,
            "hear_customer",
            {"channel": "mail", "text": PersonalText(ANGRY)},
            expected_version=None,
            by=circumstances(),
        )
