"""What promises say, and what the customer hears meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from domain.commitments import Commitment
from domain.conflict_case import ConflictCase
from domain.personal import PersonalText, StaffText
from domain.values import Agreement
from tests.details.common import BEGAN_AT, Details, Giving, newest


def _first_promise(case: ConflictCase, fits: Callable[[Commitment], object]) -> str:
    found = (each.id for each in case.commitments.values() if fits(each))
    return next(found, "C1")


def _first_minutes(case: ConflictCase) -> str:
    """The first minutes with points that nobody settled."""
    open_ones = (each for each in case.sent_minutes if each.owed.is_open(case.occasions))
    return next((each.id for each in open_ones), "M1")


def _remind(case: ConflictCase) -> Details:
    """The first reminder that has not been given yet, of the first promise that is open."""
    about = _first_promise(case, lambda each: each.owed.is_open(case.occasions))
    given = {each.reminder for each in case.reminders if each.about == about}
    days = ("day_3", "day_7", "day_15")
    return {"about": about, "reminder": next((d for d in days if d not in given), "day_3")}


def _disclose_delay(case: ConflictCase) -> Details:
    """Of a promise that is open, else of the weekly update, which runs in every open case."""
    told = {
        "expected_at": BEGAN_AT + timedelta(days=90),
        "alternative": PersonalText("A machine on loan 备用机"),
        "channel": "phone",
        "reason": PersonalText("维修点停业"),
    }
    for each in case.commitments.values():
        if each.may_be_given and each.owed.is_open(case.occasions):
            return {"commitment_id": each.id, **told}
    runs = [run for run in case.clock_runs(newest(case)) if not run.is_over and run.due_at]
    clock, number = (runs[0].clock, runs[0].number) if runs else ("first_reply", 1)
    return {"clock": clock, "run": number, **told}


COMMITMENTS: Giving = {
    "make_commitment": lambda case: {
        "kind": "compensation",
        "text": PersonalText("Refund of the shipping fee 退还运费"),
        "outcome": PersonalText("12.50 元退回原支付账户"),
        "owner": "财务组",
        "due_at": newest(case) + timedelta(days=1),
        "promised_to": "customer",
        "channel": "mail",
        "in_writing": not case.commitments,
    },
    "approve_commitment": lambda case: {
        "commitment_id": _first_promise(case, lambda each: each.approval is None),
        "comment": StaffText("Within the budget 在预算内"),
    },
    "keep_commitment": lambda case: {
        "commitment_id": _first_promise(case, lambda each: each.may_be_given and not each.kept),
        "result": PersonalText("Paid 已付款"),
        "evidence_ids": tuple(piece.evidence_id for piece in case.evidence),
    },
    "withdraw_commitment": lambda case: {
        "commitment_id": _first_promise(case, lambda each: each.owed.is_open(case.occasions)),
        "reason": PersonalText("The customer wants points instead 客户改要积分"),
        "agreement": Agreement(agreed=True, at=newest(case), channel="phone"),
    },
    "confirm_agreement": lambda case: {
        "about": _first_promise(case, lambda each: each.owed.is_open(case.occasions)),
        "channel": "sms",
        "in_writing": False,
        "text": PersonalText("Refund by tomorrow 明天前退款"),
    },
    "settle_open_points": lambda case: {
        "minutes_id": _first_minutes(case),
        "result": PersonalText("运费由我们承担"),
    },
    "break_commitment": lambda case: {
        "commitment_id": _first_promise(case, lambda each: not each.broken),
    },
    "remind": _remind,
    "ask_supplement": lambda case: {
        "channel": "mail",
        "text": PersonalText("Please send the test protocol 请发送检测记录"),
    },
    "send_supplement": lambda case: {
        "channel": "mail",
        "text": PersonalText("检测记录见附件"),
        "evidence_ids": tuple(piece.evidence_id for piece in case.evidence),
    },
    "update_progress": lambda case: {
        "channel": "mail",
        "completion_percent": 40,
        "blockers": (PersonalText("Spare part missing 备件未到"),),
        "countermeasures": (PersonalText("Sent by air 改为空运"),),
        "text": PersonalText("维修正在进行"),
    },
    "disclose_delay": _disclose_delay,
}
