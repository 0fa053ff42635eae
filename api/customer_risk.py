"""Indicators of a customer's risk over HTTP: supplied by other services, shown as a score (S56)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from api import params, two_clocks
from api.errors import Problem
from api.pages import in_language, next_link
from api.parsing import Fault
from api.risk_json import risk_json, score_parts, supplied_json
from api.routes import ALL_BUT_REPORTERS, Answer, Call, Route
from api.steps import ordered
from domain.customer_risk.book import MOST_INDICATORS
from domain.customer_risk.supplying import SuppliedIndicator
from domain.kinds import ListLimit
from domain.values import Role
from projections.cursors import decode, encode, page_of

SUPPLIERS: Final = frozenset({Role.REPORTER, Role.HANDLER, Role.ADMIN})


@dataclass(frozen=True, kw_only=True)
class SupplyIndicators:
    """Values about one customer; each indicator at most once."""

    indicators: Annotated[tuple[SuppliedIndicator, ...], ListLimit(least=1, most=MOST_INDICATORS)]


def supply_indicators(call: Call, ref: str) -> Answer:
    """Record what another service knows of a customer."""
    subject_ref = _new_subject(ref)
    order, by, command = ordered(call, SupplyIndicators)
    done = call.front.service.risks.supply(subject_ref, order["indicators"], by, command=command)
    erasure = call.front.service.erasures.newest(subject_ref) if done.replayed else None
    shown = [supplied_json(each, call.language, erasure) for each in done.records]
    headers = {"Amends-Position": str(done.records[-1].position)}
    if done.replayed:
        headers["Idempotency-Replayed"] = "true"
    body = {"customer_ref": subject_ref, "indicators": shown}
    return in_language(call, Answer(body, 201, headers))


def list_indicators(call: Call, ref: str) -> Answer:
    """A page of what was supplied, the newest first."""
    subject_ref, service, query = _subject(ref), call.front.service, call.query
    before = None
    if query["cursor"] is not None:
        (before,) = decode(query["cursor"], tuple[int])
    limit: int = query["limit"]
    found = service.risks.page(subject_ref, limit + 1, code=query["indicator"], before=before)
    if not found and not service.subjects.are_known(subject_ref):
        raise Problem("customer_not_found")
    rows, last = page_of(found, limit)
    cursor = None if last is None else encode(last.record.originator_version)
    erasure = service.erasures.newest(subject_ref)
    items = [supplied_json(each, call.language, erasure) for each in rows]
    answer = Answer({"items": items}, headers=next_link(call.request, cursor))
    return in_language(call, answer)


def show_risk(call: Call, ref: str) -> Answer:
    """The score of a customer with why; nothing is decided by it."""
    subject_ref, service = _subject(ref), call.front.service
    asked = two_clocks.instants(call)
    risk = service.risks.risk_of(
        subject_ref, datetime.now(UTC), as_of=asked.as_of, known_at=asked.known_at
    )
    if not risk.values and not service.subjects.are_known(subject_ref):
        raise Problem("customer_not_found")
    return in_language(call, Answer(risk_json(subject_ref, risk, call.language)))


def risk_in_short(call: Call, subject_ref: str) -> dict[str, Any] | None:
    """The score for a page about the customer; None without values, or for other services."""
    if not call.credential.roles & ALL_BUT_REPORTERS:
        return None
    asked = two_clocks.instants(call)
    risk = call.front.service.risks.risk_of(
        subject_ref, datetime.now(UTC), as_of=asked.as_of, known_at=asked.known_at
    )
    return score_parts(risk.score, call.language) if risk.values else None


def _new_subject(ref: str) -> str:
    """Of a customer who need not be known yet."""
    try:
        return params.subject(ref)
    except Fault as fault:
        raise Problem(
            "invalid_parameter", errors=({"parameter": "ref", "code": fault.code},)
        ) from None


def _subject(ref: str) -> str:
    try:
        return params.subject(ref)
    except Fault:
        raise Problem("customer_not_found") from None


_EXAMPLE: Final = {
    "indicators": [
        {"indicator": "late_deliveries", "value": 3, "observed_at": "2026-03-01T06:00:00Z"},
        {"indicator": "spend_change", "value": "-42.5", "observed_at": "2026-03-01T06:00:00Z"},
    ]
}
RISK_ROUTES: Final = (
    Route(
        method="POST",
        path="/v1/customers/<path:ref>/indicators",
        name="supply_indicators",
        summary="Supply values of indicators of a customer's risk, all or none of them.",
        tag="Customers",
        view=supply_indicators,
        roles=SUPPLIERS,
        order=SupplyIndicators,
        example=_EXAMPLE,
        shows="SuppliedIndicators",
        status=201,
    ),
    Route(
        method="GET",
        path="/v1/customers/<path:ref>/indicators",
        name="list_indicators",
        summary="What other services supplied about a customer, the newest first.",
        tag="Customers",
        view=list_indicators,
        roles=ALL_BUT_REPORTERS,
        params=(
            params.code("indicator", "risk_indicators", "Only values of this indicator."),
            params.CURSOR,
            params.LIMIT,
        ),
        shows="SuppliedIndicatorPage",
    ),
    Route(
        method="GET",
        path="/v1/customers/<path:ref>/risk",
        name="show_risk",
        summary="The risk that a customer leaves or that a conflict comes, and what makes it so.",
        tag="Customers",
        view=show_risk,
        roles=ALL_BUT_REPORTERS,
        params=two_clocks.CLOCKS,
        shows="CustomerRisk",
    ),
)
