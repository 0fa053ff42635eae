"""Lists in pages: cursors, links to the next page, and how far a list has read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import Request
from sqlalchemy import Connection

from api.errors import RETRY_AFTER_SECONDS, Problem
from api.routes import Answer, Call
from projections.health import ReadState, read_state

WAIT_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.02
_RETRY: Final = {"Retry-After": str(RETRY_AFTER_SECONDS)}


def next_link(request: Request, cursor: str | None) -> dict[str, str]:
    """The header that names the next page (RFC 8288); none after the last."""
    if cursor is None:
        return {}
    kept = [
        (name, value) for name, value in request.args.items(multi=True) if name not in _NOT_KEPT
    ]
    # A path may hold a customer's reference, and that a sign which means something in addresses.
    address = f"{quote(request.path)}?{urlencode([*kept, ('cursor', cursor)])}"
    return {"Link": f'<{address}>; rel="next"'}


_NOT_KEPT: Final = frozenset({"cursor", "wait_for"})


@contextmanager
def reading(call: Call, projection: str) -> Iterator[tuple[Connection, ReadState]]:
    """A connection to read a projection by, and how far that has read.

    Waits for the position that the query names. Raises ReadModelNotReady, PositionNotInLog
    where no event can have it, and Problem where the projection has not read that far in time.
    """
    with call.front.engine.connect() as connection:
        yield connection, _state(call, connection, projection)


def _state(call: Call, connection: Connection, projection: str) -> ReadState:
    position: int | None = call.query["wait_for"]
    found = read_state(connection, projection)
    if position is None or found.read_to >= position:
        return found
    call.front.service.recorder.require_given_out(position)
    # Waiting takes up a thread, so only some may wait at once.
    if call.front.waiting.acquire(blocking=False):
        try:
            found = _wait(connection, projection, position)
        finally:
            call.front.waiting.release()
    if found.read_to < position:
        raise Problem("not_read_yet", headers={**_RETRY, **_read_headers(found)})
    return found


def _wait(connection: Connection, projection: str, position: int) -> ReadState:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        connection.rollback()
        time.sleep(_POLL_SECONDS)
        found = read_state(connection, projection)
        if found.read_to >= position or time.monotonic() >= until:
            return found


def _read_headers(state: ReadState) -> dict[str, str]:
    return {
        "Amends-Read-Position": str(state.position),
        "Amends-Lag-Seconds": f"{state.lag_seconds:.3f}",
    }


def answer_page(
    call: Call, items: list[dict[str, Any]], cursor: str | None, state: ReadState
) -> Answer:
    """A page of a list, with the address of the next one and how far the list has read."""
    headers = {**_read_headers(state), **next_link(call.request, cursor)}
    return Answer({"items": items}, headers=headers)


def in_language(call: Call, answer: Answer) -> Answer:
    """The answer, which names codes in the language that its reader asked for."""
    told = {"Content-Language": call.language, "Vary": "Accept-Language"}
    return replace(answer, headers={**answer.headers, **told})
