"""Connections that die, hang or run out: told apart, replaced, never shared with a child."""

import os
from contextlib import closing
from uuid import uuid4

import psycopg2
import pytest

from service.database import create_engine
from service.event_store import EventRecorder, StoreBusy, StoreUnavailable, connections
from service.settings import Settings
from tests.service.event_store.steps import (
    a_command,
    all_at_once,
    an_event,
    append_without_commit,
    ask,
    until,
)


@pytest.fixture
def hang_up(postgres_url, settings):
    """Ends every connection to this test's database, as a restart of the server would."""
    name = settings.required_database_url().partition("?")[0].rpartition("/")[2]

    def end() -> int:
        with closing(psycopg2.connect(postgres_url)) as superuser:
            return ask(
                superuser,
                "SELECT count(pg_terminate_backend(pid, 5000))"
                " FROM pg_stat_activity WHERE datname = %s",
                name,
            )

    return end


def test_a_connection_found_dead_is_replaced_before_an_append(recorder, hang_up, monkeypatch):
    monkeypatch.setattr(connections, "TRUSTED_IDLE_SECONDS", 0)
    recorder.append([an_event()])
    assert hang_up() == 1

    (recorded,) = recorder.append([an_event()])

    assert recorder.select_events(recorded.originator_id) == [recorded]


def test_a_read_is_tried_again_on_a_new_connection(recorder, hang_up, monkeypatch):
    monkeypatch.setattr(connections, "TRUSTED_IDLE_SECONDS", 60)
    (recorded,) = recorder.append([an_event()])
    hang_up()

    events = recorder.select_events(recorded.originator_id)

    assert events == [recorded]


def test_an_append_whose_connection_breaks_is_never_repeated_by_itself(
    recorder, hang_up, monkeypatch
):
    monkeypatch.setattr(connections, "TRUSTED_IDLE_SECONDS", 60)
    recorder.append([an_event()])
    hang_up()
    command = a_command()

    with pytest.raises(StoreUnavailable):
        recorder.append([an_event()], command=command)

    assert recorder.find_command(command.command_id) is None
    recorder.append([an_event()], command=command)


def test_waiting_too_long_for_the_same_version_is_busy(recorder, other_writer, monkeypatch):
    monkeypatch.setattr(connections, "_LOCK_TIMEOUT", "50ms")
    case = uuid4()
    append_without_commit(other_writer, an_event(case, 1))

    with pytest.raises(StoreBusy):
        recorder.append([an_event(case, 1)])

    other_writer.rollback()
    assert recorder.select_events(case) == []
    recorder.append([an_event(case, 1)])


def test_a_database_that_is_not_there_is_unavailable(tmp_path):
    engine = create_engine(Settings(database_url=f"postgresql:///amends?host={tmp_path}"))

    with pytest.raises(StoreUnavailable):
        EventRecorder(engine).append([an_event()])

    engine.dispose()


def test_connections_never_outnumber_the_pool(settings, recorder, engine):
    small = create_engine(settings, pool_size=2)
    narrow = EventRecorder(small)

    all_at_once([lambda: narrow.append([an_event()])] * 20)

    assert len(connections.connections_of(small)._idle) <= 2
    small.dispose()
    assert len(connections.connections_of(small)._idle) == 0


def test_an_exhausted_pool_is_unavailable_not_stuck(engine, monkeypatch):
    monkeypatch.setattr(connections, "FREE_CONNECTION_TIMEOUT_SECONDS", 0.01)
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 0)
    monkeypatch.setattr(engine.pool, "size", lambda: 0)
    none_left = connections.Connections(engine)

    with pytest.raises(StoreUnavailable, match="in use"):
        none_left.read("SELECT 1")


def test_a_connection_that_cannot_be_set_up_is_closed(
    recorder, postgres_url, settings, monkeypatch
):
    """Else each try would leave one open, until the server has none left."""
    name = settings.required_database_url().partition("?")[0].rpartition("/")[2]
    monkeypatch.setattr(connections, "_LOCK_TIMEOUT", "no time")

    failures = []  # kept: forgetting an error would close what its frames hold
    for _ in range(3):
        with pytest.raises(StoreUnavailable) as failure:
            recorder.append([an_event()])
        failures.append(failure)

    with closing(psycopg2.connect(postgres_url)) as superuser:
        left = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        until(lambda: ask(superuser, left, name) == 0)


def test_a_forked_child_does_not_use_its_parents_connections(recorder, engine):
    recorder.append([an_event()])
    kept = connections.connections_of(engine)
    assert len(kept._idle) == 1

    child = os.fork()
    if child == 0:
        os._exit(len(kept._idle))

    assert os.waitpid(child, 0)[1] == 0
    recorder.append([an_event()])
    assert len(kept._idle) == 1


def test_everything_on_one_engine_shares_its_connections(engine):
    assert connections.connections_of(engine) is connections.connections_of(engine)


def test_a_faulty_statement_is_not_an_outage(engine):
    with pytest.raises(Exception, match="refused the statement") as fault:
        connections.connections_of(engine).read("SELECT 1 / 0")

    assert not isinstance(fault.value, StoreUnavailable)
    assert connections.connections_of(engine).read("SELECT 1") == [(1,)]
