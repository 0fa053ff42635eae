"""Request headers that carry meaning: versions, retries, correlation."""

from __future__ import annotations

import re
from typing import Final

from flask import Request

from api.errors import Problem
from domain.kinds import Shape, kind_of
from domain.value_kinds import ExternalRef

MAX_KEY_CHARACTERS: Final = 255
NO_SUCH_VERSION: Final = -1

_PRINTABLE: Final = re.compile(r"[\x20-\x7e]{1,255}")
_STRONG_TAG: Final = re.compile(r'"([\x21\x23-\x7e]*)"')
_VERSION: Final = re.compile(r"[1-9][0-9]{0,8}")
_REFERENCE: Final = re.compile(kind_of(ExternalRef).mark(Shape).pattern)
_CORRELATION: Final = re.compile(r"[A-Za-z0-9._:/-]{1,128}")


def _bad(header: str, code: str) -> Problem:
    return Problem("invalid_header", errors=({"header": header, "code": code},))


def idempotency_key(request: Request, *, required: bool) -> str | None:
    """The Idempotency-Key, quoted (RFC 9651 string) or bare. Raises Problem."""
    given: str | None = request.environ.get("HTTP_IDEMPOTENCY_KEY")
    if given is None:
        if required:
            raise Problem("idempotency_key_required")
        return None
    key = _unquoted(given.strip())
    if key is None or not _PRINTABLE.fullmatch(key):
        raise _bad("Idempotency-Key", f"not_printable {MAX_KEY_CHARACTERS}")
    return key


def _unquoted(text: str) -> str | None:
    """The text without its quotes; None where a quote is open or in the wrong place."""
    if not text.startswith('"'):
        return text
    if len(text) < 2 or not text.endswith('"'):
        return None
    inner = text[1:-1]
    if re.search(r'(?<!\\)(\\\\)*"', inner) or re.search(r'\\(?!["\\])', inner.replace(r"\\", "")):
        return None
    return re.sub(r'\\(["\\])', r"\1", inner)


def expected_version(request: Request) -> int:
    """The version in If-Match: exactly one strong entity tag (RFC 9110, 13.1.1). Raises Problem.

    A well-formed tag that is no version gives NO_SUCH_VERSION, which never matches. `*` is
    refused, since it would let a caller overwrite what it never saw.
    """
    given: str | None = request.environ.get("HTTP_IF_MATCH")
    if given is None or not given.strip():
        raise Problem("version_required")
    if given.strip() == "*":
        raise _bad("If-Match", "any_version")
    tag = _STRONG_TAG.fullmatch(given.strip())
    if tag is None:
        raise _bad("If-Match", "not_one_entity_tag")
    return int(tag.group(1)) if _VERSION.fullmatch(tag.group(1)) else NO_SUCH_VERSION


def etag(version: int) -> str:
    """The strong entity tag of a version of a case."""
    return f'"{version}"'


def correlation_id(request: Request, trace_id: str | None, request_id: str) -> str:
    """The conversation this request belongs to: X-Correlation-Id, else the trace, else itself."""
    return _token(request, "X-Correlation-Id") or trace_id or request_id


def access_reason(request: Request) -> str | None:
    """Why the caller looks at personal data, if it says: a ticket or a file number."""
    given: str | None = request.environ.get("HTTP_AMENDS_ACCESS_REASON")
    if given is not None and not _REFERENCE.fullmatch(given):
        raise _bad("Amends-Access-Reason", "not_reference")
    return given


def causation_id(request: Request) -> str | None:
    """What made the caller do this: X-Causation-Id, if it says."""
    return _token(request, "X-Causation-Id")


def _token(request: Request, header: str) -> str | None:
    given: str | None = request.environ.get(f"HTTP_{header.upper().replace('-', '_')}")
    if given is not None and not _CORRELATION.fullmatch(given):
        raise _bad(header, "not_printable 128")
    return given
