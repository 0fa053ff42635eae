"""Cursors: where a list goes on, as an opaque text that a client hands back unread."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import msgspec

LIMIT_MAX = 200
CURSOR_MAX = 500

Place = TypeVar("Place", bound=tuple[Any, ...])


class InvalidCursor(Exception):
    """The cursor is not one that this list handed out."""


def encode(*place: Any) -> str:
    """A cursor for the place behind the row with these values of the sorting columns."""
    return urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode("ascii")


def decode(cursor: str, kind: type[Place]) -> Place:
    """The place again, with values of the kinds that `kind` names. Raises InvalidCursor."""
    if len(cursor) > CURSOR_MAX or not cursor.isascii():
        raise InvalidCursor
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        place: Place = msgspec.json.decode(text, type=kind)
    except ValueError:
        raise InvalidCursor from None
    if encode(*place) != cursor or not all(map(_is_comparable, place)):
        raise InvalidCursor
    return place


def _is_comparable(value: object) -> bool:
    """Our own times are in UTC; others cannot be compared with them, or not be stored at all."""
    return not isinstance(value, datetime) or value.utcoffset() == timedelta(0)


def page_of(rows: Sequence[Any], limit: int) -> tuple[Sequence[Any], Any | None]:
    """The page out of up to `limit + 1` rows, and its last row when another page follows."""
    return rows[:limit], rows[limit - 1] if len(rows) > limit else None


def checked_limit(limit: int) -> int:
    """The limit, if it is between 1 and LIMIT_MAX. Raises ValueError."""
    if not 1 <= limit <= LIMIT_MAX:
        raise ValueError(f"a page has 1 to {LIMIT_MAX} rows")
    return limit
