"""How far the read models have read, what is parked, and whether a worker is alive."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from service.event_store.connections import connections_of

LAG_EVENTS_MAX = 10_000
"""Counting stops here, so that asking stays cheap however far a read model is behind."""
FORGET_WORKERS_AFTER = timedelta(days=1)
WORKER_HEARD_SECONDS: Final = 20.0
"""A worker beats every five seconds; one that is silent for longer has stopped or hangs."""

REBUILD_STILL_SECONDS_MAX: Final = 600.0
"""Nothing that a rebuild does at once takes so long, not even an index over millions of rows."""

WORKERS = Table(
    "projection_workers",
    MetaData(),
    Column("worker_id", Uuid, primary_key=True),
    Column("host", Text, nullable=False),
    Column("process_id", Integer, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("beat_at", DateTime(timezone=True), nullable=False),
    Column("timers_at", DateTime(timezone=True)),
    Column("reviews_at", DateTime(timezone=True)),
    Column("silences", JSONB),
)


class ReadModelNotReady(Exception):
    """The read model is being built for the first time; ask again in a while."""

    def __init__(self, projection: str) -> None:
        super().__init__(projection)
        self.projection = projection


@dataclass(frozen=True)
class ReadState:
    """How far a read model has read.

    `position`: of the last event. `lag_seconds`: age of the oldest unread event. `read_to`: no
    event at or below it is left to read, or can come any more; a record may stand there, which
    read models pass over. Nobody may remember it: docs/decisions/0060.
    """

    position: int
    lag_seconds: float
    read_to: int


@dataclass(frozen=True)
class ProjectionHealth:
    """One read model's state.

    `version` and `position`: of the build in use, None before the first one is ready.
    `lag_seconds`: age of the oldest unread event, 0 when there is none. `lag_events`: how many
    are unread; above LAG_EVENTS_MAX that figure plus one. `rebuilding_version` and
    `rebuilding_position`: of the build being made beside it, else None; `rebuild_still_seconds`:
    since that one last moved on, None too where it is of another version than this process makes:
    after a return to an older release it waits for the newer one.
    `heartbeat_age_seconds`: since any worker was last heard of, None when none ever was or the last
    one stopped on purpose.
    """

    projection: str
    version: int | None
    position: int | None
    lag_seconds: float
    lag_events: int
    parked_cases: int
    rebuilding_version: int | None
    rebuilding_position: int | None
    rebuild_still_seconds: float | None
    heartbeat_age_seconds: float | None

    @property
    def is_rebuild_still(self) -> bool:
        """Whether nobody gets on with the build that is being made."""
        still = self.rebuild_still_seconds
        return still is not None and still > REBUILD_STILL_SECONDS_MAX


@dataclass(frozen=True)
class Worker:
    """Who beats: one per worker process and start."""

    worker_id: UUID = field(default_factory=uuid4)
    host: str = field(default_factory=socket.gethostname)
    process_id: int = field(default_factory=os.getpid)


_READ_STATE = text("""
    SELECT b.position, least(unread.position, horizon) - 1 AS read_to,
        coalesce(extract(epoch FROM clock_timestamp() - unread.recorded_at), 0)::float8
            AS lag_seconds
    FROM projection_builds b CROSS JOIN event_horizon LEFT JOIN LATERAL (
        SELECT e.position, e.recorded_at FROM events e
        WHERE e.position > b.position ORDER BY e.position LIMIT 1
    ) AS unread ON true
    WHERE b.build = :build
""")

_HEALTH = text("""
    SELECT b.build, b.version, b.position,
        extract(epoch FROM clock_timestamp() - b.fed_at)::float8 AS still_seconds,
        coalesce(extract(epoch FROM clock_timestamp() - (
            SELECT e.recorded_at FROM events e
            WHERE e.position > b.position ORDER BY e.position LIMIT 1
        )), 0)::float8 AS lag_seconds,
        (SELECT count(*) FROM (
            SELECT FROM events e WHERE e.position > b.position LIMIT :most + 1
        ) AS unread) AS lag_events,
        (SELECT count(*) FROM parked_cases p WHERE p.build = b.build) AS parked_cases
    FROM projection_builds b
