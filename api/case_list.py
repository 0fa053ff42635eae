"""The case list over HTTP: filters, search in English and Chinese, order, pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection

from api import params, two_clocks
from api.errors import Problem
from api.json_body import rfc3339
from api.pages import reading
from api.rendering import Reader
from api.routes import Answer, Call, Param, Route
from domain.lifecycle import OPEN
from domain.values import Status
from projections import case_list
from projections.case_questions import CaseFilter, CasePage, ListedCase, NothingToSearch, Order
from projections.search_tokens import Sight, sight_of

OPEN_WORD: Final = "open"
MOST_COUNTED: Final = 10_000
_FILTERS: Final = {
    "q": "text",
    **{
        name: name
        for name in (
            "channel",
            "severity",
            "customer_ref",
            "handler",
            "reported_from",
            "reported_to",
            "external_id",
        )
    },
}
"""Query parameter -> field of the filter."""


def wanted_cases(query: Mapping[str, Any]) -> CaseFilter:
    """The filter that a query asks for. Raises Problem."""
    origin = query["origin"]
    return CaseFilter(
        imported=None if origin is None else origin == "imported",
        statuses=asked_statuses(query["status"]),
        conflict_type=_of_two_names(query, "type", "conflict_type"),
        conflict_subtype=_of_two_names(query, "subtype", "conflict_subtype"),
        **{field: query[name] for name, field in _FILTERS.items()},
    )


def asked_statuses(asked: tuple[str, ...] | None) -> frozenset[str] | None:
    """The statuses that a query asks for, `open` as those it stands for."""
    if asked is None:
        return None
    return frozenset(asked) - {OPEN_WORD} | (OPEN if OPEN_WORD in asked else frozenset())


def _of_two_names(query: Mapping[str, Any], short: str, field: str) -> str | None:
    """A filter that goes by two names; given twice, it says so."""
    if query[short] is not None and query[field] is not None:
        raise Problem("invalid_parameter", errors=({"parameter": field, "code": "repeated"},))
    found: str | None = query[short] or query[field]
    return found


def list_cases(call: Call) -> Answer:
    """A page of cases; texts are shown, and searched, by the rights of the reader."""
    query, roles, wanted = call.query, call.credential.roles, wanted_cases(call.query)
    with reading(call, case_list.NAME) as (connection, state):
        try:
            page, found = two_clocks.asked_then(
                call,
                connection,
                call.front.past_cases.of(wanted),
                lambda at: _ask(call, at, wanted),
            )
        except NothingToSearch:
            fault = {"parameter": "q", "code": "nothing_to_search"}
            raise Problem("invalid_parameter", errors=(fault,)) from None
    call.context.witness.searched = searches_text(query["q"], roles)
    reader = call.reader()
    items = [listed(case, reader) for case in page.cases]
    answer = two_clocks.answer_page(call, items, page.next_cursor, state)
    if found is not None:
        answer.body["total"] = {"count": found, "is_exact": found < MOST_COUNTED}
    return answer


def _ask(call: Call, connection: Connection, wanted: CaseFilter) -> tuple[CasePage, int | None]:
    """The page, and how many cases the whole list has where that is asked for."""
    query, roles, questions = call.query, call.credential.roles, call.front.case_questions
    page = questions.list_cases(
        connection,
        wanted,
        roles=roles,
        order=Order(query["sort"]),
        limit=query["limit"],
        cursor=two_clocks.cursor_in(call),
    )
    if not query["count"]:
        return page, None
    return page, questions.count(connection, wanted, roles=roles, most=MOST_COUNTED)


def searches_text(query: str | None, roles: frozenset[str]) -> bool:
    """Whether words are looked for in personal texts; not finding them tells something, too."""
    return query is not None and sight_of(roles) is not Sight.PLAIN


def listed(case: ListedCase, reader: Reader) -> dict[str, Any]:
    """One row of the list; what is unknown is null."""
    reader.about(case.case_id)
    return {
        "id": str(case.case_id),
        "reference": case.reference,
        "status": case.status,
        "version": case.version,
        "origin": "imported" if case.imported else "reported",
        "channel": case.channel,
        "customer": {
            "ref": case.customer_ref,
            "name": reader.text(case.customer_name),
            "tier": case.tier,
        },
        "summary": reader.text(case.summary),
        "conflict_type": case.conflict_type,
        "conflict_subtype": case.conflict_subtype,
        "complaint_cause": case.complaint_cause,
        "severity": case.severity,
        "urgency": case.urgency,
        "handler": case.handler,
        "unit": case.unit,
        "product": case.product,
        "source": {"system": case.source_system, "external_id": case.external_id},
        "reported_at": rfc3339(case.reported_at),
        "updated_at": rfc3339(case.updated_at),
        "links": {"self": f"/v1/cases/{case.case_id}"},
    }


_STATUS: Final = replace(
    params.choice(
        "status",
        (*Status, OPEN_WORD),
        "Only cases that stand in one of these; `open` is every status before the ends. Several "
        "with commas, or given several times.",
    ),
    many=True,
)

LIST_PARAMS: Final[tuple[Param, ...]] = (
    _STATUS,
    params.code("type", "conflict_types", "Only conflicts of this type."),
    params.code("conflict_type", "conflict_types", "The same as `type`."),
    params.code("subtype", "conflict_subtypes", "Only conflicts of this subtype."),
    params.code("conflict_subtype", "conflict_subtypes", "The same as `subtype`."),
    params.code("channel", "channels", "Only cases reported by this channel."),
    params.code("severity", "severities", "Only cases of this severity."),
    params.text("customer_ref", params.reference, "Only cases of this customer."),
    params.text("handler", params.reference, "Only cases this handler answers for."),
    params.since("reported_from", "Reported at this time or later."),
    params.since("reported_to", "Reported before this time."),
    params.text("external_id", params.reference, "Only the case with this id in its source."),
    params.choice("origin", ("reported", "imported"), "Only cases of this origin."),
    params.text("q", params.one_line, "Words to find, in English or Chinese; all must occur."),
    params.choice(
        "sort",
        tuple(order.value for order in Order),
        "The order; a minus means the newest first. `urgency`: the most urgent first, and of those "
        "the one that waits longest.",
        Order.NEWEST_REPORTED.value,
    ),
    Param(
        "count",
        params.boolean,
        {"type": "boolean", "default": False},
        f"Add how many cases the whole list has, as `total`; counting stops at {MOST_COUNTED}.",
        False,
    ),
    *two_clocks.CLOCKS,
    params.CURSOR,
    params.LIMIT,
    params.WAIT_FOR,
)

LIST_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/cases",
        name="list_cases",
        summary="The cases, filtered, searched and sorted.",
        tag="Cases",
        view=list_cases,
        params=LIST_PARAMS,
        shows="CasePage",
    ),
)
