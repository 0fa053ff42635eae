"""The watch over the embedded database: patient with a full disk, not with a lost server."""

from __future__ import annotations

from pathlib import Path

import psycopg2
import pytest

from api.cli import database_watch
from api.cli.database_watch import ENDS_MAX, DatabaseWatch
from api.cli.exits import CommandError, Exit
from service.embedded_postgres import EmbeddedPostgresError
from service.postgres_cluster import PostgresCluster
from service.settings import Settings

GONE = "postgresql:///amends?host=/nowhere"


class StartedAgain:
    """An embedded server that starts each time it is asked to, at an address."""

    url = GONE

    def __init__(self, data_dir: Path) -> None:
        """Nothing is needed of the directory."""

    def __enter__(self) -> StartedAgain:
        return self

    def __exit__(self, *exception: object) -> None:
        """It goes on."""


class Broken(StartedAgain):
    def __enter__(self) -> StartedAgain:
        raise EmbeddedPostgresError


class Moved(StartedAgain):
    url = "postgresql:///amends?host=/elsewhere"


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DatabaseWatch:
    """A watch that does not wait, over a database that nobody finds."""
    monkeypatch.setattr(database_watch, "GONE_SECONDS", -1.0)
    monkeypatch.setattr(database_watch, "TRY_EVERY_SECONDS", -1.0)
    return DatabaseWatch(Settings(database_url=GONE, data_dir=tmp_path), embedded=True)


def test_a_server_that_does_not_start_is_tried_again_for_a_while(
    watch: DatabaseWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_watch, "EmbeddedPostgres", Broken)
    for _ in range(2 * ENDS_MAX):
        watch.check()
    monkeypatch.setattr(database_watch, "PATIENT_SECONDS", -1.0)

    with pytest.raises(CommandError) as stopped:
        watch.check()

    assert stopped.value.exit_code == Exit.STOPPED


@pytest.mark.parametrize("nobody_recovers", [True, False])
def test_a_server_that_says_for_ever_that_it_recovers_is_started_again(
    watch: DatabaseWatch, monkeypatch: pytest.MonkeyPatch, nobody_recovers: bool
) -> None:
    started = []

    class Noting(StartedAgain):
        def __enter__(self) -> StartedAgain:
            started.append(1)
            return self

    def recovers(*_: object, **__: object) -> None:
        raise psycopg2.OperationalError("FATAL:  the database system is in recovery mode")

    monkeypatch.setattr(database_watch, "EmbeddedPostgres", Noting)
    monkeypatch.setattr(psycopg2, "connect", recovers)
    monkeypatch.setattr(PostgresCluster, "nobody_recovers", lambda _: nobody_recovers)

    watch.check()
    at_first = len(started)
    monkeypatch.setattr(database_watch, "STUCK_SECONDS", -1.0)
    watch.check()

    assert at_first == 0
    assert len(started) == nobody_recovers


def test_a_server_that_keeps_ending_stops_everything(
    watch: DatabaseWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_watch, "EmbeddedPostgres", StartedAgain)
    for _ in range(ENDS_MAX - 1):
        watch.check()

    with pytest.raises(CommandError):
        watch.check()


def test_a_server_whose_socket_moved_stops_everything(
    watch: DatabaseWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_watch, "EmbeddedPostgres", Moved)

    with pytest.raises(CommandError):
        watch.check()