""")

_BEAT_AGE = text("""
    SELECT extract(epoch FROM clock_timestamp() - max(beat_at))::float8 FROM projection_workers
""")

# Rows that somebody writes at this moment are of workers that live.
_FORGET_SILENT = text("""
    DELETE FROM projection_workers WHERE worker_id IN (
        SELECT worker_id FROM projection_workers
        WHERE beat_at < clock_timestamp() - make_interval(secs => :heard_seconds)
        FOR UPDATE SKIP LOCKED
    )
""")


# One statement in a transaction of its own. Nobody waits for the disk. `reviews_at` is for web
# servers of an older version.
_PREPARE_BEAT = """
    PREPARE worker_beats (uuid, text, integer, interval, jsonb) AS
    WITH unsynced AS (SELECT set_config('synchronous_commit', 'off', true)),
    gone AS (
        DELETE FROM projection_workers WHERE beat_at < clock_timestamp() - $4 AND worker_id <> $1
    )
    INSERT INTO projection_workers (
        worker_id, host, process_id, started_at, beat_at, silences, timers_at, reviews_at
    )
    SELECT $1, $2, $3, clock_timestamp(), clock_timestamp(), $5,
        clock_timestamp() - make_interval(secs => ($5 ->> 'timers')::float8),
        clock_timestamp() - make_interval(secs => ($5 ->> 'reviews')::float8)
    FROM unsynced
    ON CONFLICT (worker_id) DO UPDATE SET beat_at = excluded.beat_at,
        silences = excluded.silences, timers_at = excluded.timers_at,
        reviews_at = excluded.reviews_at
"""
_BEAT = "EXECUTE worker_beats (%s, %s, %s, %s, %s)"


def read_state(connection: Connection, projection: str) -> ReadState:
    """How far the read model's build in use has read. Raises ReadModelNotReady."""
    row = connection.execute(_READ_STATE, {"build": projection}).first()
    if row is None:
        raise ReadModelNotReady(projection)
    return ReadState(row.position, max(0.0, row.lag_seconds), row.read_to)


def projection_health(
    connection: Connection, versions: Mapping[str, int]
) -> list[ProjectionHealth]:
    """The state of each of these read models, in this order; the versions are the caller's."""
    found = {row.build: row for row in connection.execute(_HEALTH, {"most": LAG_EVENTS_MAX})}
    beat_age = connection.execute(_BEAT_AGE).scalar()
    return [_health_of(name, ours, found, beat_age) for name, ours in versions.items()]


def _health_of(
    name: str, ours: int, found: dict[str, Any], beat_age: float | None
) -> ProjectionHealth:
    live, coming = found.get(name), found.get(f"{name}_next")
    shown = live or coming
    made_here = coming if coming and coming.version == ours else None
    return ProjectionHealth(
        projection=name,
        version=live.version if live else None,
        position=live.position if live else None,
        lag_seconds=max(0.0, shown.lag_seconds) if shown else 0.0,
        lag_events=shown.lag_events if shown else 0,
        parked_cases=shown.parked_cases if shown else 0,
        rebuilding_version=coming.version if coming else None,
        rebuilding_position=coming.position if coming else None,
        rebuild_still_seconds=max(0.0, made_here.still_seconds) if made_here else None,
        heartbeat_age_seconds=max(0.0, beat_age) if beat_age is not None else None,
    )


def beat(
    database: Engine,
    worker: Worker,
    silences: Mapping[str, float | None],
) -> None:
    """Note that the worker is alive, and forget those not heard of for long.

    `silences`: for each of its watches the seconds since a round went well; None if none ever did.
    """
    who = (str(worker.worker_id), worker.host, worker.process_id)
    values = (*who, FORGET_WORKERS_AFTER, json.dumps(silences))
    connections_of(database).write(_BEAT, values, preparation=_PREPARE_BEAT)


def sign_off(connection: Connection, worker: Worker) -> None:
    """Note that the worker stopped on purpose, and forget those that fell silent before it.

    Else, once nobody runs, the last that was heard of workers would seem to be one of these. One
    that only hung tells of itself anew with its next beat.
    """
    connection.execute(WORKERS.delete().where(WORKERS.c.worker_id == worker.worker_id))
    connection.execute(_FORGET_SILENT, {"heard_seconds": WORKER_HEARD_SECONDS})
