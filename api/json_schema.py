"""JSON Schema (2020-12, as OpenAPI 3.1 uses it) of bodies and answers, from the kinds of value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from api.fields import OCCURRED_AT
from api.plain_words import first_line
from api.readers import known_codes
from domain.events import ENVELOPE, CaseEvent
from domain.kinds import (
    DEFAULT_LIST_LIMIT,
    Between,
    CodeOf,
    EachOnce,
    Figure,
    HasHappened,
    Kind,
    LiesAhead,
    ListLimit,
    OfCase,
    OwnField,
    Shape,
    TextLimit,
    fields_of,
    kind_of,
)
from domain.lifecycle import Step
from domain.personal import PersonalText
from domain.value_kinds import CaseReference

Json = dict[str, Any]
SHOWN_TEXT: Final = {
    "oneOf": [
        {"type": "string"},
        {"$ref": "#/components/schemas/Hidden"},
        {"$ref": "#/components/schemas/Erased"},
    ]
}


TIME: Final[Json] = {"type": "string", "format": "date-time"}
UPDATED_AT: Final[Json] = {
    **TIME,
    "description": "The newest time at which any event of the case occurred, not the last one's: "
    "what is recorded late may have occurred before.",
}
TEXT: Final[Json] = {"type": "string"}
NUMBER: Final[Json] = {"type": "integer"}
FLAG: Final[Json] = {"type": "boolean"}
DECIMAL: Final[Json] = {"type": "number"}
DAY: Final[Json] = {"type": "string", "format": "date"}


def an_object(**properties: Json) -> Json:
    """An object that has all of these properties."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def list_of(item: Json) -> Json:
    return {"type": "array", "items": item}


CASE_NAMED: Final[Json] = {
    "type": "string",
    "anyOf": [
        {"format": "uuid"},
        {"pattern": f"^(?:{kind_of(CaseReference).mark(Shape).pattern})$"},
    ],
    "description": "A case: its id, or its reference such as C-2026-000123.",
}


class SchemaBook:
    """Collects the component schemas that others refer to.

    Nested values have one schema for writing and one, `...Shown`, for reading: read, every field
    is there, and personal text may be hidden or erased.
    """

    def __init__(self) -> None:
        self.components: dict[str, Json] = {}

    def body(self, step: Step) -> Json:
        """What the body of a step may hold."""
        body = self._object((*step.body_fields, OCCURRED_AT), writing=True)
        bounds = "" if step.begins_a_case or step.may_precede_report else "not before the report, "
        body["properties"]["occurred_at"]["description"] = (
            f"When it happened: {bounds}at most five minutes ahead; left out, it means now."
        )
        return body

    def order(self, order: type) -> Json:
        """What the body of a request that takes no step may hold."""
        return self._object(fields_of(order), writing=True)

    def said(self, event: type[CaseEvent]) -> Json:
        """What an event itself says, read."""
        own = [field for field in fields_of(event) if field.name not in ENVELOPE]
        return self._object(own, writing=False)

    def fact(self, event: type[CaseEvent], **more: Json) -> Json:
        """What an event says with who, when and at which version; and `more` beside it."""
        shown = self.said(event)
        extra: Json = {
            "occurred_at": {"type": "string", "format": "date-time"},
            "actor": {"$ref": "#/components/schemas/Actor"},
            "version": {"type": "integer"},
            **more,
        }
        shown["properties"] |= extra
        shown["required"] = list(shown["properties"])
        return shown

    def value(self, owner: type, *, writing: bool) -> Json:
        """A reference to the schema of a nested value."""
        name = owner.__name__ if writing else f"{owner.__name__}Shown"
        if name not in self.components:
            self.components[name] = {}
            schema = self._object(fields_of(owner), writing=writing)
            self.components[name] = {**schema, "description": first_line(owner.__doc__)}
        return {"$ref": f"#/components/schemas/{name}"}

    def open(self, owner: type) -> Json:
        """The schema of a nested value, read, with room for more beside its fields."""
        name = self.value(owner, writing=False)["$ref"].rpartition("/")[2]
        schema = self.components[name]
        return {name: part for name, part in schema.items() if name != "additionalProperties"}

    def _object(self, own: Iterable[OwnField], *, writing: bool) -> Json:
        listed = list(own)
        properties = {field.name: self._field(field.kind, writing) for field in listed}
        required = [field.name for field in listed if field.required or not writing]
        closed: Json = {"type": "object", "properties": properties, "additionalProperties": False}
        return {**closed, "required": required} if required else closed

    def _field(self, kind: Kind, writing: bool) -> Json:
        schema = self._item(kind, writing)
        if kind.many:
            limit = kind.mark(ListLimit) or DEFAULT_LIST_LIMIT
            bounds = {"minItems": limit.least, "maxItems": limit.most} if writing else {}
            schema = {"type": "array", "items": schema, **bounds, **_each_once(kind, writing)}
        return or_null(schema) if kind.optional else schema

    def _item(self, kind: Kind, writing: bool) -> Json:
        if is_dataclass(kind.base):
            return self.value(kind.base, writing=writing)
        if issubclass(kind.base, PersonalText):
            return _text(kind) if writing else SHOWN_TEXT
        if writing and kind.mark(OfCase):
            return CASE_NAMED
        return next(make(kind) for base, make in _SCHEMAS if issubclass(kind.base, base))


