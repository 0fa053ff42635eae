"""How far readers are held back, and by whom."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from service.event_store.connections import connections_of

COUNTED_EVENTS_MAX = 10_000
"""Counting stops here, so that asking stays cheap however long readers have been held back."""

HELD_SECONDS_MAX = 3.0
"""No append, page of a read model or import holds the horizon for nearly as long."""

# One statement, so one snapshot: its xmin is the oldest transaction id still running anywhere in
# the cluster, and whoever runs under that very id is the blocker. One that only reads has no id
# and holds nothing back, however old it is. Another role's state and start are hidden from roles
# without pg_monitor (or pg_read_all_stats): they are NULL then.
HORIZON_HEALTH = """
WITH held AS MATERIALIZED (
    SELECT horizon, pg_snapshot_xmin(pg_current_snapshot())::xid AS oldest FROM event_horizon
), blockers AS (
    SELECT pid, datname::text AS database, application_name,
        coalesce(state, CASE WHEN backend_type <> 'client backend' THEN backend_type END) AS doing,
        extract(epoch FROM clock_timestamp() - xact_start)::float8 AS seconds
    FROM pg_stat_activity, held WHERE backend_xid = oldest AND pid <> pg_backend_pid()
    UNION ALL
    SELECT NULL, database::text, '', 'prepared',
        extract(epoch FROM clock_timestamp() - prepared)::float8
    FROM pg_prepared_xacts, held WHERE transaction = oldest
)
SELECT horizon,
    (SELECT count(*) FROM (
        SELECT FROM events WHERE position >= horizon LIMIT %s
    ) AS waiting)::integer,
    coalesce(extract(epoch FROM clock_timestamp() - (
        SELECT recorded_at FROM events WHERE position >= horizon ORDER BY position LIMIT 1
    )), 0)::float8,
    blockers.*
FROM held LEFT JOIN blockers ON true LIMIT 1
"""


@dataclass(frozen=True)
class Blocker:
    """The transaction that readers wait for.

    `process_id` is None for a prepared transaction, whose `state` is "prepared". `state` and
    `seconds` (since it began) are None where PostgreSQL hides them from the service's role.
    """

    process_id: int | None
    database: str
    application: str
    state: str | None
    seconds: float | None


@dataclass(frozen=True)
class HorizonHealth:
    """The position below which nothing can appear any more, and what waits above it.

    `waiting_events` are committed and no reader may see them yet; above COUNTED_EVENTS_MAX that
    figure plus one. `waiting_seconds` is the age of the oldest of them, 0 when there is none.
    `blocker`: None when no transaction is running that could still append.
    """

    horizon: int
    waiting_events: int
    waiting_seconds: float
    blocker: Blocker | None

    @property
    def held_seconds(self) -> float:
        """How long the horizon has stood still, as far as can be seen; 0 when it moves."""
        if self.blocker is None:
            return 0.0
        return max(self.waiting_seconds, self.blocker.seconds or 0.0)

    @property
    def is_held(self) -> bool:
        """Whether somebody has to look after it."""
        return self.held_seconds > HELD_SECONDS_MAX


def horizon_health(engine: Engine) -> HorizonHealth:
    """The state of the horizon, in one round trip. Raises StoreUnavailable.

    Any role that may read the log may ask.
    """
    ((horizon, events, seconds, *blocker),) = connections_of(engine).read(
        HORIZON_HEALTH, (COUNTED_EVENTS_MAX + 1,)
    )
    return HorizonHealth(horizon, events, max(0.0, seconds), _blocker(*blocker))


def _blocker(
    process_id: int | None,
    database: str | None,
    application: str | None,
    state: str | None,
    seconds: float | None,
) -> Blocker | None:
    if database is None and process_id is None:
        return None
    since = None if seconds is None else max(0.0, seconds)
    return Blocker(process_id, database or "", application or "", state, since)
