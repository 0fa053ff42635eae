"""Whether the review calendar is watched: when a worker last looked at it without a fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

SILENT_SECONDS_MAX: Final = 150.0
"""A watch looks once a minute, and tells with the worker's heartbeat."""
WORKER_HEARD_SECONDS: Final = 20.0

_HEARD = text("""
    SELECT min(extract(epoch FROM clock_timestamp() - coalesce(reviews_at, started_at)))::float8
    FROM projection_workers
    WHERE beat_at > clock_timestamp() - make_interval(secs => :heard_seconds)
""")


@dataclass(frozen=True)
class ReviewHealth:
    """The state of the watch.

    `silent_seconds`: since one of the workers that are heard of finished a look in which nothing
    failed, or since it started; None where no worker is heard of, which is told as such.
    """

    silent_seconds: float | None

    @property
    def is_failing(self) -> bool:
        """Whether workers are there, and none of them watches all of the calendar."""
        return self.silent_seconds is not None and self.silent_seconds > SILENT_SECONDS_MAX


def review_health(connection: Connection) -> ReviewHealth:
    """The state of this database's watch over the calendar."""
    silent = connection.execute(_HEARD, {"heard_seconds": WORKER_HEARD_SECONDS}).scalar()
    return ReviewHealth(None if silent is None else max(0.0, silent))