def _each_once(kind: Kind, writing: bool) -> Json:
    each: EachOnce | None = kind.mark(EachOnce)
    if each is None or not writing:
        return {}
    codes = len(known_codes(each.book))
    about = f"Each code of `{each.book}` exactly once."
    return {"minItems": codes, "maxItems": codes, "description": about}


def or_null(schema: Json) -> Json:
    """The same, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"oneOf": [schema, {"type": "null"}]}


def _text(kind: Kind) -> Json:
    code_of: CodeOf | None = kind.mark(CodeOf)
    if code_of:
        book = (
            f"A code of the reference book `{code_of.book}` (/v1/reference-books/{code_of.book})."
        )
        return {"type": "string", "enum": sorted(known_codes(code_of.book)), "description": book}
    schema: Json = {"type": "string"}
    limit, shape = kind.mark(TextLimit), kind.mark(Shape)
    if limit:
        schema |= {"minLength": limit.least, "maxLength": limit.most}
    if shape:
        schema["pattern"] = f"^(?:{shape.pattern})$"
    if shape and shape.about:
        schema["description"] = shape.about
    return schema


def _number(kind: Kind) -> Json:
    bounds: Between | None = kind.mark(Between)
    limits = {"minimum": bounds.least, "maximum": bounds.most} if bounds else {}
    return {"type": "integer", **limits}


def _amount(kind: Kind) -> Json:
    if kind.mark(Figure):
        text = {"type": "string", "pattern": r"^-?\d{1,15}(\.\d{1,4})?$"}
        about = "A number with at most 4 decimals, or the same as text."
        return {"anyOf": [{"type": "number"}, text], "description": about}
    return {
        "type": "string",
        "pattern": r"^\d{1,15}(\.\d{1,4})?$",
        "description": "A decimal number as text, such as 12.50, in whole units of the smallest "
        "coin of its currency (ISO 4217).",
    }


def _enum(kind: Kind) -> Json:
    return {"type": "string", "enum": [member.value for member in kind.base]}  # type: ignore[attr-defined]


_BOUNDS: Final = (
    (HasHappened, "Not in the future, and at most a day before the report."),
    (LiesAhead, "After the step's own time; a day that is not over yet."),
)


def _formatted(name: str) -> Callable[[Kind], Json]:
    return lambda kind: {
        "type": "string",
        "format": name,
        **next(({"description": about} for mark, about in _BOUNDS if kind.mark(mark)), {}),
    }


# In this order: a str enum is a str, a bool is an int, a datetime is a date.
_SCHEMAS: Final[tuple[tuple[type, Callable[[Kind], Json]], ...]] = (
    (Enum, _enum),
    (str, _text),
    (bool, lambda kind: {"type": "boolean"}),
    (int, _number),
    (Decimal, _amount),
    (datetime, _formatted("date-time")),
    (date, _formatted("date")),
    (UUID, _formatted("uuid")),
)
