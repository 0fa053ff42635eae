"""Audit packs over HTTP: the evidence about a case, a customer or a period in one ZIP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from api import params
from api.errors import Problem
from api.ledger import SOON
from api.packs.making import LIMITS_OF_A_REQUEST, TAKERS, PackMaker
from api.routes import ZIP, Answer, Call, Param, Route
from projections.ledger.receipts import NotCovered
from projections.ledger.tree import LedgerBroken
from projections.packs.evidence import (
    Evidence,
    NothingToPack,
    PackTooLarge,
    gather,
)
from projections.packs.scope import Scope, of_case, of_customer, of_period


def take_case_pack(call: Call, case_id: UUID) -> Answer:
    """The evidence about one case."""
    return _pack(call, of_case(case_id), "case_not_found")


def take_customer_pack(call: Call, ref: str) -> Answer:
    """The evidence about every case of a customer."""
    if not params.is_reference(ref):
        raise Problem("customer_not_found")
    case_ids = list(call.front.service.subjects.cases_of(ref))
    if not case_ids:
        raise Problem("customer_not_found")
    call.context.witness.subject_ref = ref
    return _pack(call, of_customer(ref, case_ids), "customer_not_found")


def take_period_pack(call: Call) -> Answer:
    """The evidence about the cases and reviews of which anything was recorded in a period."""
    begin, end = call.query["from"], call.query["to"]
    missing = [name for name in ("from", "to") if call.query[name] is None]
    faults = [{"parameter": name, "code": "required"} for name in missing]
    if not faults and end <= begin:
        faults = [{"parameter": "to", "code": "not_a_period"}]
    if not faults and end > datetime.now(UTC):
        faults = [{"parameter": "to", "code": "not_over_yet"}]
    if faults:
        raise Problem("invalid_parameter", errors=faults)
    return _pack(call, of_period(begin, end), "nothing_recorded")


def _pack(call: Call, scope: Scope, absent: str) -> Answer:
    """The pack, streamed; on record with all it shows before its first byte leaves."""
    evidence = _gathered(call, scope, absent)
    maker = PackMaker(
        call.front.service, evidence, call.language, call.again(), call.again_in_words()
    )
    try:
        maker.see(call.reader())
    except (LedgerBroken, NotCovered):
        raise Problem("ledger_incomplete") from None
    call.context.witness.takes(evidence.case_ids)
    headers = {
        # A name without a reference: file names are seen by many.
        "Content-Disposition": 'attachment; filename="audit-pack.zip"',
        "Content-Language": call.language,
        "Vary": "Accept-Language",
    }
    return Answer(maker.zipped(), headers=headers, media_type=ZIP)


def _gathered(call: Call, scope: Scope, absent: str) -> Evidence:
    try:
        return gather(call.front.engine, scope, LIMITS_OF_A_REQUEST)
    except NothingToPack:
        raise Problem(absent) from None
    except NotCovered:
        raise Problem("not_signed_yet", headers=SOON) from None
    except PackTooLarge as large:
        most = large.most
        raise Problem("pack_too_large", cases=most.cases, events=most.events) from None


def _route(path: str, name: str, summary: str, view: Any, *of: Param) -> Route:
    return Route(
        method="GET",
        path=path,
        name=name,
        summary=summary,
        tag="Audit",
        view=view,
        roles=TAKERS,
        params=(*of, params.LANGUAGE),
        shows="AuditPack",
        media_types=(ZIP,),
    )


PACK_ROUTES: Final = (
    _route(
        "/v1/cases/<case:case_id>/audit-pack",
        "take_case_pack",
        "The evidence about a case as a ZIP: events, timeline, receipts, checkpoint, keys.",
        take_case_pack,
    ),
    _route(
        "/v1/customers/<path:ref>/audit-pack",
        "take_customer_pack",
        "The evidence about every case of a customer, as a ZIP.",
        take_customer_pack,
    ),
    _route(
        "/v1/audit-pack",
        "take_period_pack",
        "The evidence about everything recorded in a period, reviews too, as a ZIP.",
        take_period_pack,
        params.since("from", "Recorded at this time or later."),
        params.since("to", "Recorded before this time, which is over."),
    ),
)
