"""Personal text: never shown by accident, revealed on request, readable by those with the right."""

import copy
import json
import logging
import pickle
import traceback
from collections.abc import Callable

import pytest

from domain.personal import ERASED, Erased, PersonalText, RestrictedText, StaffText
from domain.values import Customer, Role, Status
from tests.given import Story

SECRET = "张三 wept in the orchard"
KINDS = (PersonalText, StaffText, RestrictedText)

each_kind = pytest.mark.parametrize("kind", KINDS)


def is_shown(output: str) -> bool:
    return any(word in output for word in ("张三", "orchard", "\\u5f20"))


@each_kind
@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        format,
        lambda text: f"{text!s:>20}",
        ascii,
        lambda text: repr([text, {"text": text}]),
        lambda text: repr(vars(type(text))),
    ],
)
def test_a_text_is_not_shown_when_printed(
    kind: type[PersonalText], show: Callable[[object], str]
) -> None:
    assert not is_shown(show(kind(SECRET)))


@each_kind
def test_an_event_that_holds_one_is_not_shown_either(kind: type[PersonalText]) -> None:
    story = Story()
    event = story.take("report", customer=Customer(ref="K-1", name=PersonalText(SECRET)))

    assert not is_shown(repr(event))
    assert not is_shown(repr(story.case))


def test_a_log_line_does_not_show_it(caplog: pytest.LogCaptureFixture) -> None:
    text = PersonalText(SECRET)

    logging.getLogger("amends").warning("case of %s: %r", text, text, extra={"text": text})

    assert not is_shown(caplog.text)
    assert not is_shown(repr(caplog.records[0].__dict__))


def test_a_traceback_with_its_variables_does_not_show_it() -> None:
    held = [PersonalText(SECRET)]

    with pytest.raises(TypeError) as caught:
        json.dumps(held)
    lines = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()

    assert not is_shown("".join(lines))


@each_kind
@pytest.mark.parametrize("write", [pickle.dumps, json.dumps])
def test_it_leaves_the_process_by_no_general_way(
    kind: type[PersonalText], write: Callable[[object], object]
) -> None:
    with pytest.raises((TypeError, pickle.PicklingError, AttributeError)) as caught:
        write(kind(SECRET))

    assert not is_shown(str(caught.value))


def test_a_refusal_does_not_repeat_it() -> None:
    story = Story()

    with pytest.raises(Exception, match="text_length") as caught:
        story.take("report", customer=Customer(ref="K-1", name=PersonalText(SECRET * 99)))

    assert not is_shown(str(caught.value))
    assert not is_shown(repr(caught.value))


@each_kind
def test_it_is_revealed_on_request(kind: type[PersonalText]) -> None:
    assert kind(SECRET).reveal() == SECRET


def test_a_sealed_text_opens_only_when_revealed() -> None:
    opened: list[str] = []

    def unseal(token: str) -> str | Erased:
        opened.append(token)
        return SECRET

    text = StaffText.sealed("token-1", unseal, lambda token: False)

    assert (type(text), text.token, opened) == (StaffText, "token-1", [])
    assert not is_shown(repr(text))
    assert text.reveal() == SECRET
    assert opened == ["token-1"]


def test_whether_it_is_erased_is_told_without_opening_it() -> None:
    opened: list[str] = []

    text = PersonalText.sealed("token-1", opened.append, lambda token: token == "token-1")

    assert (text.is_erased(), opened) == (True, [])


def test_a_clear_text_has_no_token_and_is_not_erased() -> None:
    assert PersonalText(SECRET).token is None
    assert not PersonalText(SECRET).is_erased()


def test_what_is_erased_stays_erased_and_says_so() -> None:
    text = PersonalText.sealed("token-1", lambda token: ERASED, lambda token: True)

    assert text.reveal() is ERASED
    assert text.is_erased()
    assert repr(ERASED) == "ERASED"


def test_texts_are_equal_when_their_words_are() -> None:
    sealed = PersonalText.sealed("token-1", lambda token: SECRET, lambda token: False)

    assert PersonalText(SECRET) == sealed
    assert hash(PersonalText(SECRET)) == hash(sealed)
    assert PersonalText(SECRET) != PersonalText("李四")
    assert PersonalText(SECRET) != SECRET


def test_texts_for_different_readers_are_different() -> None:
    assert PersonalText(SECRET) != StaffText(SECRET)


@each_kind
def test_a_copy_holds_the_same_words(kind: type[PersonalText]) -> None:
    text = kind(SECRET)

    assert copy.copy(text) == copy.deepcopy(text) == text
    assert type(copy.deepcopy(text)) is kind


@pytest.mark.parametrize(
    ("kind", "readers"),
    [
        (PersonalText, "handler approver privacy"),
        (StaffText, "handler approver privacy analyst auditor"),
        (RestrictedText, "approver auditor"),
    ],
)
def test_each_kind_has_its_readers(kind: type[PersonalText], readers: str) -> None:
    text = kind(SECRET)

    able = {role for role in Role if text.readable_by(frozenset({role}))}

    assert able == set(readers.split())
    assert not text.readable_by(frozenset())
    assert text.readable_by(frozenset(Role))


def test_every_text_of_a_whole_life_is_hidden() -> None:
    story = Story().to(Status.CLOSED)

    assert not any(is_shown(repr(event)) for event in story.events)
