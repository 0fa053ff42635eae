"""Migrating a database, and taking over a store that was restored from a dump."""

import json
from contextlib import closing
from uuid import uuid4

import psycopg2
import pytest

from service.settings import Settings
from tests.cli.conftest import Run
from tests.cli.processes import environment_of, free_port

FAR_AHEAD = 1 << 60


def test_migrate_brings_an_empty_database_up_to_date(run: Run, empty_database: Settings) -> None:
    env = environment_of(empty_database)

    first = run("migrate", "--json", env=env)
    second = run("migrate", env=env)

    assert "0001" in json.loads(first.stdout)["applied"]
    assert second.exit_code == 0
    assert second.stdout == ""
    assert second.stderr == "Nothing to do: it is up to date.\n"
    assert run("token", "list", env=env).exit_code == 0


@pytest.fixture
def restored(owner_database_url: str) -> None:
    """The database holds an event from a cluster that is far ahead of this one."""
    row = (FAR_AHEAD, str(uuid4()))
    with closing(psycopg2.connect(owner_database_url)) as connection, connection:
        connection.cursor().execute(
            "INSERT INTO events VALUES (%s, now(), %s, 1, 'case_closed:1', '{}')", row
        )


def test_a_restored_store_is_adopted(run: Run, restored: None) -> None:
    before = run("doctor").stdout

    first = json.loads(run("store", "adopt", "--json").stdout)
    again = run("store", "adopt")

    assert "it comes from another PostgreSQL cluster" in before
    assert first["adopted"]
    assert again.stderr == "Nothing to do: the store belongs to this cluster.\n"
    assert "it comes from another PostgreSQL cluster" not in run("doctor").stdout


@pytest.mark.parametrize("command", ["web", "worker", "serve"])
def test_nothing_serves_from_a_restored_store(run: Run, restored: None, command: str) -> None:
    result = run(command, env={"PORT": str(free_port())})

    assert result.exit_code == 5
    assert "amends store adopt" in result.stderr
