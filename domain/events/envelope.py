"""What every event of a case carries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from domain.kinds import TextLimit
from domain.value_kinds import SubjectRef
from domain.values import Actor, Via


@dataclass(frozen=True, kw_only=True)
class CaseEvent:
    """What every event carries, besides what the store adds: position and recorded_at.

    `subject_ref` names the person under whose key the event's personal text is sealed.
    """

    NAME: ClassVar[str]
    SCHEMA: ClassVar[int] = 1

    originator_id: UUID
    originator_version: int
    occurred_at: datetime
    actor: Actor
    via: Via
    correlation_id: Annotated[str, TextLimit(128)]
    causation_id: Annotated[str, TextLimit(128)] | None = None
    subject_ref: SubjectRef

    @property
    def case_id(self) -> UUID:
        return self.originator_id

    @property
    def version(self) -> int:
        return self.originator_version


ENVELOPE = frozenset(CaseEvent.__annotations__) - {"NAME", "SCHEMA"}
"""The fields that every event has; the others are what the event itself says."""
