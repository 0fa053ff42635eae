"""What is said of feelings that were heard, of task forces and of playbooks."""

from __future__ import annotations

from domain.conflict_case import ConflictCase
from domain.personal import StaffText
from domain.playbooks import playbook
from domain.values import PlaybookMark
from tests.details.common import Giving


def playbook_marks(case: ConflictCase) -> tuple[PlaybookMark, ...]:
    """The case's playbook followed, but for its last step."""
    steps = playbook(case)
    reason = StaffText("The customer had no time 客户没有时间")
    return tuple(
        PlaybookMark(step=step.id, followed=step is not steps[-1], reason=reason) for step in steps
    )


RAISING: Giving = {
    "recognise_emotion": lambda case: {
        "heard_in": 1,
        "sentiment": "negative",
        "emotion": "angry",
        "confidence_percent": 91,
        "model": "tone",
        "model_version": "2.1",
    },
    "name_task_force": lambda case: {
        "lead": "ann",
        "members": ("质检部", "depot-4"),
        "mission": StaffText("Find the lost parcel 找回包裹"),
    },
    "withdraw_approval": lambda case: {"reason": StaffText("The figures were wrong 数据有误")},
    "record_playbook": lambda case: {"steps": playbook_marks(case)},
}
