"""Who holds readers back is found at once: here, in another database, prepared, or hidden."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import psycopg2
import pytest
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from service.database import create_engine
from service.event_store import Blocker, HorizonHealth, horizon_health
from service.event_store.horizon import HELD_SECONDS_MAX
from service.settings import Settings
from tests.service.event_store.steps import an_event, append_without_commit, ask, until

STRANGER = "amends_stranger"
APPLICATION = "stock taking"


@pytest.fixture
def elsewhere(postgres_url: str) -> Iterator[PgConnection]:
    """Another application's connection to another database of the cluster."""
    with closing(psycopg2.connect(postgres_url, application_name=APPLICATION)) as connection:
        yield connection


@pytest.fixture
def held_by(engine: Engine) -> Callable[[int | None], HorizonHealth]:
    """The state of the horizon, once a process holds it and not the server's own upkeep."""

    def ask_until_seen(process_id: int | None) -> HorizonHealth:
        found: list[HorizonHealth] = []

        def is_seen() -> bool:
            found.append(horizon_health(engine))
            blocker = found[-1].blocker
            return blocker is not None and blocker.process_id == process_id

        until(is_seen)
        return found[-1]

    return ask_until_seen


def free(engine: Engine) -> None:
    """Wait until nothing holds the horizon."""
    until(lambda: horizon_health(engine).blocker is None)


def write(connection: PgConnection) -> int:
    """Take a transaction id and leave the transaction open; the server's process id."""
    ask(connection, "SELECT pg_current_xact_id()::text")
    return int(ask(connection, "SELECT pg_backend_pid()"))


def test_while_nobody_writes_nobody_is_named(engine, recorder):
    recorder.append([an_event()])

    free(engine)

    health = horizon_health(engine)
    assert (health.waiting_events, health.waiting_seconds) == (0, 0)
    assert (health.held_seconds, health.is_held) == (0, False)
    assert health.horizon <= recorder.horizon()


def test_a_writer_that_idles_is_named_with_what_waits_for_it(held_by, recorder, other_writer):
    append_without_commit(other_writer, an_event())
    process = ask(other_writer, "SELECT pg_backend_pid()")

    recorder.append([an_event()])
    recorder.append([an_event()])

    health = held_by(process)
    assert health.blocker is not None
    assert health.blocker.state == "idle in transaction"
    assert health.waiting_events == 2
    assert 0 < health.waiting_seconds <= health.held_seconds


def test_a_writer_in_another_database_is_named(held_by, recorder, elsewhere):
    process = write(elsewhere)
    recorder.append([an_event()])

    health = held_by(process)

    assert health.blocker is not None
    named = replace(health.blocker, seconds=None)
    assert named == Blocker(process, "postgres", APPLICATION, "idle in transaction", None)
    assert health.blocker.seconds is not None
    assert health.waiting_events == 1


def test_a_prepared_transaction_is_named_though_no_process_runs_it(held_by, recorder, elsewhere):
    elsewhere.tpc_begin(elsewhere.xid(1, "stock", "taking"))
    write(elsewhere)
    elsewhere.tpc_prepare()
    recorder.append([an_event()])

    try:
        health = held_by(None)
    finally:
        elsewhere.tpc_rollback()

    assert health.blocker is not None
    assert replace(health.blocker, seconds=None) == Blocker(None, "postgres", "", "prepared", None)
    assert health.waiting_events == 1


def test_a_reader_of_an_old_snapshot_holds_nobody_back(engine, recorder, elsewhere):
    with elsewhere.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT count(*) FROM pg_class")

    recorder.append([an_event()])

    free(engine)
    assert horizon_health(engine).waiting_events == 0


def test_the_oldest_of_several_writers_is_named(held_by, elsewhere, other_writer):
    first = write(elsewhere)
    second = write(other_writer)

    assert held_by(first).waiting_events == 0
    elsewhere.rollback()
    assert held_by(second).waiting_events == 0


@pytest.mark.parametrize(
    ("waiting", "since", "is_held"),
    [
        (0.0, HELD_SECONDS_MAX + 0.1, True),
        (HELD_SECONDS_MAX + 0.1, None, True),
        (0.0, HELD_SECONDS_MAX - 0.1, False),
        (0.0, None, False),
    ],
)
def test_within_five_seconds_it_is_a_fault(waiting, since, is_held):
    blocker = Blocker(1, "shop", "stock taking", None, since)

    health = HorizonHealth(0, 1, waiting, blocker)

    assert HELD_SECONDS_MAX < 5
    assert health.is_held is is_held


@pytest.fixture
def stranger(settings: Settings, postgres_url: str) -> Iterator[Settings]:
    """A role that may read the log and nothing else; it is no member of pg_monitor."""
    url = make_url(settings.required_database_url())
    with closing(psycopg2.connect(postgres_url, dbname=url.database)) as superuser:
        superuser.autocommit = True
        cursor = superuser.cursor()
        cursor.execute(f"CREATE ROLE {STRANGER} LOGIN")
        cursor.execute(f"GRANT SELECT ON events, event_horizon TO {STRANGER}")
        theirs = url.set(username=STRANGER).render_as_string(hide_password=False)
        yield replace(settings, database_url=theirs)
        cursor.execute(f"DROP OWNED BY {STRANGER}")
        cursor.execute(f"DROP ROLE {STRANGER}")


def test_what_postgresql_hides_from_the_role_is_said_to_be_hidden(stranger, recorder, elsewhere):
    process = write(elsewhere)
    recorder.append([an_event()])
    engine = create_engine(stranger)

    health = horizon_health(engine)

    engine.dispose()
    assert health.blocker == Blocker(process, "postgres", APPLICATION, None, None)
    assert health.waiting_events == 1
    assert health.held_seconds == health.waiting_seconds > 0


def test_counting_what_waits_has_an_end(held_by, recorder, other_writer, monkeypatch):
    monkeypatch.setattr("service.event_store.horizon.COUNTED_EVENTS_MAX", 2)
    process = write(other_writer)

    for _ in range(5):
        recorder.append([an_event()])

    assert held_by(process).waiting_events == 3
