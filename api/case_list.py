"""The case list over HTTP: filters, search in English and Chinese, order, pages."""

from __future__ import annotations

from typing import Any, Final

from api import params
from api.errors import Problem
from api.json_body import rfc3339
from api.pages import answer_page, reading
from api.rendering import Reader
from api.routes import Answer, Call, Param, Route
from domain.values import Status
from projections import case_list
from projections.case_questions import CaseFilter, ListedCase, NothingToSearch, Order
from projections.search_tokens import Sight, sight_of

_FILTERS: Final = {
    "type": "conflict_type",
    "subtype": "conflict_subtype",
    "q": "text",
    **{
        name: name
        for name in (
            "status",
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


def wanted_cases(query: dict[str, Any] | Any) -> CaseFilter:
    """The filter that a query asks for."""
    origin = query["origin"]
    return CaseFilter(
        imported=None if origin is None else origin == "imported",
        **{field: query[name] for name, field in _FILTERS.items()},
    )


def list_cases(call: Call) -> Answer:
    """A page of cases; texts are shown, and searched, by the rights of the reader."""
    roles = call.credential.roles
    with reading(call, case_list.NAME) as (connection, state):
        try:
            page = call.front.case_questions.list_cases(
                connection,
                wanted_cases(call.query),
                roles=roles,
                order=Order(call.query["sort"]),
                limit=call.query["limit"],
                cursor=call.query["cursor"],
            )
        except NothingToSearch:
            fault = {"parameter": "q", "code": "nothing_to_search"}
            raise Problem("invalid_parameter", errors=(fault,)) from None
    call.context.witness.searched = searches_text(call.query["q"], roles)
    reader = call.reader()
    return answer_page(call, [listed(case, reader) for case in page.cases], page.next_cursor, state)


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


LIST_PARAMS: Final[tuple[Param, ...]] = (
    params.choice("status", tuple(Status), "Only cases that stand here."),
    params.code("type", "conflict_types", "Only conflicts of this type."),
    params.code("subtype", "conflict_subtypes", "Only conflicts of this subtype."),
    params.code("channel", "channels", "Only cases reported by this channel."),
    params.code("severity", "severities", "Only cases of this severity."),
    params.text("customer_ref", params.reference, "Only cases of this customer."),
    params.text("handler", params.reference, "Only cases this handler answers for."),
    params.moment("reported_from", "Reported at this time or later."),
    params.moment("reported_to", "Reported before this time."),
    params.text("external_id", params.reference, "Only the case with this id in its source."),
    params.choice("origin", ("reported", "imported"), "Only cases of this origin."),
    params.text("q", params.search_text, "Words to find, in English or Chinese; all must occur."),
    params.choice(
        "sort",
        tuple(order.value for order in Order),
        "The order; a minus means the newest first.",
        Order.NEWEST_REPORTED.value,
    ),
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
