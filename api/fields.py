"""Request bodies, derived from the events: kind of value -> marshmallow field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, post_load

from api import parsing
from api.errors import Problem
from api.json_body import safe_pointer
from api.readers import codes_for, reader, straight_object
from domain.kinds import (
    DEFAULT_LIST_LIMIT,
    Kind,
    ListLimit,
    OwnField,
    fields_of,
)
from domain.lifecycle import Step

OCCURRED_AT: Final = OwnField("occurred_at", Kind(datetime, optional=True), required=False)
"""What every step's body may carry besides the fields of its event."""

Messages = dict[str, str | list[Any] | dict[Any, Any]]
_COMMON: Final[Messages] = {"required": "required", "null": "null", "validator_failed": "invalid"}
_OF_LISTS: Final[Messages] = {**_COMMON, "invalid": "not_a_list"}
_OF_OBJECTS: Final[Messages] = {**_COMMON, "type": "not_an_object"}
_OF_BODIES: Final = {"unknown": "unknown_field", "type": "not_an_object"}


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

    default_error_messages = _OF_LISTS

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

    default_error_messages = _OF_OBJECTS


class BodySchema(Schema):
    """An object whose fields are those of a dataclass or a step; any other field is refused."""

    error_messages = _OF_BODIES
    straight: Callable[[Any], dict[str, Any]]
    """Reads a good body without marshmallow; raises Fault at the first fault, without a place."""


def body_schema(step: Step) -> BodySchema:
    """The body of a step: what the caller supplies of its event, and when it occurred."""
    return _body_of((*step.body_fields, OCCURRED_AT), f"{step.event.__name__}Body")


@cache
def order_schema(order: type) -> BodySchema:
    """The body of a request that takes no step: the fields of a dataclass."""
    return _body_of(fields_of(order), f"{order.__name__}Body")


def _body_of(own: tuple[OwnField, ...], name: str) -> BodySchema:
    declared = {field.name: _field(field) for field in own}
    return _as_body_schema(name, declared, straight=staticmethod(straight_object(own)))


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


def _field(own: OwnField) -> fields.Field[Any]:
    kind, options = own.kind, {"required": own.required, "allow_none": own.kind.optional}
    if not kind.many:
        return _item_field(kind, **options)
    return TupleField(_item_field(kind), kind.mark(ListLimit) or DEFAULT_LIST_LIMIT, **options)


def _item_field(kind: Kind, **options: Any) -> fields.Field[Any]:
    if is_dataclass(kind.base):
        return NestedField(_value_schema(kind.base), **options)
    return KindField(reader(kind), **options)


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
        yield {"pointer": safe_pointer(pointer), "code": code, **codes_for(code)}
