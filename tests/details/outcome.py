"""What a resolution, its follow-up, its lessons and the end of a case say."""

from __future__ import annotations

from datetime import date

from domain.conflict_case import ConflictCase
from domain.personal import PersonalText, StaffText
from domain.values import SatisfactionScore
from tests.details.common import Giving, newest
from tests.details.solving import REMEDIES


def _first_prevention(case: ConflictCase, *, done: bool) -> str:
    """The first preventive action that is done, or still open."""
    found = (p for p in case.preventions if (p in case.preventions_done) is done)
    return next(found, "P1")


OUTCOME: Giving = {
    "resolve": lambda case: {
        "outcome": "remedied",
        "remedies": REMEDIES,
        "customer_accepts": True,
        "explanation": PersonalText("我们已退还运费"),
        "upheld": "fully",
    },
    "follow_up": lambda case: {
        "channel": "phone",
        "satisfied": True,
        "substantially_solved": True,
        "score": SatisfactionScore(scale="csat_1_5", value=5),
        "touchpoint": "complaint_handling",
        "comment": PersonalText("谢谢，问题解决了"),
    },
    "record_lessons": lambda case: {
        "verdict": "success",
        "root": StaffText("Sorting table too old"),
        "trigger": StaffText("标签打印错误"),
        "what_worked": StaffText("A quick call"),
        "what_made_it_worse": StaffText("三天没有回复"),
        "missed_by_early_detection": StaffText("Depot backlog"),
        "lesson_codes": ("slow", "poor_internal_communication"),
        "wrong_behaviours": ("stalling", "hiding"),
    },
    "plan_prevention": lambda case: {
        "action": StaffText("Update the sorting table 更新分拣规则"),
        "owner": "depot-4",
        "due_on": date(2026, 12, 1),
    },
    "complete_prevention": lambda case: {
        "prevention_id": _first_prevention(case, done=False),
        "done_on": newest(case).date(),
        "result": StaffText("Updated 已更新"),
    },
    "check_prevention": lambda case: {
        "prevention_id": _first_prevention(case, done=True),
        "effect": "effective",
        "finding": StaffText("No wrong label since 此后未再出错"),
    },
    "hold_training": lambda case: {
        "topic": StaffText("Reading the sorting table"),
        "audience": StaffText("仓库员工"),
        "held_on": newest(case).date(),
        "participants": 14,
        "effect": StaffText("12 of 14 passed the test"),
    },
    "close": lambda case: {},
    "reopen": lambda case: {"reason": PersonalText("It came back 问题再次出现")},
}
