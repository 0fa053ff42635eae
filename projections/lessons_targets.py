"""The counting of the lessons-learned report by service clock: targets met and missed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Select, and_, func, or_, select

from domain.clocks.running import State
from projections.deadline_tables import OWED_CLOCKS, RUNS


def target_counts(c: CTE, now: datetime) -> Select[Any]:
    """(grp, clock, met, missed, running) of the clocks of these cases, by runs.

    A run whose time has passed is missed, whether a timer has told so yet or not. Cancelled runs
    count nowhere; promises are no targets.
    """
    r = RUNS
    is_late = func.coalesce(r.c.due_at < now, False)
    missed = or_(r.c.state == State.MISSED, and_(r.c.is_open, is_late))
    counts = {
        "met": r.c.state == State.MET,
        "missed": missed,
        "running": and_(r.c.is_open, ~missed),
    }
    columns = [func.count().filter(when).label(name) for name, when in counts.items()]
    return (
        select(c.c.grp, r.c.clock, *columns)
        .join(r, r.c.case_id == c.c.case_id)
        .where(r.c.clock.not_in(OWED_CLOCKS), r.c.state != State.CANCELLED)
        .group_by(r.c.clock, func.rollup(c.c.grp))
        .order_by(r.c.clock)
    )
