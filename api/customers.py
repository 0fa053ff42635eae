"""One customer over all cases and all channels, in the order in which things happened (S68)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from api import params, two_clocks
from api.case_list import listed
from api.customer_risk import risk_in_short
from api.errors import Problem
from api.json_body import rfc3339
from api.pages import reading
from api.rendering import Reader, actor, said
from api.routes import Answer, Call, Route
from domain import events
from projections import case_list
from projections.case_questions import CaseFilter, CasePage, ListedCase
from projections.cursors import LIMIT_MAX, decode, encode
from service.mapper import LoggedEvent

_SHOWN: Final = (
    events.ConflictReported,
    events.ConflictAcknowledged,
    events.ConflictConfirmed,
    events.ConflictDismissed,
    events.InteractionLogged,
    events.CustomerConsulted,
    events.ConflictResolved,
    events.ConflictFollowedUp,
    events.SurveySent,
    events.SurveyAnswered,
    events.CaseReferred,
    events.CaseReopened,
    events.ConflictWithdrawn,
    events.CaseClosed,
)
"""The contacts with the customer, and where their cases began, turned and ended."""

Place = tuple[datetime, int]


def show_timeline(call: Call, ref: str) -> Answer:
    """The customer's cases, newest first, and what happened in them, oldest first.

    At most the 200 newest cases are looked at; `more_cases` says that there are others.
    """
    if not params.is_reference(ref):
        raise Problem("customer_not_found")
    with reading(call, case_list.NAME) as (connection, state):
        cases, more_cases = _cases(call, connection, ref)
    if not cases:
        raise Problem("customer_not_found")
    items, cursor = _page(call, list(_happened(call, cases)))
    answer = two_clocks.answer_page(call, items, cursor, state)
    reader = call.reader()
    newest = listed(cases[0], reader)
    answer.body["customer"] = newest["customer"]
    answer.body["cases"] = [listed(case, reader) for case in cases]
    answer.body["more_cases"] = more_cases
    answer.body["risk"] = risk_in_short(call, ref)
    return answer


def _cases(call: Call, connection: Connection, ref: str) -> tuple[Sequence[ListedCase], bool]:
    wanted, roles = CaseFilter(customer_ref=ref), call.credential.roles

    def ask(connection: Connection) -> CasePage:
        return call.front.case_questions.list_cases(
            connection, wanted, roles=roles, limit=LIMIT_MAX
        )

    page = two_clocks.asked_then(call, connection, call.front.past_cases.of(wanted), ask)
    return page.cases, page.next_cursor is not None


def _happened(call: Call, cases: Iterable[ListedCase]) -> Iterable[tuple[ListedCase, LoggedEvent]]:
    """What the query asks to see of the cases, straight from their events."""
    query = call.query
    by_id = {case.case_id: case for case in cases}
    instants = two_clocks.instants(call)
    for case_id, history in call.front.cases.histories(by_id).items():
        for logged in history:
            event = logged.event
            if not isinstance(event, _SHOWN):
                continue
            if not instants.cover(event.occurred_at, logged.recorded_at):
                continue
            if query["channel"] and _channel(event) != query["channel"]:
                continue
            if query["occurred_from"] and event.occurred_at < query["occurred_from"]:
                continue
            if query["occurred_to"] and event.occurred_at >= query["occurred_to"]:
                continue
            yield by_id[case_id], logged


def _channel(event: events.CaseEvent) -> str | None:
    if isinstance(event, events.ConflictConfirmed):
        return event.agreement.channel
    found: str | None = getattr(event, "channel", None)
    return found


def _page(
    call: Call, happened: list[tuple[ListedCase, LoggedEvent]]
) -> tuple[list[dict[str, Any]], str | None]:
    placed = sorted(happened, key=lambda each: _place(each[1]))
    cursor = two_clocks.cursor_in(call)
    if cursor is not None:
        after = decode(cursor, tuple[datetime, int])
        placed = [each for each in placed if _place(each[1]) > after]
    limit: int = call.query["limit"]
    shown = placed[:limit]
    reader = call.reader()
    items = [_item(case, logged, reader) for case, logged in shown]
    return items, encode(*_place(shown[-1][1])) if len(placed) > limit else None


def _place(logged: LoggedEvent) -> Place:
    return logged.event.occurred_at, logged.position


def _item(case: ListedCase, logged: LoggedEvent, reader: Reader) -> dict[str, Any]:
    event = logged.event
    return {
        "case_id": str(case.case_id),
        "reference": case.reference,
        "event": event.NAME,
        "version": event.originator_version,
        "channel": _channel(event),
        "occurred_at": rfc3339(event.occurred_at),
        "recorded_at": rfc3339(logged.recorded_at),
        "actor": actor(event),
        "data": said(event, reader),
    }


CUSTOMER_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/customers/<path:ref>/timeline",
        name="show_timeline",
        summary="All cases and contacts of one customer, over all channels.",
        tag="Customers",
        view=show_timeline,
        params=(
            params.code("channel", "channels", "Only contacts by this channel."),
            params.moment("occurred_from", "Occurred at this time or later."),
            params.moment("occurred_to", "Occurred before this time."),
            *two_clocks.CLOCKS,
            params.CURSOR,
            params.LIMIT,
            params.WAIT_FOR,
        ),
        shows="Timeline",
    ),
)
