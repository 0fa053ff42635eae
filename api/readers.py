"""JSON to values: one reader for each kind of value. A reader raises Fault, with a code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final
from uuid import UUID

from api import parsing
from domain.kinds import (
    DEFAULT_LIST_LIMIT,
    Between,
    CodeOf,
    Figure,
    Kind,
    ListLimit,
    OfCase,
    OwnField,
    Shape,
    TextLimit,
    fields_of,
)
from domain.personal import PersonalText
from domain.reference_books import EDITIONS, edition
from domain.written import is_blank, is_storable


def reader(kind: Kind) -> Callable[[Any], Any]:
    """The function that reads one item of a kind from JSON; it raises Fault."""
    for base, make in _READERS:
        if issubclass(kind.base, base):
            return make(kind)
    raise KeyError(kind.base)


def _text_reader(kind: Kind) -> Callable[[Any], str]:
    code_of: CodeOf | None = kind.mark(CodeOf)
    if code_of:
        return _code_reader(code_of.book)
    limit, shape = kind.mark(TextLimit), kind.mark(Shape)

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise parsing.Fault("not_text")
        if limit:
            _check_length(value, limit)
        if shape and not re.fullmatch(shape.pattern, value):
            raise parsing.Fault(f"not_{shape.name}")
        return value

    return read


def _check_length(text: str, limit: TextLimit) -> None:
    if len(text) > limit.most:
        raise parsing.Fault(f"too_long {limit.most}")
    if limit.least and is_blank(text):
        raise parsing.Fault("blank")
    if not is_storable(text):
        raise parsing.Fault("unstorable_character")


def known_codes(book: str) -> frozenset[str]:
    """The codes of a book in any edition; whether a case may use one, its own edition says."""
    return frozenset().union(
        *(edition(number).book(book).codes for number in EDITIONS if book in EDITIONS[number])
    )


def codes_for(fault: str) -> dict[str, Any]:
    """Where the expected codes are, by the code of a fault; nothing for other faults."""
    name, _, book = fault.partition(" ")
    if name != "unknown_code":
        return {}
    return {"reference_book": f"/v1/reference-books/{book}", "allowed": sorted(known_codes(book))}


def _code_reader(book: str) -> Callable[[Any], str]:
    codes = known_codes(book)

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise parsing.Fault("not_text")
        if value not in codes:
            raise parsing.Fault(f"unknown_code {book}")
        return value

    return read


def _personal_reader(kind: Kind) -> Callable[[Any], PersonalText]:
    read_text = _text_reader(Kind(str, marks=kind.marks))
    return lambda value: kind.base(read_text(value))


def _number_reader(kind: Kind) -> Callable[[Any], int]:
    bounds: Between | None = kind.mark(Between)

    def read(value: Any) -> int:
        if type(value) is not int:
            raise parsing.Fault("not_a_number")
        _check_bounds(value, bounds)
        return value

    return read


def _check_bounds(value: int | Decimal, bounds: Between | None) -> None:
    if bounds and not bounds.least <= value <= bounds.most:
        raise parsing.Fault(f"out_of_range {bounds.least}..{bounds.most}")


def _amount_reader(kind: Kind) -> Callable[[Any], Decimal]:
    bounds: Between | None = kind.mark(Between)
    if kind.mark(Figure):
        return _figure_reader(bounds)

    def read(value: Any) -> Decimal:
        if not isinstance(value, str):
            raise parsing.Fault("not_an_amount")
        found = parsing.amount(value)
        _check_bounds(found, bounds)
        return found

    return read


def _figure_reader(bounds: Between | None) -> Callable[[Any], Decimal]:
    def read(value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            raise parsing.Fault("not_a_figure")
        found = parsing.figure(value)
        _check_bounds(found, bounds)
        return found

    return read


def _boolean_reader(kind: Kind) -> Callable[[Any], bool]:
    def read(value: Any) -> bool:
        if not isinstance(value, bool):
            raise parsing.Fault("not_a_boolean")
        return value

    return read


def _enum_reader(kind: Kind) -> Callable[[Any], Any]:
    members = {member.value: member for member in kind.base}  # type: ignore[attr-defined]

    def read(value: Any) -> Any:
        if not isinstance(value, str) or value not in members:
            raise parsing.Fault(f"not_one_of {', '.join(members)}")
        return members[value]

    return read


def _parsed(parse: Callable[[str], Any], fault: str) -> Callable[[Kind], Callable[[Any], Any]]:
    """For kinds that JSON writes as text."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            raise parsing.Fault(fault)
        return parse(value)

    return lambda kind: read


def _uuid_reader(kind: Kind) -> Callable[[Any], UUID]:
    fault = "not_a_case" if kind.mark(OfCase) else "not_an_id"

    def read(value: Any) -> UUID:
        try:
            return parsing.uuid(value)
        except (parsing.Fault, TypeError):
            raise parsing.Fault(fault) from None

    return read


# In this order: a str enum is a str, a bool is an int, a datetime is a date.
_READERS: Final[tuple[tuple[type, Callable[[Kind], Callable[[Any], Any]]], ...]] = (
    (Enum, _enum_reader),
    (PersonalText, _personal_reader),
    (str, _text_reader),
    (bool, _boolean_reader),
    (int, _number_reader),
    (Decimal, _amount_reader),
    (datetime, _parsed(parsing.instant, "not_an_instant")),
    (date, _parsed(parsing.day, "not_a_date")),
    (UUID, _uuid_reader),
)


def straight_object(own: Iterable[OwnField]) -> Callable[[Any], dict[str, Any]]:
    """Reads an object with these fields; raises Fault at the first fault, without its place."""
    plan = {field.name: (_straight(field.kind), field.kind.optional) for field in own}
    required = [field.name for field in own if field.required]

    def read(body: Any) -> dict[str, Any]:
        if not isinstance(body, dict) or not all(name in body for name in required):
            raise parsing.Fault("invalid")
        values = {}
        for name, given in body.items():
            if name not in plan:
                raise parsing.Fault("unknown_field")
            read_one, optional = plan[name]
            values[name] = None if given is None and optional else read_one(given)
        return values

    return read


@cache
def _straight_value(owner: type) -> Callable[[Any], Any]:
    read = straight_object(fields_of(owner))
    return lambda body: owner(**read(body))


def _straight(kind: Kind) -> Callable[[Any], Any]:
    read = _straight_value(kind.base) if is_dataclass(kind.base) else reader(kind)
    if not kind.many:
        return read
    limit = kind.mark(ListLimit) or DEFAULT_LIST_LIMIT

    def read_list(given: Any) -> tuple[Any, ...]:
        if not isinstance(given, list) or not limit.least <= len(given) <= limit.most:
            raise parsing.Fault("list_length")
        return tuple(map(read, given))

    return read_list
