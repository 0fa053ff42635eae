"""Migrating a database, checking a store, and taking over one restored from a dump."""

import json
from contextlib import closing
from uuid import uuid4

import psycopg2
import pytest
from eventsourcing.persistence import StoredEvent

from api.cli.errors import explained
from api.cli.exits import Exit
from service.assembly import Service
from service.migrating import MigrationBlocked
from service.settings import Settings
from service.store_check import RULES
from tests.an_alarm import raise_one
from tests.cli.conftest import Run
from tests.cli.processes import environment_of, free_port
from tests.given import Story

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

    first = json.loads(run("store", "adopt", "--without-erasures", "--json").stdout)
    again = run("store", "adopt")

    assert "it comes from another PostgreSQL cluster" in before
    assert first["adopted"]
    assert again.stderr == "Nothing to do: the store belongs to this cluster.\n"
    assert "it comes from another PostgreSQL cluster" not in run("doctor").stdout


def test_a_recovered_store_goes_on_above_what_was_lost(run: Run, service: Service) -> None:
    service.cases.record(Story().after("report").events)

    adopting = ("store", "adopt", "--recovered", "--without-erasures", "--json")

    first = json.loads(run(*adopting).stdout)
    again = json.loads(run("store", "adopt", "--json").stdout)

    assert (first["adopted"], first["base"]) == (True, 1 << 42)
    assert (again["adopted"], again["base"]) == (False, 1 << 42)
    assert run("store", "check").exit_code == 0


@pytest.mark.parametrize("command", ["web", "worker", "serve"])
def test_nothing_serves_from_a_restored_store(run: Run, restored: None, command: str) -> None:
    result = run(command, env={"PORT": str(free_port())})

    assert result.exit_code == 5
    assert "amends store adopt" in result.stderr


def test_a_sound_store_is_said_to_be_sound(run: Run, fed: Story) -> None:
    full, quick = run("store", "check"), run("store", "check", "--quick")

    assert full.exit_code == quick.exit_code == 0
    assert full.stdout.endswith("\nSound: 2 events and 0 records.\n")
    assert all(f"ok       {rule} " in full.stdout for rule in RULES)
    assert "contents" not in quick.stdout


def test_a_broken_store_is_named_rule_by_rule(run: Run, fed: Story, service: Service) -> None:
    damaged = StoredEvent(fed.case.id, 4, "case_sold:1", b'{"secret": 1}')
    (recorded,) = service.recorder.append([damaged])

    people, script = run("store", "check"), run("store", "check", "--json")

    found = json.loads(script.stdout)
    rules = {each["rule"]: each for each in found["rules"]}
    assert people.exit_code == script.exit_code == 1
    assert (found["ok"], found["events"], found["records"]) == (False, 3, 0)
    assert list(rules) == list(RULES)
    assert rules["versions"]["first"] == [f"case {fed.case.id}: 4 after 2"]
    assert rules["contents"]["violations"] == 1
    assert rules["order"]["violations"] == 0
    assert f"position {recorded.id}: cannot read case_sold:1" in people.stdout
    assert people.stdout.endswith("\n2 rules are broken.\n")
    assert "secret" not in people.output + script.output


def test_rows_of_alarms_are_mended_from_the_records(
    run: Run, service: Service, owner_database_url: str
) -> None:
    raise_one(service, "a")
    with closing(psycopg2.connect(owner_database_url)) as connection, connection:
        connection.cursor().execute("DELETE FROM alarm_states")

    wrong = run("store", "check", "--quick")
    first, script = run("store", "mend-alarms"), run("store", "mend-alarms", "--json")
    again = run("store", "mend-alarms")

    assert wrong.exit_code == 1
    assert "it has no row: `amends store mend-alarms` makes it anew" in wrong.stdout
    assert first.stderr == "Mended 1 alarm.\n"
    assert json.loads(script.stdout) == {"mended": 0}
    assert again.stderr == "Nothing to do: every alarm is right.\n"
    assert run("store", "check", "--quick").exit_code == 0


def test_a_migration_that_waits_in_vain_says_so() -> None:
    said = explained(MigrationBlocked("0019"))

    assert said.exit_code == Exit.REFUSED
    assert "migration 0019 is not applied" in str(said)


def test_a_restored_store_is_named_by_the_check_too(run: Run, restored: None) -> None:
    result = run("store", "check", "--json")

    rules = {each["rule"]: each["violations"] for each in json.loads(result.stdout)["rules"]}
    assert result.exit_code == 1
    assert rules["base"] == 1
