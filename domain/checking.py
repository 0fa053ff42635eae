"""Checking values against their kinds, whoever supplies them: callers, importers, classifiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import MAXYEAR, date, datetime
from decimal import Decimal
from typing import Any

from domain.errors import InvalidValue
from domain.kinds import (
    DEFAULT_LIST_LIMIT,
    Between,
    CodeOf,
    Composite,
    Kind,
    ListLimit,
    Shape,
    TextLimit,
    fields_of,
)
from domain.personal import Erased
from domain.reference_books import Edition
from domain.written import is_blank, is_storable

EARLIEST_YEAR = 1900
MOST_DECIMALS = 4
"""Of an amount; no currency of ISO 4217 has more."""


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


def _text_fault(text: str | Erased, kind: Kind) -> str | None:
    if isinstance(text, Erased):
        return None
    if not isinstance(text, str):
        return "wrong_type"
    if not is_storable(text):
        return "unstorable_character"
    limit, shape = kind.mark(TextLimit), kind.mark(Shape)
    if limit and (not limit.least <= len(text) <= limit.most or (limit.least and is_blank(text))):
        return "text_length"
    if shape and not re.fullmatch(shape.pattern, text):
        return f"not_{shape.name}"
    return None


def _check_int(value: int, kind: Kind, edition: Edition) -> str | None:
    if isinstance(value, bool):
        return "wrong_type"
    return _range_fault(value, kind)


def _check_decimal(value: Decimal, kind: Kind, edition: Edition) -> str | None:
    if not value.is_finite():
        return "not_finite"
    if not -MOST_DECIMALS <= int(value.as_tuple().exponent) <= 0:
        return "not_an_amount"
    return _range_fault(value, kind)


def _range_fault(value: int | Decimal, kind: Kind) -> str | None:
    bounds = kind.mark(Between)
    return "out_of_range" if bounds and not bounds.least <= value <= bounds.most else None


def _check_datetime(value: datetime, kind: Kind, edition: Edition) -> str | None:
    return instant_fault(value)


def instant_fault(value: datetime) -> str | None:
    """Why a time is no instant: without an offset, or in a year whose UTC form may not exist."""
    if value.utcoffset() is None:
        return "no_offset"
    return _year_fault(value)


def _year_fault(value: date) -> str | None:
    return None if EARLIEST_YEAR <= value.year < MAXYEAR else "year_out_of_range"


def _check_date(value: date, kind: Kind, edition: Edition) -> str | None:
    if isinstance(value, datetime):
        return "wrong_type"
    return _year_fault(value)


_CHECKS: dict[type, Callable[[Any, Kind, Edition], str | None]] = {
    str: _check_str,
    int: _check_int,
    Decimal: _check_decimal,
    datetime: _check_datetime,
    date: _check_date,
}
