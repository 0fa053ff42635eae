"""A dump restored into a younger cluster: refused, adopted, and read on without a hole."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from eventsourcing.persistence import DatabaseError

from service.database import create_engine, create_owner_engine
from service.embedded_postgres import DATABASE, SUPERUSER, EmbeddedPostgres
from service.event_store import (
    EventRecorder,
    StoreFromAnotherCluster,
    adopt_store,
    check_cluster,
)
from service.event_store.connections import connections_of
from service.settings import Settings
from tests.postgres_programs import run
from tests.service.event_store.steps import a_command, an_event, ask, readable

TRANSACTIONS = 3_000  # more than a new cluster has used up
CASE, COMMAND = uuid4(), a_command()


@pytest.fixture
def young_server() -> Iterator[EmbeddedPostgres]:
    """Another throwaway cluster, in a directory that the server's user may enter."""
    with tempfile.TemporaryDirectory(prefix="amends-young-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        with EmbeddedPostgres(Path(name), throwaway=True) as server:
            yield server


@pytest.fixture
def dumped(recorder, settings, postgres_server, owner, tmp_path) -> Path:
    """A store of three events and a command, dumped after many more transactions."""
    for _ in range(TRANSACTIONS):
        ask(owner, "SELECT pg_current_xact_id()::text")
    recorder.append([an_event(CASE, 1)], command=COMMAND)
    recorder.append([an_event(CASE, 2), an_event(CASE, 3)])
    name = settings.required_database_url().partition("?")[0].rpartition("/")[2]
    run("pg_dump", "-f", str(tmp_path / "dump"), postgres_server.url_for(SUPERUSER, name))
    return tmp_path / "dump"


@pytest.fixture
def restored(dumped, young_server) -> Settings:
    """That store in the younger cluster."""
    target = young_server.url_for(SUPERUSER, DATABASE)
    run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dumped), target)
    return Settings(database_url=young_server.url, owner_database_url=young_server.owner_url)


def test_a_restored_store_goes_on_where_it_ended(recorder, restored):
    before = recorder.select_events(CASE)
    engine, owner_engine = create_engine(restored), create_owner_engine(restored)
    with pytest.raises(StoreFromAnotherCluster):
        check_cluster(engine)

    adopt_store(owner_engine)

    check_cluster(engine)
    moved = EventRecorder(engine)
    (after,) = moved.append([an_event(CASE, 4)])
    readable(moved, after.id)
    assert moved.read_page(0, 10).events == [*before, after]
    assert moved.read_page(before[-1].id, 10).events == [after]
    assert moved.find_command(COMMAND.command_id) == recorder.find_command(COMMAND.command_id)
    for used in (engine, owner_engine):
        used.dispose()


def test_a_restored_log_can_still_only_grow(restored):
    engine = create_owner_engine(restored)

    with pytest.raises(DatabaseError):
        connections_of(engine).write("DELETE FROM events")

    ((number,),) = connections_of(engine).read("SELECT count(*) FROM events")
    assert number == 3
    engine.dispose()
