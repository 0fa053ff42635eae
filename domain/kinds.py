"""Kinds of value: what a field may hold, read from its annotation and checked on every path."""

from __future__ import annotations

import re
import types
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from datetime import MAXYEAR, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.errors import InvalidValue
from domain.personal import Erased, PersonalText
from domain.reference_books import Edition


@dataclass(frozen=True)
class CodeOf:
    """The value is a code of the named reference book."""

    book: str


@dataclass(frozen=True)
class TextLimit:
    """The text has between `least` and `most` characters, and something besides white space."""

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


class Composite(ABC):
    """A nested value whose fields, each of them right, may still not fit together."""

    @abstractmethod
    def own_fault(self, edition: Edition) -> tuple[str, str] | None:
        """The field that does not fit and why, or None."""


DEFAULT_LIST_LIMIT = ListLimit(most=50)
EARLIEST_YEAR = 1900
MOST_DECIMALS = 4
"""Of an amount; no currency of ISO 4217 has more."""


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


def check(value: object, edition: Edition, undecided: frozenset[str] = frozenset()) -> None:
    """Check every field of a dataclass instance, nested ones too, but the `undecided` ones.

    Raises InvalidValue with `field` (a path like `steps.0.owner`) and `reason`.
    """
    for path, reason in _faults(value, edition, ""):
        if path not in undecided:
            raise InvalidValue(field=path, reason=reason)


def _faults(owner: object, edition: Edition, path: str) -> Iterator[tuple[str, str]]:
    for field in fields_of(type(owner)):
        value = getattr(owner, field.name)
        if value is None and field.kind.optional:
            continue
        if not (field.kind.many or field.kind.is_nested):
            # Most fields are of this kind: no place is put together before something is wrong.
            if reason := _plain_fault(value, field.kind, edition):
                yield f"{path}{field.name}", reason
            continue
        where = f"{path}{field.name}"
        if not field.kind.many:
            yield from _item_faults(value, field.kind, edition, where)
        elif not isinstance(value, tuple):
            yield where, "not_a_list"
        else:
            yield from _list_faults(value, field.kind, edition, where)


def _list_faults(
    items: tuple[object, ...], kind: Kind, edition: Edition, where: str
) -> Iterator[tuple[str, str]]:
    limit = kind.mark(ListLimit) or DEFAULT_LIST_LIMIT
    if not limit.least <= len(items) <= limit.most:
        yield where, "list_length"
    if kind.mark(CodeOf) and any(item in items[:n] for n, item in enumerate(items)):
        yield where, "repeated_item"
    for number, item in enumerate(items):
        yield from _item_faults(item, kind, edition, f"{where}.{number}")


def _item_faults(
    value: object, kind: Kind, edition: Edition, where: str
) -> Iterator[tuple[str, str]]:
    if kind.is_nested and _is_of_type(value, kind):
        yield from _nested_faults(value, edition, f"{where}.")
    elif reason := _plain_fault(value, kind, edition):
        yield where, reason


def _nested_faults(value: object, edition: Edition, path: str) -> Iterator[tuple[str, str]]:
    faults = list(_faults(value, edition, path))
    yield from faults
    own = value.own_fault(edition) if isinstance(value, Composite) and not faults else None
    if own is not None:
        name, reason = own
        yield f"{path}{name}", reason


def _plain_fault(value: object, kind: Kind, edition: Edition) -> str | None:
    return _own_fault(value, kind, edition) if _is_of_type(value, kind) else "wrong_type"


def _own_fault(value: Any, kind: Kind, edition: Edition) -> str | None:
    if kind.is_personal:
        return _text_fault(value.reveal(), kind)
    return _CHECKS.get(kind.base, _no_check)(value, kind, edition)


def _is_of_type(value: object, kind: Kind) -> bool:
    """Personal text exactly of its type, which says who may read it; else subclasses too."""
    if kind.is_personal:
        return type(value) is kind.base
    return isinstance(value, kind.base)


def _no_check(value: Any, kind: Kind, edition: Edition) -> str | None:
    return None


def _check_str(value: str, kind: Kind, edition: Edition) -> str | None:
    code_of = kind.mark(CodeOf)
    if code_of:
        known = code_of.book in edition.books and edition.has(code_of.book, value)
        return None if known else "unknown_code"
    return _text_fault(value, kind)


UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _text_fault(text: str | Erased, kind: Kind) -> str | None:
    if isinstance(text, Erased):
        return None
    if not isinstance(text, str):
        return "wrong_type"
    if UNSTORABLE.search(text):
        return "unstorable_character"
    limit, shape = kind.mark(TextLimit), kind.mark(Shape)
    if limit and not (limit.least <= len(text) <= limit.most and (text.strip() or not limit.least)):
        return "text_length"
    if shape and not re.fullmatch(shape.pattern, text):
        return f"not_{shape.name}"
    return None


def _check_int(value: int, kind: Kind, edition: Edition) -> str | None:
    if isinstance(value, bool):
        return "wrong_type"
    bounds = kind.mark(Between)
    return "out_of_range" if bounds and not bounds.least <= value <= bounds.most else None


def _check_decimal(value: Decimal, kind: Kind, edition: Edition) -> str | None:
    if not value.is_finite():
        return "not_finite"
    if not -MOST_DECIMALS <= int(value.as_tuple().exponent) <= 0:
        return "not_an_amount"
    bounds = kind.mark(Between)
    return "out_of_range" if bounds and not bounds.least <= value <= bounds.most else None


def _check_datetime(value: datetime, kind: Kind, edition: Edition) -> str | None:
    return instant_fault(value)


def instant_fault(value: datetime) -> str | None:
    """Why a time is no instant: without an offset, or in a year whose UTC form may not exist."""
    if value.utcoffset() is None:
        return "no_offset"
    return None if EARLIEST_YEAR <= value.year < MAXYEAR else "year_out_of_range"


def _check_date(value: date, kind: Kind, edition: Edition) -> str | None:
    if isinstance(value, datetime):
        return "wrong_type"
    return None if EARLIEST_YEAR <= value.year < MAXYEAR else "year_out_of_range"


_CHECKS: dict[type, Callable[[Any, Kind, Edition], str | None]] = {
    str: _check_str,
    int: _check_int,
    Decimal: _check_decimal,
    datetime: _check_datetime,
    date: _check_date,
}

PLAIN_TYPES: tuple[type, ...] = (str, int, bool, Decimal, datetime, date, UUID)
"""Every plain type that a field may hold, besides personal texts, enums and nested values."""
