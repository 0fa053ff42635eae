"""The embedded PostgreSQL is shared, survives crashes and Ctrl-C, and stops with its last user."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from service import embedded_postgres, postgres_cluster
from service.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, database_for
from service.master_key import load_master_key
from service.setting_values import SettingsError
from service.settings import Settings

ROOT = Path(__file__).parents[2]
TYPED = "Zhang Wei never got the refund"

# Enters the directory in its first argument, says so, and waits for its standard input to end.
USER_PROGRAM = """
import sys
from pathlib import Path
import psycopg2
from service.embedded_postgres import EmbeddedPostgres

with EmbeddedPostgres(Path(sys.argv[1]), throwaway=True) as server:
    connection = psycopg2.connect(server.url)
    try:
        print(server.url, flush=True)
        sys.stdin.read()
    except KeyboardInterrupt:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'still there'")
            print(cursor.fetchone()[0], flush=True)
    connection.close()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory with a short path; whatever server a test leaves there is ended."""
    directory = Path(tempfile.mkdtemp(prefix="amends-tests-"))
    directory.chmod(0o711)
    yield directory
    for process in server_processes(directory):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    shutil.rmtree(directory)


def server_processes(home: Path) -> list[psutil.Process]:
    processes = psutil.process_iter(["name", "cwd"])
    return [each for each in processes if (each.info["cwd"] or "").startswith(str(home))]


def answer(url: str, statement: str) -> Any:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        value = cursor.fetchone()[0] if cursor.description else None
        connection.commit()
        return value


def another_user(home: Path, **options: Any) -> subprocess.Popen[str]:
    """A process that has entered the directory."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER_PROGRAM, str(home)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("postgresql://")
    return process


def test_it_runs_as_in_production_and_keeps_its_data(home):
    with EmbeddedPostgres(home) as server:
        assert answer(server.url, "SHOW fsync") == "on"
        assert answer(server.url, "SHOW synchronous_commit") == "on"
        assert answer(server.url, "SHOW data_checksums") == "on"
        assert answer(server.url, "SHOW listen_addresses") == ""
        assert answer(server.url, "SHOW server_version").startswith("18")
        answer(server.owner_url, "CREATE TABLE kept AS SELECT 42 AS number")

    assert server_processes(home) == []
    with EmbeddedPostgres(home) as server:
        assert answer(server.owner_url, "SELECT number FROM kept") == 42


def test_the_service_role_owns_nothing_and_is_no_superuser(home):
    question = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"

    with EmbeddedPostgres(home, throwaway=True) as server:
        assert answer(server.url, question) is False
        assert answer(server.owner_url, question) is False
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            answer(server.url, "CREATE TABLE mine ()")


def test_other_users_of_the_machine_cannot_connect(home):
    with EmbeddedPostgres(home, throwaway=True):
        hba = (home / "postgres" / "pg_hba.conf").read_text()
        socket_mode = (home / "postgres" / ".s.PGSQL.5432").stat().st_mode

    assert hba.splitlines() == [
        "local all all peer map=amends",
        "local replication all peer map=amends",
    ]
    assert socket_mode & 0o077 == 0


def test_users_share_the_server_and_the_last_one_stops_it(home):
    with EmbeddedPostgres(home, throwaway=True) as first:
        with EmbeddedPostgres(home, throwaway=True) as second:
            started = answer(second.url, "SELECT pg_postmaster_start_time()")
        other = another_user(home)

        assert answer(first.url, "SELECT pg_postmaster_start_time()") == started
    assert server_processes(home) != []
    other.communicate()
    assert server_processes(home) == []


def test_a_user_that_was_killed_leaves_a_server_that_the_next_one_takes_over(home):
    killed = another_user(home)
    killed.kill()
    killed.communicate()

    with EmbeddedPostgres(home, throwaway=True) as server:
        assert answer(server.url, "SELECT 1") == 1
    assert server_processes(home) == []


def test_a_killed_server_starts_again(home):
    with EmbeddedPostgres(home, throwaway=True) as server:
        answer(server.owner_url, "CREATE TABLE kept AS SELECT 42 AS number")
        server_pid = int((home / "postgres" / "postmaster.pid").read_text().split()[0])
        psutil.Process(server_pid).kill()

        with EmbeddedPostgres(home, throwaway=True) as again:
            assert answer(again.owner_url, "SELECT number FROM kept") == 42


def test_a_server_that_recovers_for_ever_is_started_anew(home, monkeypatch):
    monkeypatch.setattr(embedded_postgres, "STUCK_SECONDS", 0.2)
    with EmbeddedPostgres(home, throwaway=True) as server:
        first = postmaster_of(home)
        makes_ready = server._ensure_database

        def recovers() -> None:
            if postmaster_of(home) == first:
                raise psycopg2.OperationalError("FATAL:  the database system is in recovery mode")
            makes_ready()

        monkeypatch.setattr(server, "_ensure_database", recovers)
        server._ensure_ready()

        assert postmaster_of(home) != first
        with closing(psycopg2.connect(server.url)) as connection:
            assert connection.status


def test_a_server_that_does_recover_is_waited_for(home, monkeypatch):
    monkeypatch.setattr(embedded_postgres, "STUCK_SECONDS", 0.1)
    monkeypatch.setattr(embedded_postgres, "START_TIMEOUT_SECONDS", 1.0)
    monkeypatch.setattr(postgres_cluster, "RECOVERS", "postgres: checkpointer")  # as if it did
    with EmbeddedPostgres(home, throwaway=True) as server:
        first = postmaster_of(home)

        def recovers() -> None:
            raise psycopg2.OperationalError("FATAL:  the database system is in recovery mode")

        monkeypatch.setattr(server, "_ensure_database", recovers)
        with pytest.raises(psycopg2.OperationalError):
            server._ensure_ready()

        assert postmaster_of(home) == first


