"""Bodies derived from events: the short way and the thorough way of reading them agree."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from marshmallow import ValidationError

from api import examples
from api.errors import Problem
from api.fields import load
from api.http_steps import HTTP_STEPS
from api.parsing import Fault
from api.steps import BODIES
from domain.personal import PersonalText
from tests.api.test_bad_requests import JUNK, _places

each_step = pytest.mark.parametrize("step", HTTP_STEPS, ids=lambda step: step.command)


@each_step
def test_a_body_takes_what_the_event_records(step: Any) -> None:
    expected = {own.name for own in step.body_fields} | {"occurred_at"}

    assert set(BODIES[step.command].fields) == expected


@each_step
def test_both_ways_of_reading_a_good_body_agree(step: Any) -> None:
    schema = BODIES[step.command]

    for language in examples.LANGUAGES:
        body = examples.body(step.command, language)
        assert schema.straight(body) == schema.load(body)


@each_step
def test_both_ways_refuse_the_same_bodies(step: Any) -> None:
    schema, dice = BODIES[step.command], random.Random(step.command)

    for _ in range(150):
        body = json.loads(json.dumps(examples.body(step.command, "en")))
        for _ in range(dice.randrange(1, 3)):
            _spoil(body, dice)
        assert _reads(schema.straight, body, Fault) == _reads(schema.load, body, ValidationError)


def _spoil(body: dict[str, Any], dice: random.Random) -> None:
    *way, last = dice.choice([*_places(body), ("occurred_at",), ("extra",)])
    node: Any = body
    for name in way:
        node = node[name]
    node[last] = json.loads(json.dumps(dice.choice(JUNK)))


def _reads(read: Any, body: dict[str, Any], refusal: type[Exception]) -> Any:
    try:
        return read(body)
    except refusal:
        return "refused"


def test_personal_text_becomes_opaque_at_once() -> None:
    loaded = load(BODIES["report"], examples.body("report", "zh"))

    assert isinstance(loaded["summary"], PersonalText)
    assert "洗衣机" not in repr(loaded)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("channel", "pigeon", "unknown_code channels"),
        ("summary", "x" * 201, "too_long 200"),
        ("summary", " \n ", "blank"),
        ("summary", "\u200b\u3164", "blank"),
        ("summary", "a\x07b", "unstorable_character"),
        ("summary", "a\ufffe", "unstorable_character"),
        ("summary", None, "null"),
        ("customer", [], "not_an_object"),
        ("occurred_at", "2026-03-01", "not_an_instant"),
        ("occurred_at", "2026-03-01T25:00:00Z", "not_an_instant"),
        ("occurred_at", "0001-01-01T00:00:00+14:00", "year_out_of_range"),
    ],
)
def test_a_fault_says_what_is_wrong(field: str, value: object, code: str) -> None:
    body = {**examples.body("report", "en"), field: value}

    with pytest.raises(Problem) as refused:
        load(BODIES["report"], body)

    assert refused.value.errors[0]["pointer"] == f"/{field}"
    assert refused.value.errors[0]["code"] == code
