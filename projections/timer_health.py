"""Whether due times are watched: what is due and waits, and when timers were last heard of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

from projections import builds
from projections.deadline_tables import NAME, RUNS
from projections.deadlines import READ_MODEL

OVERDUE_SECONDS_MAX: Final = 20.0
"""Timers look every five seconds at least, and tell with the worker's heartbeat, as often."""
COUNTED_RUNS_MAX: Final = 1_000
"""Counting stops here."""

_HEARD = text("""
    SELECT extract(epoch FROM clock_timestamp() - max(timers_at))::float8 FROM projection_workers
""")
_DUE = text(f"""
    SELECT extract(epoch FROM clock_timestamp() - min(next_at))::float8 AS seconds,
        (SELECT count(*) FROM (
            SELECT FROM {RUNS.fullname} WHERE next_at < clock_timestamp() LIMIT :most
        ) AS due) AS runs
    FROM {RUNS.fullname}
""")  # noqa: S608


@dataclass(frozen=True)
class TimerHealth:
    """The state of the timers.

    `due_runs`: how many runs of clocks have something due that is not on record, at most
    COUNTED_RUNS_MAX; `due_seconds`: since when the oldest of them is. `silent_seconds`: since any
    timers were last heard of, None when none ever were.
    """

    due_runs: int
    due_seconds: float
    silent_seconds: float | None

    @property
    def are_silent(self) -> bool:
        """Whether no worker's timers are at work."""
        return self.silent_seconds is None or self.silent_seconds > OVERDUE_SECONDS_MAX

    @property
    def are_overdue(self) -> bool:
        """Whether something is due that nobody does.

        What was due long ago may have become known a moment ago, by an import or a rebuild; as
        long as timers are at work that is no fault.
        """
        return self.are_silent and self.due_seconds > OVERDUE_SECONDS_MAX


def timer_health(connection: Connection) -> TimerHealth:
    """The state of this database's timers.

    Nothing is due while `deadlines` is not built, or by another version: no timers of this one
    are at work then.
    """
    silent = connection.execute(_HEARD).scalar()
    silent_seconds = None if silent is None else max(0.0, silent)
    build = builds.find(connection, NAME)
    if build is None or build.version != READ_MODEL.version:
        return TimerHealth(0, 0.0, silent_seconds)
    due = connection.execute(_DUE, {"most": COUNTED_RUNS_MAX}).one()
    return TimerHealth(due.runs, max(0.0, due.seconds or 0.0), silent_seconds)
