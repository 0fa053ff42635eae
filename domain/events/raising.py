"""What raises a case above its daily course: anger heard, a task force, an approval taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.events.envelope import CaseEvent
from domain.kinds import CodeOf, ListLimit
from domain.value_kinds import (
    Count,
    Emotion,
    LocalId,
    LongStaffText,
    OwnerRef,
    Percent,
    VersionName,
)
from domain.values import PlaybookMark


@dataclass(frozen=True, kw_only=True)
class EmotionRecognised(CaseEvent):
    """A model heard how the customer feels in what they said (S10, S57); never the words.

    `heard_in` is the version of the event that holds the words. `said_at` is decided: when they
    were said, from which the time to act is counted however late the model speaks.
    """

    NAME = "emotion_recognised"

    heard_in: Count
    said_at: datetime
    sentiment: Annotated[str, CodeOf("sentiments")]
    emotion: Emotion | None = None
    confidence_percent: Percent
    model: VersionName
    model_version: VersionName


@dataclass(frozen=True, kw_only=True)
class TaskForceNamed(CaseEvent):
    """A team with a lead takes over a serious case; it stands in for one named before (S39)."""

    NAME = "task_force_named"

    lead: OwnerRef
    members: Annotated[tuple[OwnerRef, ...], ListLimit(20, least=1)]
    mission: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class ApprovalWithdrawn(CaseEvent):
    """An approver took an approval back before anything of it was carried out (S31)."""

    NAME = "approval_withdrawn"

    solution_id: LocalId
    reason: LongStaffText


@dataclass(frozen=True, kw_only=True)
class PlaybookRecorded(CaseEvent):
    """Which steps of the playbook were followed, and which were left out and why (S6, S34)."""

    NAME = "playbook_recorded"

    steps: Annotated[tuple[PlaybookMark, ...], ListLimit(40, least=1)]
