"""Promises of all cases over HTTP: by owner, handler, state and due time."""

from __future__ import annotations

import re
from typing import Any, Final

from api import params, parsing, two_clocks
from api.json_body import rfc3339
from api.json_schema import FLAG, TEXT, TIME, Json, an_object, list_of, or_null, ref
from api.pages import in_language, reading
from api.routes import Answer, Call, Param, Route
from api.state_labels import PROMISE_STATES, owner_label
from domain.commitments import CommitmentState
from domain.kinds import Shape, kind_of
from domain.reference_books import edition
from domain.value_kinds import OwnerRef
from projections import deadline_tables
from projections.commitment_questions import (
    CommitmentFilter,
    ListedCommitment,
    list_commitments,
)
from projections.past_lists import past_promises

_OWNER: Final[str] = kind_of(OwnerRef).mark(Shape).pattern


def owner(text: str) -> str:
    """Who owes something: a team, which may be written in Chinese, or a staff id. Raises Fault."""
    if not re.fullmatch(_OWNER, text):
        raise parsing.Fault("not_owner")
    return text


def show_commitments(call: Call) -> Answer:
    """A page of promises, those that are due first first; texts stand in the cases."""
    query = call.query
    wanted = CommitmentFilter(
        now=two_clocks.moment(call),
        owner=query["owner"],
        handler=query["handler"],
        state=query["state"],
        due_before=query["due_before"],
    )
    with reading(call, deadline_tables.NAME) as (connection, state):
        past = past_promises(call.front.past_deadlines, wanted)
        limit, cursor = query["limit"], two_clocks.cursor_in(call)
        page = two_clocks.asked_then(
            call,
            connection,
            past,
            lambda at: list_commitments(at, wanted, limit=limit, cursor=cursor),
        )
    items = [commitment_json(each, call.language) for each in page.commitments]
    return in_language(call, two_clocks.answer_page(call, items, page.next_cursor, state))


def commitment_json(listed: ListedCommitment, language: str) -> dict[str, Any]:
    """One promise of the list."""
    books = edition(listed.edition)
    return {
        "case_id": str(listed.case_id),
        "reference": listed.reference,
        "commitment_id": listed.about,
        "kind": listed.kind,
        "kind_label": books.label("commitment_kinds", listed.kind, language),
        "state": listed.state,
        "state_label": PROMISE_STATES[listed.state].in_language(language),
        "owner": listed.owner,
        "owner_label": owner_label(listed.owner, language),
        "handler": listed.handler,
        "unit": listed.unit,
        "unit_label": owner_label(listed.unit, language),
        "promised_to": listed.promised_to,
        "channel": listed.channel,
        "in_writing": listed.in_writing,
        "confirmed": listed.confirmed,
        "made_at": rfc3339(listed.made_at),
        "due_at": rfc3339(listed.due_at),
        "kept_at": rfc3339(listed.kept_at) if listed.kept_at else None,
        "broken_recorded": listed.broken_recorded,
        "replaced_by": listed.replaced_by,
        "links": {"case": f"/v1/cases/{listed.case_id}"},
    }


STATES: Final = tuple(state.value for state in CommitmentState)


def commitment_schemas() -> dict[str, Json]:
    """The schemas of the list and of one promise in it."""
    listed = an_object(
        case_id=TEXT,
        reference=TEXT,
        commitment_id=TEXT,
        kind=TEXT,
        kind_label=TEXT,
        state={"enum": list(STATES)},
        state_label=TEXT,
        owner=TEXT,
        owner_label=TEXT,
        handler=or_null(TEXT),
        unit=or_null(TEXT),
        unit_label=or_null(TEXT),
        promised_to=TEXT,
        channel=TEXT,
        in_writing=FLAG,
        confirmed=FLAG,
        made_at=TIME,
        due_at=TIME,
        kept_at=or_null(TIME),
        broken_recorded=FLAG,
        replaced_by=or_null(TEXT),
        links=an_object(case=TEXT),
    )
    page = an_object(items=list_of(ref("ListedCommitment")))
    return {"ListedCommitment": listed, "CommitmentPage": page}


COMMITMENT_PARAMS: Final[tuple[Param, ...]] = (
    params.text("owner", owner, "Only what this team or person owes."),
    params.text("handler", params.reference, "Only the cases of this handler."),
    params.choice("state", STATES, "Only promises in this state."),
    params.since("due_before", "Only what is due before."),
    *two_clocks.CLOCKS,
    params.CURSOR,
    params.LIMIT,
    params.WAIT_FOR,
)

COMMITMENT_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/commitments",
        name="show_commitments",
        summary="Promises of all cases by owner, state and due time; the next due first.",
        tag="Cases",
        view=show_commitments,
        params=COMMITMENT_PARAMS,
        shows="CommitmentPage",
    ),
)
