"""The counting of the lessons-learned report by service clock: targets met and missed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Label, Select, and_, func, or_, select

from domain.clocks.run import State
from projections.deadline_tables import OWED_CLOCKS, RUNS
from projections.figures import Share


@dataclass(frozen=True, slots=True)
class TargetFigures:
    """Runs of one service clock: met, missed, neither yet, or cancelled with their case."""

    clock: str
    met: int = 0
    missed: int = 0
    running: int = 0
    cancelled: int = 0

    @property
    def attained(self) -> Share:
        """Met, of those that are decided."""
        return Share(self.met, self.met + self.missed)


def target_counts(c: CTE, now: datetime) -> Select[Any]:
    """(grp, clock, met, missed, running, cancelled) of the clocks of these cases, by runs."""
    return (
        select(c.c.grp, RUNS.c.clock, *verdict_counts(now))
        .join(RUNS, RUNS.c.case_id == c.c.case_id)
        .where(RUNS.c.clock.not_in(OWED_CLOCKS))
        .group_by(RUNS.c.clock, func.rollup(c.c.grp))
        .order_by(RUNS.c.clock)
    )


def verdict_counts(now: datetime) -> list[Label[int]]:
    """A column for every figure of `TargetFigures`, in their order.

    A run whose time has passed is missed, whether a timer has told so yet or not.
    """
    r = RUNS
    is_late = func.coalesce(r.c.due_at < now, False)
    missed = or_(r.c.state == State.MISSED, and_(r.c.is_open, is_late))
    verdicts = {
        "met": r.c.state == State.MET,
        "missed": missed,
        "running": and_(r.c.is_open, ~missed),
        "cancelled": r.c.state == State.CANCELLED,
    }
    return [func.count().filter(when).label(name) for name, when in verdicts.items()]
