"""Whether every watch of the workers is kept: when a round of each last went well."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from projections.health import WORKER_HEARD_SECONDS
from projections.watches import WATCHES, Watch

# One worker that does it is enough. A round that never went well is silent since its worker began.
_HEARD = text("""
    WITH heard AS (
        SELECT beat_at, started_at, silences FROM projection_workers
        WHERE beat_at > clock_timestamp() - make_interval(secs => :heard_seconds)
    )
    SELECT told.watch, min(extract(epoch FROM clock_timestamp() - coalesce(
        beat_at - make_interval(secs => told.silent_seconds::float8), started_at
    )))::float8 AS silent_seconds
    FROM heard LEFT JOIN LATERAL jsonb_each_text(silences)
        AS told (watch, silent_seconds) ON true
    GROUP BY told.watch
""")


@dataclass(frozen=True)
class WatchHealth:
    """The state of one watch.

    `silent_seconds`: since a round went well at one of the workers that are heard of, or since that
    worker began; None where none of them tells of it. `has_workers`: whether any is heard of.
    """

    watch: Watch
    silent_seconds: float | None
    has_workers: bool

    @property
    def is_failing(self) -> bool:
        """Whether workers keep this watch, and a round goes well at none of them."""
        return (
            self.silent_seconds is not None and self.silent_seconds > self.watch.silent_seconds_max
        )


def watch_health(connection: Connection) -> list[WatchHealth]:
    """The state of every watch, in the order of the table.

    Workers of a version before this table tell of none.
    """
    heard = connection.execute(_HEARD, {"heard_seconds": WORKER_HEARD_SECONDS}).all()
    found = {row.watch: max(0.0, row.silent_seconds) for row in heard}
    return [WatchHealth(watch, found.get(name), bool(heard)) for name, watch in WATCHES.items()]
