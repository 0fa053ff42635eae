"""What a timer is to record of a run that is due: the step, its details, and when it occurred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from projections.deadline_tables import OPEN_POINTS, OWED_CLOCKS
from projections.owed import BREAK


@dataclass(frozen=True, kw_only=True)
class Order:
    """One step to take. `name` tells it from others of the run; `then`: when to look again."""

    step: str
    name: str
    details: Mapping[str, Any]
    occurred_at: datetime
    then: datetime | None = None


def order_of(row: Row[Any], now: datetime) -> Order:
    """What is due of a run of a clock, of a promise or of open points, as seen at `now`."""
    if row.clock in OWED_CLOCKS:
        return _of_owed(row)
    is_missed = row.due_at < now
    step = "miss_deadline" if is_missed else "warn_deadline"
    return Order(
        step=step,
        name=step,
        details={"clock": row.clock, "run": row.run},
        occurred_at=row.due_at if is_missed else row.next_at,
        then=None if is_missed else row.due_at,
    )


def _of_owed(row: Row[Any]) -> Order:
    """A breach or a reminder; the read model says what comes after it."""
    about = f"{'M' if row.clock == OPEN_POINTS else 'C'}{row.run}"
    if row.next_step == BREAK:
        details = {"commitment_id": about}
        return Order(step=BREAK, name=BREAK, details=details, occurred_at=row.act_at)
    return Order(
        step="remind",
        name=f"remind/{row.next_step}",
        details={"about": about, "reminder": row.next_step},
        occurred_at=row.act_at,
    )
