"""Lists in pages: cursors, links to the next page, and how far a list has read."""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from flask import Request

from api.errors import RETRY_AFTER_SECONDS, Problem
from projections.health import ReadState

WAIT_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.02


def number_cursor(number: int) -> str:
    """A cursor that says where a numbered list went on."""
    return base64.urlsafe_b64encode(b"n%d" % number).decode().rstrip("=")


def number_of(cursor: str | None) -> int:
    """The number in such a cursor, 0 without one. Raises Problem."""
    if cursor is None:
        return 0
    try:
        clear = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Problem("invalid_cursor") from None
    found = re.fullmatch(rb"n(\d{1,18})", clear)
    if not found:
        raise Problem("invalid_cursor")
    return int(found.group(1))


def next_link(request: Request, cursor: str | None) -> dict[str, str]:
    """The header that names the next page (RFC 8288); none after the last."""
    if cursor is None:
        return {}
    kept = [(name, value) for name, value in request.args.items() if name not in _NOT_KEPT]
    address = f"{request.path}?{urlencode([*kept, ('cursor', cursor)])}"
    return {"Link": f'<{address}>; rel="next"'}


_NOT_KEPT: Final = frozenset({"cursor", "wait_for"})


def read_headers(state: ReadState) -> dict[str, str]:
    """How far the list has read, and how old the oldest event is that it has not read."""
    return {
        "Amends-Read-Position": str(state.position),
        "Amends-Lag-Seconds": f"{state.lag_seconds:.3f}",
    }


def wait_until_read(state: Callable[[], ReadState], position: int | None) -> ReadState:
    """The state once the list has read `position`, after five seconds at most. Raises Problem."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        found = state()
        if position is None or found.position >= position:
            return found
        if time.monotonic() >= until:
            retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            raise Problem("not_read_yet", headers={**retry, **read_headers(found)})
        time.sleep(_POLL_SECONDS)
