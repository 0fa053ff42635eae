"""Strict JSON in (RFC 8259), compact JSON out: what is ambiguous, huge or unstorable is refused."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, NoReturn
from uuid import UUID

import msgspec

from api.errors import Problem

MAX_BODY_BYTES: Final = 1_048_576
MAX_DEPTH: Final = 32
MAX_ITEMS: Final = 200
# Longer numbers than any field holds cost quadratic time to read.
_MAX_DIGITS: Final = 40


def decode(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`. Raises Problem: nothing ambiguous gets through."""
    try:
        parsed = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise Problem("not_utf8") from None
    except RecursionError:
        raise Problem("too_deep") from None
    except ValueError:
        raise Problem("malformed_json") from None
    _check_size(parsed)
    if not isinstance(parsed, dict):
        raise Problem("invalid_body", errors=({"pointer": "", "code": "not_an_object"},))
    # Raw control characters are no JSON, so only an escape can smuggle one in.
    if b"\\u" in body:
        _check_escapes(parsed)
    return parsed


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Problem("duplicate_member")
    return members


def _no_constant(_name: str) -> NoReturn:
    raise Problem("malformed_json")


def _short_int(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise Problem("malformed_json")
    return int(digits)


def _short_decimal(digits: str) -> Decimal:
    if len(digits) > _MAX_DIGITS:
        raise Problem("malformed_json")
    return Decimal(digits)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members,
    parse_constant=_no_constant,
    parse_int=_short_int,
    parse_float=_short_decimal,
)


def _check_size(parsed: object) -> None:
    level, depth = [parsed], 0
    while level:
        depth += 1
        below: list[object] = []
        for node in level:
            if isinstance(node, dict | list):
                below.extend(_children(node))
        if depth > MAX_DEPTH:
            raise Problem("too_deep")
        level = below


def _children(node: dict[str, Any] | list[Any]) -> list[object]:
    if len(node) > MAX_ITEMS:
        raise Problem("too_many_items")
    inner = node.values() if isinstance(node, dict) else node
    return [child for child in inner if isinstance(child, dict | list)]


# NUL cannot be stored by PostgreSQL, and a lone surrogate is no character at all.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def _check_escapes(parsed: dict[str, Any]) -> None:
    waiting: list[tuple[str, Any]] = [("", parsed)]
    while waiting:
        pointer, node = waiting.pop()
        if isinstance(node, dict):
            if any(_UNSTORABLE.search(name) for name in node):
                _refuse(pointer)
            waiting.extend((f"{pointer}/{name}", inner) for name, inner in node.items())
        elif isinstance(node, list):
            waiting.extend((f"{pointer}/{number}", inner) for number, inner in enumerate(node))
        elif isinstance(node, str) and _UNSTORABLE.search(node):
            _refuse(pointer)


def _refuse(pointer: str) -> NoReturn:
    raise Problem(
        "invalid_body", errors=({"pointer": safe_pointer(pointer), "code": "unstorable_character"},)
    )


_KNOWN_SHAPE: Final = re.compile(r"(?:/[a-z0-9][a-z0-9_]{0,63}(?=/|$))*")


def safe_pointer(pointer: str) -> str:
    """The pointer as far as its names look like field names: typed text is never echoed."""
    found = _KNOWN_SHAPE.match(pointer)
    return found.group() if found else ""


def encode(value: object) -> bytes:
    """JSON in UTF-8; times in RFC 3339 with offset, decimals as strings."""
    return _ENCODER.encode(value)


def canonical(value: object) -> bytes:
    """The same bytes for the same JSON value, whatever the order of members was."""
    return _CANONICAL.encode(value)


def rfc3339(instant: datetime) -> str:
    """The instant in UTC with a `Z`, microseconds kept."""
    in_utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    text: str = msgspec.to_builtins(in_utc)  # ten times as fast as `isoformat`
    return text


def rfc3339_or_null(instant: datetime | None) -> str | None:
    """The same; null for a time that is not known or has not come."""
    return None if instant is None else rfc3339(instant)


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID | date | Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


_ENCODER: Final = msgspec.json.Encoder(enc_hook=_plain)
_CANONICAL: Final = msgspec.json.Encoder(enc_hook=_plain, order="sorted")
