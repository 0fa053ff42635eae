"""The background file leaves out nothing that the customer said, but what is named here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from api.background_file import file_of
from api.rendering import Reader, WordedReader
from api.witness import Witness
from domain.conflict_case import ConflictCase
from domain.events import CaseEvent
from domain.personal import PersonalText
from domain.values import Role, Status
from service.mapper import LoggedEvent
from tests.every_event import stories
from tests.given import BEGAN_AT, Story

LEFT_OUT = {
    "conflict_analysed.unstated_needs": "what the company supposes, and the customer never said",
}
"""Places of personal texts that stay inside the company, and why."""


class Planted:
    """Copies of events with a word of its own in every personal text, and where each stands."""

    def __init__(self) -> None:
        self.where: dict[str, str] = {}
        self._numbers = count(1)

    def into(self, event: CaseEvent) -> CaseEvent:
        planted: CaseEvent = self._copy(event, event.NAME)
        return planted

    def _copy(self, value: Any, place: str) -> Any:
        if type(value) is PersonalText:
            word = f"planted-{next(self._numbers)}-"
            self.where[word] = place
            return PersonalText(word)
        if isinstance(value, tuple):
            return tuple(self._copy(each, place) for each in value)
        if not is_dataclass(value) or isinstance(value, type):
            return value
        own = (field.name for field in fields(value) if field.init)
        changed = {name: self._copy(getattr(value, name), f"{place}.{name}") for name in own}
        return replace(value, **changed)


def lives() -> Iterator[Story]:
    """Every event happens in one; so do a survey about a contact, and a second dismissal."""
    yield from (each for each in stories() if not each.case.erasures)
    yield Story().after("report", "log_interaction", "send_survey", "answer_survey")
    yield Story().to(Status.REPORTED).after("dismiss", "reopen", "dismiss")


def missing_in(form: str, language: str) -> set[str]:
    """The places of texts whose words the file does not tell."""
    found: set[str] = set()
    for story in lives():
        planted = Planted()
        events = [planted.into(event) for event in story.events]
        case = ConflictCase.folded(story.case.id, events)
        at = BEGAN_AT + timedelta(days=1)
        history = [
            LoggedEvent(position=n, recorded_at=at, event=event)
            for n, event in enumerate(events, start=1)
        ]
        roles = frozenset({Role.HANDLER.value})
        words = WordedReader(roles, Witness(), edition=case.edition, language=language)
        file = file_of(case, history, Reader(roles, Witness()), words, form, language).decode()
        found |= {place for word, place in planted.where.items() if word not in file}
    return found


@pytest.mark.parametrize(("form", "language"), [("json", "en"), ("html", "en"), ("html", "zh")])
def test_every_word_of_the_customer_is_told_but_what_is_named(form: str, language: str) -> None:
    missing = missing_in(form, language)

    assert missing == set(LEFT_OUT)
