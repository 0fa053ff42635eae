"""`as_of` and `known_at` over HTTP: how they are given, and how pages hold on to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from api import pages, params, parsing
from api.errors import Problem
from api.json_body import rfc3339
from api.json_schema import TIME
from api.routes import Answer, Call, Param
from domain.conflict_case import ConflictCase
from domain.errors import CaseNotFound
from domain.times import CLOCK_TOLERANCE
from projections.cursors import InvalidCursor, decode, encode
from projections.health import ReadState
from projections.rewinding import Past
from service.instants import Instants

Answered = TypeVar("Answered")


def past_instant(text: str) -> datetime:
    """A time that has come, allowing for clocks that differ; in UTC. Raises Fault."""
    found = params.instant(text).astimezone(UTC)
    if found > datetime.now(UTC) + CLOCK_TOLERANCE:
        raise parsing.Fault("in_future")
    return found


AS_OF: Final = Param(
    "as_of", past_instant, TIME, "As it was then: only what had occurred by this time."
)
KNOWN_AT: Final = Param(
    "known_at", past_instant, TIME, "As it was known then: only what was recorded by this time."
)
CLOCKS: Final = (AS_OF, KNOWN_AT)


def instants(call: Call) -> Instants:
    """The instants that the query names."""
    return Instants(call.query["as_of"], call.query["known_at"])


def moment(call: Call) -> datetime:
    """The instant whose state is shown: by it, things are due or overdue."""
    return instants(call).seen_at or datetime.now(UTC)


def case_then(call: Call, case_id: UUID, **past: Any) -> ConflictCase:
    """The case at the instants, or the version, that are asked for.

    Raises Problem where it was not there then, which says since when it is; everybody who may read
    a case may know. Raises CaseNotFound, VersionNotFound.
    """
    cases = call.front.cases
    try:
        return cases.get(case_id, **past)
    except CaseNotFound:
        if not instants(call).are_past:
            raise
        first = cases.history(case_id)[0]
    began = {
        "occurred_at": rfc3339(first.event.occurred_at),
        "recorded_at": rfc3339(first.recorded_at),
    }
    raise Problem("case_not_found", began=began)


def asked_then(
    call: Call, connection: Connection, past: Past, ask: Callable[[Connection], Answered]
) -> Answered:
    """What `ask` finds now, or at the instants that the query names."""
    asked = instants(call)
    if not asked.are_past:
        return ask(connection)
    # The past is read in a snapshot of its own, which no earlier statement may have begun.
    connection.rollback()
    return past.ask(connection, asked, ask)


def cursor_in(call: Call) -> str | None:
    """The list's own cursor. Raises InvalidCursor for one of another instant."""
    given: str | None = call.query["cursor"]
    if given is None:
        return None
    clocks, dot, cursor = given.rpartition(".")
    found = Instants(*decode(clocks, _CLOCKS)) if dot else Instants()
    if found != instants(call):
        raise InvalidCursor
    return cursor


def cursor_out(call: Call, cursor: str | None) -> str | None:
    """The list's cursor together with the instants, so that all pages are of one moment."""
    asked = instants(call)
    if cursor is None or not asked.are_past:
        return cursor
    return f"{encode(asked.as_of, asked.known_at)}.{cursor}"


def answer_page(
    call: Call, items: list[dict[str, Any]], cursor: str | None, state: ReadState
) -> Answer:
    """A page of a list whose next pages are of the same moment."""
    return pages.answer_page(call, items, cursor_out(call, cursor), state)


_CLOCKS: Final = tuple[datetime | None, datetime | None]
