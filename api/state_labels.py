"""What states that stand in no reference book are called: on pages, in lists, and over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.book import Labels
from domain.commitments import CommitmentState
from domain.early_warning.alarms import AlarmState
from domain.reference_books import CURRENT_EDITION, edition
from domain.reviews.corrective import ActionState
from domain.reviews.review import ReviewState

PROMISE_STATES: Final[Mapping[str, Labels]] = MappingProxyType(
    {
        CommitmentState.PROPOSED.value: Labels("Waits for approval", "待批准"),
        CommitmentState.OPEN.value: Labels("Open", "待兑现"),
        CommitmentState.KEPT.value: Labels("Kept in time", "按时兑现"),
        CommitmentState.LATE.value: Labels("Kept late", "逾期兑现"),
        CommitmentState.BROKEN.value: Labels("Broken", "已违背"),
        CommitmentState.WITHDRAWN.value: Labels("Withdrawn", "已撤回"),
        CommitmentState.REPLACED.value: Labels("Replaced", "已被替换"),
        CommitmentState.CANCELLED.value: Labels("Lapsed", "已失效"),
    }
)
ORDER_LABELS: Final[Mapping[str, Labels]] = MappingProxyType(
    {
        "open": Labels("Waits for a plan", "待提交方案"),
        "planned": Labels("Planned", "已有方案"),
        "closed": Labels("Closed", "已办结"),
    }
)
ALARM_STATES: Final[Mapping[str, Labels]] = MappingProxyType(
    {
        AlarmState.OPEN.value: Labels("Open", "待处理"),
        AlarmState.ACKNOWLEDGED.value: Labels("Acknowledged", "已受理"),
        AlarmState.CLOSED.value: Labels("Closed", "已关闭"),
    }
)
REVIEW_STATES: Final[Mapping[str, Labels]] = MappingProxyType(
    {
        ReviewState.OPEN.value: Labels("Open", "待召开"),
        ReviewState.MISSED.value: Labels("Missed", "已逾期"),
        ReviewState.HELD.value: Labels("Held", "已召开"),
    }
)
ACTION_STATES: Final[Mapping[str, Labels]] = MappingProxyType(
    {
        ActionState.OPEN.value: Labels("Open", "进行中"),
        ActionState.LATE.value: Labels("Late", "已逾期"),
        ActionState.DONE.value: Labels("Done", "已完成"),
        ActionState.VERIFIED.value: Labels("Verified", "已验证"),
    }
)


def owner_label(owner: str | None, language: str) -> str | None:
    """What a team of the reference book of parties is called; anybody else as they are named."""
    if owner is None:
        return None
    return edition(CURRENT_EDITION).label_or_code("review_parties", owner, language)
