"""States and owners in words of the reader's language, wherever they are answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from api.answer_schemas import answer_schemas
from api.case_labels import STATES
from api.json_schema import SchemaBook
from api.state_labels import (
    ACTION_STATES,
    ALARM_STATES,
    CLOCK_STATES,
    DECISION_STATES,
    FACTOR_STATES,
    ORDER_LABELS,
    OWNER_BOOKS,
    PROMISE_STATES,
    REVIEW_STATES,
    SOLUTION_STATES,
    owner_label,
)
from domain.book import is_chinese
from domain.reference_books import CURRENT_EDITION, edition
from service.assembly import Service
from tests.api.conftest import Callers, Json, shown
from tests.every_event import a_story_with_an_order, a_story_with_promises
from tests.given import Story, a_whole_story

TABLES = (
    ACTION_STATES, ALARM_STATES, CLOCK_STATES, DECISION_STATES, FACTOR_STATES, ORDER_LABELS,
    PROMISE_STATES, REVIEW_STATES, SOLUTION_STATES,
)  # fmt: skip


def objects_in(schema: Any) -> Iterator[Json]:
    """The fields of every object in a schema, those of all its parts together."""
    if isinstance(schema, list):
        for each in schema:
            yield from objects_in(each)
    elif isinstance(schema, dict):
        fields = dict(schema.get("properties", {}))
        for part in schema.get("allOf", ()):
            fields |= part.get("properties", {})
        yield fields
        inner = {**schema, "properties": fields, "allOf": []}
        for each in [*fields.values(), *(v for k, v in inner.items() if k != "properties")]:
            yield from objects_in(each)


def answered() -> list[Json]:
    """Every object of every answer; an event in `Event` stays as it is stored."""
    schemas = answer_schemas(SchemaBook())
    return list(objects_in([each for name, each in schemas.items() if name != "Event"]))


def test_every_state_that_is_answered_has_a_label_beside_it() -> None:
    stated = [each for each in answered() if "enum" in each.get("state", {})]

    assert len(stated) >= len(TABLES)
    assert all("state_label" in each for each in stated)


def test_every_owner_who_is_answered_has_a_label_beside_them() -> None:
    owned = [each for each in answered() if "owner" in each]

    assert len(owned) >= len(TABLES)
    assert all("owner_label" in each for each in owned)


def test_every_unit_of_work_and_of_promises_has_a_label_beside_it() -> None:
    led = [each for each in answered() if {"owner", "unit"} <= set(each)]

    assert len(led) >= 2
    assert all("unit_label" in each for each in led)


def test_every_code_that_leads_or_owns_work_is_named_in_chinese() -> None:
    books = edition(CURRENT_EDITION)
    leading = {
        entry.details[role]
        for book in ("alarm_targets", "audit_figures", "order_triggers", "review_kinds",
                     "service_clocks")
        for entry in books.book(book).entries
        for role in ("led_by", "owner")
        if role in entry.details
    }  # fmt: skip

    labels = {code: owner_label(code, "zh") for code in leading}

    assert {"director", "quality", "customer_service", "service_director", "supervisor"} <= leading
    assert [code for code, label in labels.items() if label is None or label.isascii()] == []
    assert owner_label("supervisor", "en") == "Supervisor"


def test_no_code_names_one_owner_in_two_books_unlike() -> None:
    books = edition(CURRENT_EDITION)
    first, second = (books.book(name).codes for name in OWNER_BOOKS)

    assert not set(first) & set(second)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: "-".join(table))
def test_states_of_one_kind_are_told_apart_in_both_languages(table: Any) -> None:
    for language in ("en", "zh"):
        assert len({each.in_language(language) for each in table.values()}) == len(table)


@pytest.mark.parametrize(
    "story",
    [a_whole_story, a_story_with_promises, a_story_with_an_order],
    ids=lambda story: story.__name__,
)
def test_the_parts_of_a_case_are_told_in_the_readers_language(
    service: Service, callers: Callers, story: Any
) -> None:
    told: Story = story()
    service.cases.record(told.events)
    path = f"/v1/cases/{told.case.id}"

    answers = {each: callers.handler.get(path, Accept_Language=each) for each in ("en", "zh")}

    cases = {language: shown(answer) for language, answer in answers.items()}
    for language, answer in answers.items():
        assert answer.headers["Content-Language"] == language
        assert answer.headers["Vary"] == "Accept-Language"
    named = 0
    for part, (field, name) in STATES.items():
        for language, case in cases.items():
            labels = [each[f"{field}_label"] for each in case[part]]
            assert labels == [name(each[field], language) for each in case[part]]
            named += len(labels)
        assert all(not each[f"{field}_label"].isascii() for each in cases["zh"][part])
    assert named
    for case in cases.values():
        for each in (*case["commitments"], *case["preventions"], *steps_in(case)):
            assert each["owner_label"]


def steps_in(case: Json) -> Iterator[Json]:
    for plan in (*case["plans"], *(each["plan"] for each in case["orders"] if each["plan"])):
        yield from plan["steps"]


def test_a_team_is_called_by_its_name_and_anybody_else_as_they_are_named(
    callers: Callers,
) -> None:
    case = callers.reporter.report()
    body = {"channel": "mail", "agreements": ["We call back"]}

    for owner in ("finance", "财务组", None):
        case = callers.handler.take(case, "send_minutes", {**body, "owner": owner})

    assert [each["owner_label"] for each in case["minutes"]] == ["Finance", "财务组", None]


def test_the_answer_to_a_step_is_in_the_language_of_whoever_took_it(
    callers: Callers, app: Flask
) -> None:
    case = callers.reporter.report()

    taken = callers.handler.post(
        f"/v1/cases/{case['id']}/acknowledge",
        {"channel": "mail", "text": "我们已收到"},
        If_Match='"1"',
        Accept_Language="zh-CN",
    )

    assert taken.status_code == 200, taken.text
    assert is_chinese(taken.headers["Content-Language"])
    (*_, clock) = shown(taken)["clocks"]
    assert clock["state_label"] == CLOCK_STATES[clock["state"]].zh
