"""What is said by who handles a case meanwhile, and by its deadlines."""

from __future__ import annotations

from datetime import timedelta

from domain.conflict_case import ConflictCase
from domain.personal import PersonalText, StaffText
from domain.values import BackgroundFile
from tests.details.common import BEGAN_AT, DIGEST, Details, Giving, newest


def _deadline(case: ConflictCase, which: str) -> Details:
    """The first run whose warning, or breach, an hour after each event has not been recorded."""
    now = BEGAN_AT + timedelta(hours=case.version)
    warned = {(event.clock, event.run) for event in case.deadlines_warned}
    missed = {(event.clock, event.run) for event in case.deadlines_missed}
    for run in case.clock_runs(now):
        named = (run.clock, run.number)
        if which == "miss" and run.missed_at and named not in missed:
            return {"clock": run.clock, "run": run.number}
        near = run.warn_at is not None and run.warn_at <= now
        if which == "warn" and near and run.state == "running" and named not in warned:
            return {"clock": run.clock, "run": run.number}
    return {"clock": "first_reply", "run": 1}


HANDLING: Giving = {
    "escalate": lambda case: {
        "level": "director",
        "reason": StaffText("Angry customer 客户很生气"),
        "due": newest(case) + timedelta(days=30),
    },
    "refer": lambda case: {
        "mediator": PersonalText("消费者协会"),
        "mediator_reference": PersonalText("M-2026-5, clerk Wang"),
        "handed_over": tuple(piece.evidence_id for piece in case.evidence),
        "background": PersonalText("Late parcel, two offers declined"),
        "background_file": BackgroundFile(sha256=DIGEST, case_version=case.version),
    },
    "assign": lambda case: {"handler": "ann", "unit": "care-team-2"},
    "set_service_terms": lambda case: {
        "urgency": "urgent",
        "request_kind": "formal_complaint",
        "customer_tier": "gold",
        "regulation": "cn_market",
        "calendar": "cn_mainland",
        "reason": StaffText("The contract says so 合同约定"),
    },
    "await_customer": lambda case: {"reason": StaffText("Photos are missing 缺少照片")},
    "hear_customer": lambda case: {"channel": "mail", "text": PersonalText("照片已发送")},
    "send_minutes": lambda case: {
        "channel": "mail",
        "agreements": (PersonalText("Refund by Friday 周五前退款"),),
        "open_points": (PersonalText("运费由谁承担"),),
        "owner": "ann",
        "next_meeting_at": newest(case) + timedelta(days=30),
    },
    "warn_deadline": lambda case: _deadline(case, "warn"),
    "miss_deadline": lambda case: _deadline(case, "miss"),
}
