"""A store of an older version is upgraded while its processes go on: nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy import event as sqlalchemy_event

from projections.ledger import feeding
from projections.ledger.feeding import LedgerFeeder
from service import migrating
from service.assembly import Service, build
from service.database import create_owner_engine
from service.embedded_postgres import AUDITOR_ROLE, SERVICE_ROLE
from service.migrating import MigrationBlocked, migrate, migrate_database, pending_migrations
from service.settings import Settings
from service.store_check import check_store
from tests.an_alarm import raise_one
from tests.given import Story
from tests.service.event_store.steps import until

OLD = "0014"
COUNTS = text("""
    SELECT (SELECT count(*) FROM alarm_states) AS rows_of_alarms,
        (SELECT count(*) FROM records WHERE topic = 'alarm_raised:1') AS alarms,
        (SELECT count(*) FROM ledger.subjects) AS cases,
        (SELECT count(*) FROM events) AS events
""")
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'records'::regclass")


@pytest.fixture
def owner(settings: Settings) -> Iterator[Engine]:
    """The owner of a database that is at the last revision before alarms had rows."""
    engine = create_owner_engine(settings)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public, ledger CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    with engine.connect() as connection:
        for revision in [each for each in pending_migrations(engine) if each <= OLD]:
            migrating._apply(connection, revision, SERVICE_ROLE, AUDITOR_ROLE)
    yield engine
    engine.dispose()


@pytest.fixture
def service(settings: Settings, owner: Engine) -> Iterator[Service]:
    """Appends by functions that the older version has too."""
    made = build(settings)
    yield made
    made.engine.dispose()


class Writer:
    """Appends two events and raises an alarm, again and again; what keeps it from that is kept."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stop = Event()
        self._thread = Thread(target=self._run)
        self.rounds = 0
        self.error: Exception | None = None

    def __enter__(self) -> Writer:
        self._thread.start()
        until(lambda: self.rounds > 0 or self.error is not None)
        return self

    def __exit__(self, *_: object) -> None:
        before = self.rounds
        until(lambda: self.rounds > before or self.error is not None)
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                write(self._service, self.rounds)
                self.rounds += 1
        except Exception as error:
            self.error = error


def write(service: Service, number: int) -> None:
    service.cases.record(Story().after("report", "acknowledge").events)
    raise_one(service, f"v{number}", 0)


def counted(owner: Engine) -> dict[str, int]:
    with owner.connect() as connection:
        return dict(connection.execute(COUNTS).mappings().one())


def is_sound(service: Service) -> bool:
    report = check_store(service.engine, service.mapper, lambda *_: None)
    assert report.is_sound, report.found
    return report.is_sound


def before_statement(engine: Engine, words: str, do: Callable[[], None]) -> None:
    """Do something once, when the engine is about to run the first statement with these words."""
    done: list[str] = []

    @sqlalchemy_event.listens_for(engine, "before_cursor_execute")
    def look(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if words in f"{statement} {values}" and not done:
            done.append(statement)
            do()


def test_a_writer_goes_on_while_its_store_is_upgraded(
    service: Service, owner: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "RUN_LENGTH", 8)
    for number in range(1_000, 1_020):
        write(service, number)

    with Writer(service) as writer:
        applied = migrate_database(settings)
    LedgerFeeder(service.engine, page_size=8).catch_up()

    found = counted(owner)
    assert writer.error is None  # so no statement waited as long as locks are waited for
    assert applied[0] == "0015"
    assert pending_migrations(owner) == []
    assert found["alarms"] == found["rows_of_alarms"] == writer.rounds + 20
    assert found["events"] == 2 * (writer.rounds + 20)
    assert 20 <= found["cases"] <= writer.rounds + 20
    assert is_sound(service)


def test_an_alarm_that_the_old_function_raises_during_the_migration_has_its_row(
    service: Service, owner: Engine
) -> None:
    late = Thread(target=lambda: raise_one(service, "late"))

    def let_one_wait() -> None:
        late.start()
        with owner.connect() as looking:
            until(lambda: looking.execute(WAITING).scalar_one() == 1)

    raise_one(service, "early")
    before_statement(owner, "PERFORM note_alarm(\n            each.", let_one_wait)
    migrate(owner, service_role=SERVICE_ROLE)

    late.join()
    found = counted(owner)
    assert found["alarms"] == found["rows_of_alarms"] == 2
    assert is_sound(service)


def test_whoever_reads_for_long_is_waited_for_without_keeping_others_waiting(
    service: Service, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is asked for and given up again and again until the reader ends."""
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT_MS", 20)
    reader = owner.connect()
    reader.execute(text("SELECT count(*) FROM events"))
    written: list[int] = []

    def pause(_seconds: float) -> None:
        write(service, len(written))
        written.append(1)
        if len(written) == 3:
            reader.close()

    monkeypatch.setattr(migrating.time, "sleep", pause)
    applied = migrate(owner, service_role=SERVICE_ROLE)

    assert applied[0] == "0015"
    assert pending_migrations(owner) == []
    assert len(written) >= 3
    assert counted(owner)["rows_of_alarms"] == len(written)
    assert is_sound(service)


def test_a_lock_that_is_never_free_stops_the_upgrade_where_it_is(
    service: Service, owner: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_TIMEOUT_MS", 1)
    monkeypatch.setattr(migrating, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(migrating, "TRIES_MAX", 2)
    with owner.connect() as reader:
        reader.execute(text("SELECT count(*) FROM events"))

        with pytest.raises(MigrationBlocked, match="0019"):
            migrate(owner, service_role=SERVICE_ROLE)

    monkeypatch.setattr(migrating, "LOCK_TIMEOUT_MS", 1_000)
    write(service, 1)

    assert migrate(owner, service_role=SERVICE_ROLE)[0] == "0019"
    assert is_sound(service)


@pytest.mark.parametrize(
    ("dies_before", "goes_on_with"),
    [
        ("UPDATE alembic_version SET version_num='0015'", "0015"),
        ("UPDATE alembic_version SET version_num='0016'", "0016"),
        ("CREATE INDEX records_reviews_by_kind", "0018"),
        ("SELECT mend_alarm_states()", "0022"),
    ],
)
def test_an_upgrade_that_died_goes_on_where_it_was(
    service: Service, owner: Engine, dies_before: str, goes_on_with: str
) -> None:
    class Died(Exception):
        pass

    def die() -> None:
        raise Died

    for number in range(3):
        write(service, number)
    before_statement(owner, dies_before, die)
    with pytest.raises(Died):
        migrate(owner, service_role=SERVICE_ROLE)
    write(service, 3)

    assert migrate(owner, service_role=SERVICE_ROLE)[0] == goes_on_with

    found = counted(owner)
    assert found["alarms"] == found["rows_of_alarms"] == 4
    assert is_sound(service)
