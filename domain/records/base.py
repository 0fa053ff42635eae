"""What every record is: a fact that belongs to no single case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

from domain.kinds import Between, TextLimit
from domain.values import Actor, Via

Position = Annotated[int, Between(0, (1 << 63) - 1)]
"""A place in the log."""
Measured = Annotated[Decimal, Between(-1_000_000_000, 1_000_000_000)]
"""What was counted or computed, with at most four decimals."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What every record carries, besides what the store adds: position and recorded_at."""

    NAME: ClassVar[str]
    SCHEMA: ClassVar[int] = 1

    originator_id: UUID
    originator_version: int
    occurred_at: datetime
    actor: Actor
    via: Via
    correlation_id: Annotated[str, TextLimit(128)]
