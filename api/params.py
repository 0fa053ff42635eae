"""The query parameters that several routes share."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any, Final

from api import parsing
from api.readers import known_codes
from api.routes import Param
from domain.kinds import Shape, kind_of
from domain.value_kinds import ExternalRef, SubjectRef
from domain.written import is_blank, is_storable
from projections.cursors import LIMIT_MAX

DEFAULT_LIMIT: Final = 50
_MAX_TEXT: Final = 200
_REFERENCE: Final[str] = kind_of(ExternalRef).mark(Shape).pattern
_SUBJECT: Final[str] = kind_of(SubjectRef).mark(Shape).pattern


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number between two bounds, both included."""

    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or len(text) > 19:
            raise parsing.Fault("not_a_number")
        if not least <= int(text) <= most:
            raise parsing.Fault(f"out_of_range {least}..{most}")
        return int(text)

    return read


def instant(text: str) -> datetime:
    """A time in a query: a plus sign that was not escaped arrives as a space."""
    return parsing.instant(re.sub(r" (?=\d\d:\d\d$)", "+", text))


def boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise parsing.Fault("not_a_boolean")
    return text == "true"


def one_line(text: str) -> str:
    """Words to look for, or to give as a reason. Raises Fault."""
    if is_blank(text):
        raise parsing.Fault("blank")
    if len(text) > _MAX_TEXT:
        raise parsing.Fault(f"too_long {_MAX_TEXT}")
    if re.search("[\t\n\r\ufffd]", text) or not is_storable(text):
        raise parsing.Fault("unstorable_character")
    return text


def reference(text: str) -> str:
    """A key of another system, as in `ExternalRef`. Raises Fault."""
    if not is_reference(text):
        raise parsing.Fault("not_reference")
    return text


def is_reference(text: str) -> bool:
    """Whether the text could be a key of another system at all."""
    return re.fullmatch(_REFERENCE, text) is not None


def subject(text: str) -> str:
    """A person's reference, as in `SubjectRef`. Raises Fault."""
    if not re.fullmatch(_SUBJECT, text):
        raise parsing.Fault("not_subject_reference")
    return text


def identity(name: str, about: str) -> Param:
    """A parameter that takes a UUID."""
    return Param(name, parsing.uuid, {"type": "string", "format": "uuid"}, about)


def actor(text: str) -> str:
    """The id of an actor. Raises Fault."""
    if not re.fullmatch(r"[\x21-\x7e]{1,100}", text):
        raise parsing.Fault("not_printable 100")
    return text


def cursor(text: str) -> str:
    """An opaque cursor as it came; the list that made it reads it. Raises Fault."""
    if not re.fullmatch(r"[A-Za-z0-9_=.-]{1,1000}", text):
        raise parsing.Fault("invalid")
    return text


def one_of(*allowed: str) -> Callable[[str], str]:
    """Reads one of a few words."""

    def read(text: str) -> str:
        if text not in allowed:
            raise parsing.Fault(f"not_one_of {', '.join(allowed)}")
        return text

    return read


def choice(name: str, allowed: tuple[str, ...], about: str, default: str | None = None) -> Param:
    """A parameter that takes one of a few words."""
    schema = {"type": "string", "enum": list(allowed)}
    return Param(name, one_of(*allowed), schema, about, default)


def code(name: str, book: str, about: str) -> Param:
    """A parameter that takes a code of a reference book."""
    codes = known_codes(book)

    def read(text: str) -> str:
        if text not in codes:
            raise parsing.Fault(f"unknown_code {book}")
        return text

    return Param(name, read, {"type": "string", "enum": sorted(codes)}, about)


def text(name: str, read: Callable[[str], Any], about: str) -> Param:
    return Param(name, read, {"type": "string"}, about)


def moment(name: str, about: str) -> Param:
    return Param(name, instant, {"type": "string", "format": "date-time"}, about)


def since(name: str, about: str) -> Param:
    """A time, or a day, which stands for its beginning in UTC."""
    schema = {"type": "string", "examples": ["2026-03-01T09:30:00+08:00", "2026-03-01"]}
    return Param(name, instant_or_day, schema, f"{about} A day begins at midnight UTC.")


def instant_or_day(text: str) -> datetime:
    """A time with offset, or a day, which stands for its beginning in UTC. Raises Fault."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return _instant_instead_of_day(text)
    return datetime.combine(parsing.day(text), time.min, UTC)


def _instant_instead_of_day(text: str) -> datetime:
    try:
        return instant(text)
    except parsing.Fault as fault:
        code = "not_an_instant_or_day" if fault.code == "not_an_instant" else fault.code
        raise parsing.Fault(code) from None


LIMIT: Final = Param(
    "limit",
    whole_number(1, LIMIT_MAX),
    {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": DEFAULT_LIMIT},
    "How many items at most.",
    DEFAULT_LIMIT,
)
CURSOR: Final = Param(
    "cursor",
    cursor,
    {"type": "string"},
    "Where the page before ended; taken from its `Link` header.",
)
WAIT_FOR: Final = Param(
    "wait_for",
    whole_number(0, (1 << 63) - 1),
    {"type": "integer", "minimum": 0},
    "Wait up to five seconds until the list has read this position (`Amends-Position`).",
)
LANGUAGE: Final = choice("language", ("en", "zh"), "Instead of the `Accept-Language` header.")
LABELS: Final = Param(
    "labels",
    boolean,
    {"type": "boolean", "default": False},
    "Add what the codes are called, in the language of `Accept-Language`.",
    False,
)
VERSION: Final = Param(
    "version",
    whole_number(1, 1_000_000_000),
    {"type": "integer", "minimum": 1},
    "The case as it stood after this many events.",
)
