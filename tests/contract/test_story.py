"""Whole cases as stored: they load for ever, have all their fields, and tell the same statuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec
import pytest

from domain import events
from domain.checking import check
from domain.conflict_case import ConflictCase
from domain.events import CaseEvent
from domain.personal import PersonalText
from service.topics import topic_of
from tests.contract.test_events import ALL_FIELDS, qualified
from tests.golden.stored import DIGESTS, KEYS, STORY, Line, digest_of, lines, mapper

LINES = lines()
HISTORIES = {
    case_id: [line for line in LINES if line.stored.originator_id == case_id]
    for case_id in dict.fromkeys(line.stored.originator_id for line in LINES)
}

each_line = pytest.mark.parametrize(
    "line", LINES, ids=lambda line: f"{line.stored.topic}-{line.stored.originator_version}"
)
each_case = pytest.mark.parametrize("history", HISTORIES.values(), ids=map(str, HISTORIES))


def read(line: Line) -> CaseEvent:
    return mapper().to_domain_event(line.stored)


def values_in(owner: Any) -> Iterator[tuple[str, Any]]:
    """(field by its class, value) of everything inside an event; absent ones too."""
    for field in fields(owner):
        value = getattr(owner, field.name)
        yield qualified(type(owner), field.name), value
        for item in value if isinstance(value, tuple) else (value,):
            if is_dataclass(item):
                yield from values_in(item)


def test_every_schema_of_every_event_stands_in_the_story() -> None:
    """If a newest one is missing, run `python -m tests.golden.add_missing`."""
    stored = {line.stored.topic for line in LINES}
    forms = {f"{event.NAME}:{n}" for event in events.ALL for n in range(1, event.SCHEMA + 1)}

    assert forms <= stored


def test_what_once_stood_in_the_story_stands_there_unchanged() -> None:
    """A stored form is for ever: if this fails, undo the change of story.jsonl, not the list."""
    listed = [line.split() for line in DIGESTS.read_text("ascii").splitlines()]
    texts = STORY.read_text("utf-8").splitlines()

    assert listed == [
        [digest_of(text), line.stored.topic] for text, line in zip(texts, LINES, strict=True)
    ]


@each_line
def test_a_stored_event_loads_and_holds_right_values(line: Line) -> None:
    event = read(line)

    case = ConflictCase.folded(event.case_id, map(read, HISTORIES[event.case_id]))
    check(event, case.edition)


@each_line
def test_nothing_that_was_stored_is_lost_by_loading(line: Line) -> None:
    """A renamed or dropped field would load without complaint, and be gone."""
    event = read(line)

    if line.stored.topic == topic_of(type(event)):
        told = json.loads(msgspec.json.encode(event, enc_hook=lambda text: text.token))
        kept = {name: value for name, value in told.items() if value is not None}
        identity = {"originator_id": str(event.case_id), "originator_version": event.version}
        assert kept == line.state | identity


@each_case
def test_a_stored_case_tells_the_statuses_it_told_when_it_was_stored(history: list[Line]) -> None:
    case = ConflictCase(history[0].stored.originator_id)

    for line in history:
        case.remember(read(line))
        assert case.status is line.status

    assert case.version == len(history)


def test_every_field_of_every_event_is_filled_somewhere() -> None:
    filled = {
        name for line in LINES for name, value in values_in(read(line)) if value not in (None, ())
    }

    assert set(ALL_FIELDS) - filled == set()


def test_every_text_opens_and_none_is_stored_in_clear() -> None:
    texts = [v for line in LINES for _, v in values_in(read(line)) if isinstance(v, PersonalText)]

    opened = {text.reveal() for text in texts}

    assert {"张三", "谢谢，问题解决了"} <= opened
    assert not any(text in STORY.read_text("utf-8") for text in opened if isinstance(text, str))


def test_the_keys_beside_the_story_are_wrapped() -> None:
    assert "wrapped_key" in KEYS.read_text("utf-8")
