"""A value of the wrong kind is refused in every field of every event, under that field's path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.checking import check
from domain.errors import InvalidValue
from domain.events import CaseEvent
from domain.kinds import Between, CodeOf, Kind, ListLimit, Shape, TextLimit, fields_of
from domain.personal import PersonalText, RestrictedText, StaffText
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import Status, Via
from tests.every_event import stories

FIRST = edition(CURRENT_EDITION)
ONE_OF_EACH_TYPE: tuple[Any, ...] = (
    "text",
    1,
    True,
    1.5,
    b"bytes",
    Decimal(1),
    date(2026, 1, 1),
    datetime(2026, 1, 1),  # noqa: DTZ001 (without an offset it is wrong everywhere)
    UUID(int=1),
    PersonalText("x"),
    StaffText("x"),
    RestrictedText("x"),
    {"a": 1},
    [1],
    (1,),
    Status.CLOSED,
    Via.API,
    object(),
)


def wrong_values(kind: Kind) -> Iterator[Any]:
    """Values that a field of this kind must refuse, one of every type among them."""
    yield from (value for value in ONE_OF_EACH_TYPE if not fits(value, kind))
    if not kind.optional:
        yield None
    if kind.many:
        yield from wrong_lists(kind)
        return
    yield from beyond_limits(kind)


def fits(value: object, kind: Kind) -> bool:
    if kind.many:
        return False
    if kind.base is str:
        return isinstance(value, str) and kind.mark(CodeOf) is None
    return type(value) is kind.base and not isinstance(value, datetime)


def wrong_lists(kind: Kind) -> Iterator[Any]:
    limit = kind.mark(ListLimit) or ListLimit(50)
    yield (None,) * (limit.most + 1)
    if limit.least:
        yield ()


def beyond_limits(kind: Kind) -> Iterator[Any]:
    text: type = kind.base
    if limit := kind.mark(TextLimit):
        yield text("x" * (limit.most + 1))
        if limit.least:
            yield from (text(""), text(" \t\n"), text("\u200b\u2800"))
    if text is str or issubclass(text, PersonalText):
        yield from map(text, ("a\x00b", "\ud800", "\x1b[2J", "\x7f", "a\ufffe", "a\U0001ffff"))
    if kind.mark(Shape):
        yield from ("", " ", "K-1\n", "张 三", "-")
    if kind.mark(CodeOf):
        yield from ("", "no_such_code", " web", "WEB")
    if between := kind.mark(Between):
        yield from (text(between.least) - 1, text(between.most) + 1)
    if text is Decimal:
        yield from map(Decimal, ("NaN", "sNaN", "Infinity", "-Infinity", "1E+3", "0.00001"))


def places(owner: Any, path: str = "") -> Iterator[tuple[str, Kind, Any]]:
    """(path, kind, function that puts another value there) of everything inside an owner."""
    for field in fields_of(type(owner)):
        value, where = getattr(owner, field.name), f"{path}{field.name}"

        def put(new: Any, name: str = field.name) -> Any:
            return replace(owner, **{name: new})

        yield where, field.kind, put
        if field.kind.many:
            yield from inside_a_list(value, field.kind, where, put)
        elif is_dataclass(field.kind.base) and value is not None:
            for deeper, kind, put_inside in places(value, f"{where}."):
                yield deeper, kind, lambda new, p=put, i=put_inside: p(i(new))


def inside_a_list(
    items: tuple[Any, ...], kind: Kind, path: str, put: Any
) -> Iterator[tuple[str, Kind, Any]]:
    single = Kind(kind.base, marks=kind.marks)
    for number, item in enumerate(items):

        def put_item(new: Any, number: int = number) -> Any:
            return put((*items[:number], new, *items[number + 1 :]))

        yield f"{path}.{number}", single, put_item
        if is_dataclass(item):
            for deeper, inner, put_inside in places(item, f"{path}.{number}."):
                yield deeper, inner, lambda new, p=put_item, i=put_inside: p(i(new))


EVERY_EVENT = [event for story in stories() for event in story.events]


def fullest_of_each() -> dict[str, CaseEvent]:
    """Of every kind the event that says most, so that no nested place is missed."""
    fullest: dict[str, CaseEvent] = {}
    for event in sorted(EVERY_EVENT, key=lambda event: sum(1 for _ in places(event))):
        fullest[event.NAME] = event
    return fullest


FULLEST = fullest_of_each()
each_event = pytest.mark.parametrize("event", FULLEST.values(), ids=list(FULLEST))


def is_refused(event: CaseEvent, path: str) -> bool:
    """Whether the check names this place, or one inside it."""
    try:
        check(event, FIRST)
    except InvalidValue as refusal:
        return f"{refusal.params['field']}.".startswith(f"{path}.")
    return False


@each_event
def test_every_wrong_value_is_refused_under_its_path(event: CaseEvent) -> None:
    tried = 0

    for path, kind, put in places(event):
        for wrong in wrong_values(kind):
            assert is_refused(put(wrong), path), f"{path}: {wrong!r}"
            tried += 1

    assert tried > 100


@each_event
def test_what_may_be_unknown_may_be_none(event: CaseEvent) -> None:
    for _, kind, put in places(event):
        if kind.optional:
            check(put(None), FIRST)


@pytest.mark.parametrize("event", EVERY_EVENT, ids=lambda event: f"{event.NAME}-{event.version}")
def test_every_recorded_event_holds_right_values_only(event: CaseEvent) -> None:
    check(event, FIRST)
