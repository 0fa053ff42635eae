"""The worker feeds until told to stop, shows that it is alive, and outlives outages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, func, select, text
from sqlalchemy.exc import OperationalError

from projections import worker
from projections.engine import ProjectionEngine
from projections.health import WORKERS, Worker, beat, sign_off
from projections.resting import Stillness
from projections.worker import (
    IDLE_WAIT_SECONDS,
    OUTAGE_WAIT_SECONDS,
    Feeding,
    Pace,
    run_worker,
)
from service.database import psycopg2_url
from tests.projections.rows import folded_rows, stored_rows
from tests.projections.test_engine import fill
from tests.projections.toy import TOY, ToyLog


@contextmanager
def running(engine: ProjectionEngine, **options: Any) -> Iterator[None]:
    """A worker in a thread, stopped at the end."""
    stop = Event()
    thread = Thread(target=run_worker, args=(engine, stop), kwargs=options)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=60)
        assert not thread.is_alive()


def wait_for(log: ToyLog, engine: ProjectionEngine) -> None:
    """Wait until the worker has read everything."""
    assert engine.wait_until("toy", log.stored[-1].id, timeout_seconds=60)


def workers_alive(engine: Engine) -> int:
    """How many workers have signed on."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(WORKERS)).scalar_one()


def test_a_worker_builds_and_feeds(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 50)

    with running(toy_engine):
        wait_for(toy_log, toy_engine)
        fill(toy_log, 25)
        wait_for(toy_log, toy_engine)

    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_a_worker_is_seen_while_it_runs(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 20)

    with running(toy_engine):
        wait_for(toy_log, toy_engine)
        during = workers_alive(engine)
        (health,) = toy_engine.projection_health()

    assert during == 1
    assert health.heartbeat_age_seconds is not None
    assert health.heartbeat_age_seconds < 60
    assert workers_alive(engine) == 0


def test_a_farewell_is_the_last_that_is_heard_of_workers(
    engine: Engine, toy_engine: ProjectionEngine
) -> None:
    dead, alive, leaving = Worker(), Worker(), Worker()
    for each in (dead, alive, leaving):
        beat(engine, each, {})
    with engine.begin() as connection:
        late = WORKERS.c.worker_id == dead.worker_id
        age = {"beat_at": WORKERS.c.beat_at - timedelta(minutes=7)}
        connection.execute(WORKERS.update().where(late).values(age))

    with engine.begin() as connection:
        sign_off(connection, leaving)
    beside = heard_seconds(toy_engine)
    with engine.begin() as connection:
        sign_off(connection, alive)

    assert beside is not None
    assert beside < 60
    assert heard_seconds(toy_engine) is None


def heard_seconds(toy_engine: ProjectionEngine) -> float | None:
    (health,) = toy_engine.projection_health()
    return health.heartbeat_age_seconds


def test_a_worker_outlives_lost_connections(
    toy_engine: ProjectionEngine,
    toy_log: ToyLog,
    engine: Engine,
    owner_database_url: str,
    postgres_url: str,
) -> None:
    fill(toy_log, 30)
    owner = create_engine(psycopg2_url(owner_database_url))
    observer = ProjectionEngine(owner, toy_log, toy_log, [TOY])

    with running(toy_engine):
        for seed in range(5):
            wait_for(toy_log, observer)
            _end_connections_of(engine, postgres_url)
            fill(toy_log, 20, seed=seed)
        wait_for(toy_log, observer)

    owner.dispose()
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)
    assert toy_engine.parked_cases("toy") == []


def _end_connections_of(engine: Engine, superuser_url: str) -> None:
    superuser = create_engine(psycopg2_url(superuser_url), poolclass=NullPool)
    theirs = "datname = :database AND usename = :username"
    names = {"database": engine.url.database, "username": engine.url.username}
    with superuser.connect() as connection:
        found = text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {theirs}")
        connection.execute(found, names)


def test_housekeeping_is_done_now_and_then(toy_engine: ProjectionEngine) -> None:
    done = Event()

    with running(toy_engine, housekeeping=done.set):
        waited = done.wait(timeout=60)

    assert waited


def test_housekeeping_that_fails_does_not_stop_the_feeding(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 20)

    def fail() -> None:
        raise PermissionError

    with running(toy_engine, housekeeping=fail):
        wait_for(toy_log, toy_engine)

    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_the_pace_follows_the_work() -> None:
    pace = Pace()

    waits = [pace.after(applied) for applied in (500, 0, 0, *[0] * 20, 1)]

    assert waits[0] == waits[-1] == 0
    assert waits[1] < waits[2] < IDLE_WAIT_SECONDS
    assert waits[-2] == IDLE_WAIT_SECONDS


def test_an_outage_is_waited_out_ever_longer(toy_engine: ProjectionEngine) -> None:
    def away() -> object:
        raise OperationalError("", {}, Exception())

    feeding, pace = Feeding(toy_engine, away, Stillness()), Pace()

    waits = [worker._round(feeding, [], pace) for _ in range(10)]

    assert waits == sorted(waits)
    assert waits[-1] == OUTAGE_WAIT_SECONDS
