"""Kinds of value: what a field may hold, read from its annotation."""

from __future__ import annotations

import types
from abc import ABC, abstractmethod
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.personal import PersonalText
from domain.reference_books import Edition


@dataclass(frozen=True)
class CodeOf:
    """The value is a code of the named reference book."""

    book: str


@dataclass(frozen=True)
class TextLimit:
    """The text has between `least` and `most` characters, and something that can be seen."""

    most: int
    least: int = 1


@dataclass(frozen=True)
class Shape:
    """The text matches `pattern` from end to end; `about` says so in words."""

    name: str
    pattern: str
    about: str = ""


@dataclass(frozen=True)
class Between:
    """The number lies between `least` and `most`, both included."""

    least: int
    most: int


@dataclass(frozen=True)
class Figure:
    """The decimal is a measured figure, no money: JSON may write it as a number too."""


@dataclass(frozen=True)
class ListLimit:
    """The list has at most `most` and at least `least` items."""

    most: int
    least: int = 0


@dataclass(frozen=True)
class EachOnce:
    """The list has every code of the named reference book exactly once; a rule sees to it."""

    book: str


@dataclass(frozen=True)
class HasHappened:
    """The time or day lies in the past and not before the case's report: see `domain.times`."""


@dataclass(frozen=True)
class LiesAhead:
    """The time lies after the step that names it, and the day is not over: see `domain.times`."""


@dataclass(frozen=True)
class OfCase:
    """The UUID is that of a case; over HTTP its reference may be given instead."""


class Composite(ABC):
    """A nested value whose fields, each of them right, may still not fit together."""

    @abstractmethod
    def own_fault(self, edition: Edition) -> tuple[str, str] | None:
        """The field that does not fit and why, or None."""


DEFAULT_LIST_LIMIT = ListLimit(most=50)
PLAIN_TYPES: tuple[type, ...] = (str, int, bool, Decimal, datetime, date, UUID)
"""Every plain type that a field may hold, besides personal texts, enums and nested values."""


@dataclass(frozen=True)
class Kind:
    """What an annotation says: `base` is the plain type of one item.

    `many`: a tuple of such items; `optional`: None is allowed; `marks`: the limits that apply.
    """

    base: type
    optional: bool = False
    many: bool = False
    marks: tuple[object, ...] = ()

    def mark(self, mark_type: type) -> Any:
        """The mark of this type, or None."""
        return self._by_type.get(mark_type)

    @cached_property
    def _by_type(self) -> dict[type, object]:
        """The first mark of each type; asked for every field of every event."""
        return {type(mark): mark for mark in reversed(self.marks)}

    @cached_property
    def is_nested(self) -> bool:
        """Whether an item is a nested value with fields of its own."""
        return is_dataclass(self.base)

    @cached_property
    def is_personal(self) -> bool:
        return issubclass(self.base, PersonalText)


@dataclass(frozen=True)
class OwnField:
    """A field of an event or a nested value, with its kind; `required` when it has no default."""

    name: str
    kind: Kind
    required: bool


_FIELDS: dict[type, tuple[OwnField, ...]] = {}


def fields_of(owner: type) -> tuple[OwnField, ...]:
    """The fields of a dataclass in order, with their kinds; class variables left out."""
    if owner not in _FIELDS:
        hints = get_type_hints(owner, include_extras=True)
        _FIELDS[owner] = tuple(
            OwnField(field.name, kind_of(hints[field.name]), _is_required(field))
            for field in fields(owner)
        )
    return _FIELDS[owner]


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def kind_of(annotation: Any) -> Kind:
    """Read one annotation, e.g. `Annotated[str, CodeOf("channels")] | None`."""
    optional, many, marks = False, False, ()
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *found = get_args(annotation)
            marks = (*marks, *found)
        elif origin in (Union, types.UnionType):
            (annotation,) = (arg for arg in get_args(annotation) if arg is not type(None))
            optional = True
        elif origin is tuple:
            annotation, many = get_args(annotation)[0], True
        else:
            return Kind(annotation, optional, many, marks)