def postmaster_of(home: Path) -> str:
    return (home / "postgres" / "postmaster.pid").read_text().splitlines()[0]


def test_a_process_id_that_now_belongs_to_somebody_else_does_no_harm(home):
    with EmbeddedPostgres(home, throwaway=True):
        notes = (home / "postgres" / "postmaster.pid").read_text()
    _, _, rest = notes.partition("\n")
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{rest}")

    with EmbeddedPostgres(home, throwaway=True) as server:
        assert answer(server.url, "SELECT 1") == 1


def test_a_first_start_that_was_cut_short_is_begun_again(home):
    (home / "postgres.new").mkdir()
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")

    with EmbeddedPostgres(home, throwaway=True) as server:
        assert answer(server.url, "SELECT 1") == 1


def test_a_socket_that_was_tidied_away_comes_back(home):
    with EmbeddedPostgres(home, throwaway=True):
        (home / "postgres" / ".s.PGSQL.5432").unlink()

        with EmbeddedPostgres(home, throwaway=True) as again:
            assert answer(again.url, "SELECT 1") == 1


@pytest.mark.parametrize("name", ["long" * 40, 'it\'s, "quoted" \\ 投诉 %s'])
def test_any_directory_name_will_do(home, name, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(home))  # other tests have sockets in the usual one

    with EmbeddedPostgres(home / name, throwaway=True) as server:
        assert answer(server.url, "SELECT 1") == 1

    assert list(home.glob("amends-socket-*")) == []


def test_directories_that_only_their_owner_may_enter_will_do(home):
    home.chmod(0o700)

    with EmbeddedPostgres(home / "inside", throwaway=True) as server:
        assert answer(server.url, "SELECT 1") == 1


def test_ctrl_c_reaches_the_service_and_not_the_database(home):
    service = another_user(home, start_new_session=True)

    os.killpg(service.pid, signal.SIGINT)
    said, _ = service.communicate()

    assert said == "still there\n"
    assert service.returncode == 0
    assert server_processes(home) == []


def test_a_forked_child_that_ends_does_not_stop_its_parents_server(home):
    with EmbeddedPostgres(home, throwaway=True) as server:
        child = os.fork()
        if child == 0:
            server.__exit__()
            os._exit(0)
        os.waitpid(child, 0)

        assert answer(server.url, "SELECT 1") == 1


def test_the_servers_log_repeats_nothing_that_was_typed(home):
    statements = [
        f"SELECT '{TYPED}'::int",
        f"INSERT INTO once VALUES ('{TYPED}'), ('{TYPED}')",
        f"DO $$ BEGIN PERFORM 1/0; EXCEPTION WHEN OTHERS THEN RAISE '%', 'x'; END $$ -- {TYPED}",
    ]
    with EmbeddedPostgres(home, throwaway=True) as server:
        answer(server.owner_url, "CREATE TABLE once (word text PRIMARY KEY)")
        for statement in statements[1:]:
            with pytest.raises(psycopg2.Error):
                answer(server.owner_url, statement)
    logs = "".join(path.read_text() for path in (home / "postgres" / "log").iterdir())

    assert "duplicate key value" in logs
    assert TYPED not in logs


def test_settings_without_a_database_get_one_and_a_master_key(home):
    with database_for(Settings(data_dir=home)) as settings:
        assert answer(settings.required_database_url(), "SELECT current_user") == "amends"
        assert settings.owner_database_url is not None
        assert answer(settings.owner_database_url, "SELECT current_user") == "amends_owner"
        assert len(load_master_key(settings)) == 32

    (home / "master.key").unlink()
    with pytest.raises(SettingsError, match="restore it"), database_for(Settings(data_dir=home)):
        pass


def test_settings_with_a_database_are_left_alone(home):
    given = Settings(database_url="postgresql://db/amends", data_dir=home)

    with database_for(given) as settings:
        assert settings is given

    assert list(home.iterdir()) == []


def test_what_to_do_is_said_when_it_is_not_installed(home, monkeypatch):
    monkeypatch.setattr(postgres_cluster, "find_spec", lambda name: None)

    with pytest.raises(EmbeddedPostgresError, match="AMENDS_DATABASE_URL"), EmbeddedPostgres(home):
        pass


def test_a_failed_start_says_what_postgresql_said(home):
    with EmbeddedPostgres(home, throwaway=True):
        pass
    (home / "postgres" / "PG_VERSION").write_text("17\n")

    with pytest.raises(EmbeddedPostgresError, match="pg_ctl failed in") as failed:
        EmbeddedPostgres(home, throwaway=True).__enter__()

    assert "startup.log" in str(failed.value)
    assert server_processes(home) == []


def test_ctrl_c_while_it_starts_leaves_nothing_running(home, monkeypatch):
    def interrupted(server: EmbeddedPostgres) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(EmbeddedPostgres, "_ensure_database", interrupted)

    with pytest.raises(KeyboardInterrupt):
        EmbeddedPostgres(home, throwaway=True).__enter__()

    assert server_processes(home) == []


def test_a_directory_that_cannot_be_used_is_named(home):
    (home / "file").touch()

    with pytest.raises(EmbeddedPostgresError, match=r"cannot use .*file"):
        EmbeddedPostgres(home / "file", throwaway=True).__enter__()
