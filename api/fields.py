"""Request bodies, derived from the events: kind of value -> marshmallow field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, post_load

from api import parsing
from api.errors import Problem
from api.json_body import safe_pointer
from domain.kinds import (
    DEFAULT_LIST_LIMIT,
    Between,
    CodeOf,
    Kind,
    ListLimit,
    OwnField,
    Shape,
    TextLimit,
    fields_of,
)
from domain.lifecycle import Step
from domain.personal import PersonalText
from domain.reference_books import EDITIONS, edition

OCCURRED_AT: Final = OwnField("occurred_at", Kind(datetime, optional=True), required=False)
"""What every step's body may carry besides the fields of its event."""

# What the domain cannot store either; here it gets its place in the body.
_UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_COMMON: Final = {"required": "required", "null": "null", "validator_failed": "invalid"}


class KindField(fields.Field[Any]):
    """One value of a kind; `read` turns JSON into it or raises Fault."""

    default_error_messages = _COMMON

    def __init__(self, read: Callable[[Any], Any], **options: Any) -> None:
        super().__init__(**options)
        self._read = read

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        try:
            return self._read(value)
        except parsing.Fault as fault:
            raise ValidationError(fault.code) from None


class TupleField(fields.List[Any]):
    """A JSON list of bounded length, as a tuple."""

    default_error_messages = MappingProxyType({**_COMMON, "invalid": "not_a_list"})

    def __init__(self, inner: fields.Field[Any], limit: ListLimit, **options: Any) -> None:
        super().__init__(inner, **options)
        self._limit = limit

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        limit = self._limit
        if isinstance(value, list) and not limit.least <= len(value) <= limit.most:
            raise ValidationError(f"list_length {limit.least}-{limit.most}")
        return tuple(super()._deserialize(value, attr, data, **kwargs))


class NestedField(fields.Nested):
    """A JSON object, as an instance of its dataclass."""

    default_error_messages = MappingProxyType({**_COMMON, "type": "not_an_object"})


class BodySchema(Schema):
    """An object whose fields are those of a dataclass or a step; any other field is refused."""

    error_messages = MappingProxyType({"unknown": "unknown_field", "type": "not_an_object"})
    straight: Callable[[Any], dict[str, Any]]
    """Reads a good body without marshmallow; raises Fault at the first fault, without a place."""


def body_schema(step: Step) -> BodySchema:
    """The body of a step: what the caller supplies of its event, and when it occurred."""
    own = (*step.body_fields, OCCURRED_AT)
    declared = {field.name: _field(field) for field in own}
    straight = staticmethod(_straight_object(own))
    return _as_body_schema(f"{step.event.__name__}Body", declared, straight=straight)


def _as_body_schema(name: str, declared: Mapping[str, Any], **members: Any) -> BodySchema:
    made: type[BodySchema] = type(name, (BodySchema,), {**declared, **members})
    return made()


@cache
def _value_schema(owner: type) -> BodySchema:
    """The schema of a nested value; loading gives an instance of its dataclass."""
    declared = {field.name: _field(field) for field in fields_of(owner)}

    @post_load
    def make(self: Schema, data: Mapping[str, Any], **kwargs: Any) -> object:
        return owner(**data)

    return _as_body_schema(owner.__name__, declared, make=make)


def _straight_object(own: Iterable[OwnField]) -> Callable[[Any], dict[str, Any]]:
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
    read = _straight_object(fields_of(owner))
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


def _field(own: OwnField) -> fields.Field[Any]:
    kind, options = own.kind, {"required": own.required, "allow_none": own.kind.optional}
    if not kind.many:
        return _item_field(kind, **options)
    return TupleField(_item_field(kind), kind.mark(ListLimit) or DEFAULT_LIST_LIMIT, **options)


def _item_field(kind: Kind, **options: Any) -> fields.Field[Any]:
    if is_dataclass(kind.base):
        return NestedField(_value_schema(kind.base), **options)
    return KindField(reader(kind), **options)


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
    if limit.least and not text.strip():
        raise parsing.Fault("blank")
    if _UNSTORABLE.search(text):
        raise parsing.Fault("unstorable_character")


def known_codes(book: str) -> frozenset[str]:
    """The codes of a book in any edition; whether a case may use one, its own edition says."""
    return frozenset().union(
        *(edition(number).book(book).codes for number in EDITIONS if book in EDITIONS[number])
    )


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

    def read(value: Any) -> Decimal:
        if not isinstance(value, str):
            raise parsing.Fault("not_an_amount")
        found = parsing.amount(value)
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
    (UUID, _parsed(parsing.uuid, "not_an_id")),
)


def load(schema: BodySchema, body: Mapping[str, Any]) -> dict[str, Any]:
    """The body's values, each of its kind. Raises Problem with a JSON pointer for every fault.

    Nearly every body is good, so it is first read straight, with the same readers, in a third
    of the time; only a body with a fault is gone through for all of its faults.
    """
    with suppress(parsing.Fault):
        return schema.straight(body)
    try:
        loaded: dict[str, Any] = schema.load(body)
    except ValidationError as faults:
        raise Problem("invalid_body", errors=_pointed(faults.messages, "")) from None
    return loaded


def _pointed(messages: Any, pointer: str) -> Iterator[dict[str, Any]]:
    """Each fault with its place (RFC 6901), in the order in which marshmallow found them."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _pointed(inner, pointer if name == "_schema" else f"{pointer}/{name}")
        return
    for code in messages:
        yield {"pointer": safe_pointer(pointer), "code": code, **_help(code)}


def _help(code: str) -> dict[str, Any]:
    name, _, book = code.partition(" ")
    if name != "unknown_code":
        return {}
    return {"reference_book": f"/v1/reference-books/{book}", "allowed": sorted(known_codes(book))}
