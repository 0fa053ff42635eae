"""A server is lost and recovered to a moment before: the log goes on without a hole.

One drill for all tests of this file: base backup, archived WAL, the server killed and its files
deleted, recovery to a moment, as docs/how-to/back-up-and-restore.md tells it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import Engine

from projections.read_models import READ_MODELS, build_engine
from service.assembly import Service, build
from service.database import create_owner_engine
from service.embedded_postgres import EmbeddedPostgres
from service.event_store import Command, RecordedEvent, check_cluster, pass_lost_positions
from service.os_user import user_for
from service.postgres_cluster import SUPERUSER
from service.settings import Settings
from service.store_check import StoreReport, check_store
from tests.faults.own_server import OwnServer, own_server
from tests.given import Story
from tests.postgres_programs import run
from tests.projections.rows import Snapshot, stored_rows
from tests.service.event_store.steps import ask, readable, until

FINGERPRINT = bytes(32)
KEPT_COMMAND, LOST_COMMAND = Command(uuid4(), FINGERPRINT), Command(uuid4(), FINGERPRINT)


@dataclass(frozen=True)
class Drill:
    """The recovered server's settings, what was there before it was lost, and what came back."""

    settings: Settings
    kept: list[RecordedEvent]
    lost: list[RecordedEvent]
    rows: dict[str, Snapshot]
    recovered_rows: dict[str, Snapshot]
    check: StoreReport


def record(service: Service, story: Story, command: Command) -> list[RecordedEvent]:
    """Store a case's events under a command, and let every read model take them."""
    with service.mapper.sealing() as sealing:
        stored = service.mapper.stored(story.events, sealing)
        recorded = service.recorder.append(stored, command=command, new_keys=sealing.new_keys)
    readable(service.recorder, recorded[-1].id)
    build_engine(service).catch_up()
    return recorded


def rows_of(engine: Engine) -> dict[str, Snapshot]:
    return {model.name: stored_rows(engine, model) for model in READ_MODELS}


@pytest.fixture(scope="module")
def drill() -> Iterator[Drill]:
    place = Path(tempfile.mkdtemp(prefix="amends-recovery-"))
    place.chmod(0o711)
    archive, home = place / "archive", place / "home"
    archive.mkdir(mode=0o777)
    archive.chmod(0o777)
    home.mkdir(mode=0o711)
    try:
        with own_server() as server:
            kept, lost, moment, rows = lived(server, archive, home)
        prepare_recovery(home, archive, moment)
        with EmbeddedPostgres(home) as recovered:
            settings = replace(
                server.settings,
                database_url=recovered.url,
                owner_database_url=recovered.owner_url,
                data_dir=home,
            )
            wait_for_the_end_of_recovery(settings)
            yield Drill(settings, kept, lost, rows, *looked_at(settings))
    finally:
        shutil.rmtree(place, ignore_errors=True)


def lived(
    server: OwnServer, archive: Path, home: Path
) -> tuple[list[RecordedEvent], list[RecordedEvent], str, dict[str, Snapshot]]:
    """A life with a backup in it, up to the end of the server; what it left behind."""
    archive_from_now_on(server, archive)
    service = build(server.settings)
    kept = record(service, Story().after("report", "acknowledge"), Command(uuid4(), FINGERPRINT))
    back_up(server, home / "postgres")
    kept += record(service, Story().after("report", "assign"), KEPT_COMMAND)
    rows = rows_of(service.engine)
    with closing(superuser(server)) as connection:
        moment = ask(connection, "SELECT clock_timestamp()::text")
        lost = record(service, Story().after("report", "acknowledge", "assign"), LOST_COMMAND)
        file = ask(connection, "SELECT pg_walfile_name(pg_switch_wal())")
        archived = "SELECT coalesce(max(last_archived_wal), '') >= %s FROM pg_stat_archiver"
        until(lambda: ask(connection, archived, file))
    service.engine.dispose()
    server.kill()
    return kept, lost, moment, rows


def superuser(server: OwnServer) -> PgConnection:
    url = server.settings.required_database_url().replace("//amends@", f"//{SUPERUSER}@")
    connection = psycopg2.connect(url)
    connection.autocommit = True
    return connection


def archive_from_now_on(server: OwnServer, archive: Path) -> None:
    with closing(superuser(server)) as connection, connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET archive_mode = on")
        cursor.execute("ALTER SYSTEM SET archive_command = %s", (f"cp %p {archive}/%f",))
    server.kill()
    server.start()


def back_up(server: OwnServer, target: Path) -> None:
    url = server.settings.required_database_url().replace("//amends@", f"//{SUPERUSER}@")
    run("pg_basebackup", "-D", str(target), "-d", url, "-c", "fast", "-X", "none")


def prepare_recovery(home: Path, archive: Path, moment: str) -> None:
    """What an operator writes into the base backup before it is started."""
    cluster = home / "postgres"
    with (cluster / "postgresql.auto.conf").open("a", encoding="utf-8") as settings:
        settings.write(f"restore_command = 'cp {archive}/%f %p'\n")
        settings.write(f"recovery_target_time = '{moment}'\n")
        settings.write("recovery_target_action = promote\n")
    (cluster / "recovery.signal").touch()
    owner = user_for(home / "none", Path(shutil.which("true") or "/bin/true"))
    for path in (cluster, *cluster.rglob("*")):
        owner.own(path)


def wait_for_the_end_of_recovery(settings: Settings) -> None:
    with closing(psycopg2.connect(settings.required_database_url())) as connection:
        connection.autocommit = True
        until(lambda: not ask(connection, "SELECT pg_is_in_recovery()"))


def looked_at(settings: Settings) -> tuple[dict[str, Snapshot], StoreReport]:
    """The read models, and what the store check says, before anything else is done."""
    service = build(settings)
    found = rows_of(service.engine), checked(service)
    service.engine.dispose()
    return found


def checked(service: Service) -> StoreReport:
    return check_store(service.engine, service.mapper, lambda *_: None)


@pytest.fixture
def service(drill: Drill) -> Iterator[Service]:
    service = build(drill.settings)
    yield service
    service.engine.dispose()


def test_what_was_committed_before_the_moment_is_there_and_nothing_else(
    service: Service, drill: Drill
) -> None:
    events = service.recorder.read_page(-1, 100, up_to=drill.lost[-1].id).events

    assert events == drill.kept
    assert service.recorder.find_command(KEPT_COMMAND.command_id) is not None
    assert service.recorder.find_command(LOST_COMMAND.command_id) is None


def test_read_models_came_back_with_the_log(drill: Drill) -> None:
    assert drill.recovered_rows == drill.rows
    assert drill.check.is_sound
    assert drill.check.events == len(drill.kept)


def test_the_log_goes_on_above_everything_that_was_lost(service: Service, drill: Drill) -> None:
    check_cluster(service.engine)
    owner = create_owner_engine(drill.settings)
    pass_lost_positions(owner)
    owner.dispose()

    story = Story().after("report", "acknowledge")
    new = record(service, story, LOST_COMMAND)

    assert new[0].id > drill.lost[-1].id
    for cursor in (drill.kept[-1].id, *(event.id for event in drill.lost)):
        assert service.recorder.read_page(cursor, 100).events == new
    assert {row["case_id"] for row in rows_of(service.engine)["case_list"]["cases"]} == {
        event.originator_id for event in (*drill.kept, *new)
    }
    assert checked(service).is_sound
