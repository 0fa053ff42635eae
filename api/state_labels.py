"""What states that stand in no reference book are called: on pages, in lists, and over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.book import Labels, is_chinese
from domain.clocks.run import State as ClockState
from domain.commitments import CommitmentState
from domain.customer_risk.scoring import FactorState
from domain.early_warning.alarms import AlarmState
from domain.reference_books import CURRENT_EDITION, edition
from domain.reviews.corrective import ActionState
from domain.reviews.decisions import DecisionState
from domain.reviews.review import ReviewState
from domain.reviews.values import ChangeReason

CLOCK_STATES: Final[Mapping[str, Labels]] = MappingProxyType(
    {
        ClockState.RUNNING.value: Labels("Running", "进行中"),
        ClockState.PAUSED.value: Labels("Paused", "已暂停"),
        ClockState.MET.value: Labels("Met", "按时完成"),
        ClockState.MISSED.value: Labels("Missed", "已超时"),
        ClockState.CANCELLED.value: Labels("Cancelled", "已取消"),
    }
)
SOLUTION_STATES: Final[Mapping[str, Labels]] = MappingProxyType(
    {
        "proposed": Labels("Proposed", "已提出"),
        "chosen": Labels("Chosen", "已选定"),
        "approved": Labels("Approved", "已批准"),
        "rejected": Labels("Rejected", "已驳回"),
        "replaced": Labels("Replaced", "已被替换"),
        "past": Labels("Of an earlier attempt", "前一轮方案"),
    }
)
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
DECISION_STATES: Final[Mapping[str, Labels]] = MappingProxyType(
    {
        DecisionState.OPEN.value: Labels("Open", "待落实"),
        DecisionState.LATE.value: Labels("Late", "已逾期"),
        DecisionState.DONE.value: Labels("Done", "已落实"),
    }
)
CHANGE_REASONS: Final[Mapping[str, Labels]] = MappingProxyType(
    {
        ChangeReason.OWNER_AWAY.value: Labels("The owner is away or has left", "负责人不在岗"),
        ChangeReason.WRONG_OWNER.value: Labels("It belongs to somebody else", "归属有误"),
        ChangeReason.OWNER_OVERLOADED.value: Labels("The owner has too much to do", "负责人任务重"),
        ChangeReason.WAITS_FOR_OTHERS.value: Labels("It waits for others", "须等待其他方"),
        ChangeReason.SCOPE_CHANGED.value: Labels("There is more or less to do", "工作范围有变"),
        ChangeReason.PRIORITY_CHANGED.value: Labels("It is more or less urgent", "轻重缓急有变"),
        ChangeReason.RECORDED_IN_ERROR.value: Labels("It was recorded in error", "记录有误"),
    }
)
"""Why a decision of a review was given to somebody else, or got another day."""
FACTOR_STATES: Final[Mapping[str, Labels]] = MappingProxyType(
    {
        FactorState.COUNTED.value: Labels("Counted", "计入"),
        FactorState.TOO_OLD.value: Labels("Too old", "已过期"),
        FactorState.MISSING.value: Labels("Missing", "缺失"),
    }
)


def prevention_label(state: str, language: str) -> str:
    """What the state of a preventive action is called, by its reference book."""
    return edition(CURRENT_EDITION).label("prevention_states", state, language)


def owner_label(owner: str | None, language: str) -> str | None:
    """What a party to reviews or a level of escalation is called; others as they are named.

    Units are called so too: work about a case is led by a level, work about a review by a party.
    """
    if owner is None:
        return None
    books = edition(CURRENT_EDITION)
    known = (book for book in OWNER_BOOKS if book in books.books and books.has(book, owner))
    return next((books.label(book, owner, language) for book in known), owner)


OWNER_BOOKS: Final = ("review_parties", "escalation_levels")
"""Who may lead or own work by a code; everybody else stands for themselves."""


def label_about(label: str, about: str | None, language: str) -> str:
    """A label and what it is about, with the colon of the language."""
    colon = "：" if is_chinese(language) else ": "
    return f"{label}{colon}{about}" if about else label
