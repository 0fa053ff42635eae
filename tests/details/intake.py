"""What reports, confirmations, evidence and talks say."""

from __future__ import annotations

from datetime import date

from domain.conflict_case import ConflictCase
from domain.personal import PersonalText, StaffText
from domain.values import (
    Agreement,
    Customer,
    Document,
    Restatement,
    Sentiment,
    SourceFact,
    SourceRecord,
    Stakeholder,
    Status,
)
from tests.details.common import DIGEST, Details, Giving, newest


def _report(case: ConflictCase) -> Details:
    return {
        "channel": "phone",
        "customer": Customer(
            ref="K-1001",
            name=PersonalText("张三"),
            contact=PersonalText("zhang.san@mail.example"),
            tier="silver",
        ),
        "summary": PersonalText("The parcel came three weeks late 包裹晚到三周"),
        "description": PersonalText("他们承诺三天送达，但我等了三周。Nobody answered my calls."),
        "desired_outcome": PersonalText("退还运费并道歉"),
        "language": "zh",
        "urgency": "normal",
        "request_kind": "ordinary",
        "emotion": "disappointed",
        "product_ref": "PRD-7",
        "order_ref": "ORD-2026-118",
        "contract_ref": "CON-55",
        "touchpoint": "delivery",
        "source": SourceRecord(system="crm", external_id=f"T-{case.id.hex}"),
    }


def _import_record(case: ConflictCase) -> Details:
    return {
        "source": SourceRecord(system="cfpb", external_id="1290161"),
        "row_digest": DIGEST,
        "leads_to": Status.CLOSED,
        "received_on": date(2014, 10, 30),
        "channel": "web",
        "product": "Credit card",
        "issue": "Billing disputes",
        "company": "Some Bank",
        "forwarded_on": date(2014, 10, 31),
        "outcome": "Closed with monetary relief",
        "timely": True,
        "disputed": False,
        "reopen_count": 0,
        "narrative": PersonalText("I was charged twice 我被重复扣款"),
        "facts": (SourceFact(name="State", value="CA"),),
    }


def _note_imported_entry(case: ConflictCase) -> Details:
    return {
        "row_digest": DIGEST,
        "leads_to": case.status if case.is_handled_here else Status.CLOSED,
        "source_state": "Closed",
        "timely": True,
        "reopen_count": 1,
        "facts": (SourceFact(name="priority", value="3 - Moderate"),),
    }


def _acknowledge(case: ConflictCase) -> Details:
    return {"channel": "sms", "text": PersonalText("我们已收到您的投诉。We are on it.")}


def _confirm(case: ConflictCase) -> Details:
    return {
        "restatement": Restatement(
            fact=PersonalText("包裹晚到了三周"),
            feeling=PersonalText("You felt ignored 您感到被忽视"),
            intention=PersonalText("You want the fee back"),
        ),
        "agreement": Agreement(agreed=True, at=newest(case), channel="phone"),
        "conflict_type": "quality",
        "conflict_subtype": "slow_response",
        "complaint_cause": "service_failure",
        "severity": "minor",
        "customer_type": "impatient",
        "barrier": "language",
        "stakeholders": (
            Stakeholder(role="customer", name=PersonalText("张三"), attitude=-2, influence=3),
            Stakeholder(role="company_unit", attitude=1, influence=4),
        ),
    }


def _dismiss(case: ConflictCase) -> Details:
    return {
        "reason": "outside_scope",
        "explanation": PersonalText("这不在我们的责任范围内"),
        "alternatives_offered": (PersonalText("Ask the carrier's own desk"),),
    }


def _attach_evidence(case: ConflictCase) -> Details:
    """The first kind that is still missing; only the complaint itself is a document."""
    known = {piece.kind for piece in case.evidence}
    kinds = [entry.code for entry in case.edition.book("evidence_kinds").entries]
    kind = next((code for code in kinds if code not in known), kinds[0])
    if kind != kinds[0]:
        return {"kind": kind, "absent_reason": StaffText("None exists 没有相关记录")}
    document = Document(
        uri="https://files.example/1", sha256=DIGEST, media_type="image/png", size_bytes=2048
    )
    return {"kind": kind, "document": document}


def _log_interaction(case: ConflictCase) -> Details:
    return {
        "channel": "phone",
        "direction": "inbound",
        "people": (PersonalText("张三"), PersonalText("Ann")),
        "content": PersonalText("客户询问进展"),
        "process": StaffText("Looked up the order"),
        "result": StaffText("Promised a call on Friday"),
        "satisfied": False,
        "emotion": "angry",
        "sentiment": Sentiment(label="negative", model_version="senti-2.1"),
        "touchpoint": "service_hotline",
        "next_step": StaffText("Call back 回电"),
    }


INTAKE: Giving = {
    "report": _report,
    "import_record": _import_record,
    "note_imported_entry": _note_imported_entry,
    "acknowledge": _acknowledge,
    "confirm": _confirm,
    "dismiss": _dismiss,
    "attach_evidence": _attach_evidence,
    "log_interaction": _log_interaction,
}
