"""Fixtures that every test may ask for: a real PostgreSQL and fresh, migrated databases."""

import fcntl
import logging
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import psutil
import psycopg2
import pytest
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg2 import sql
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import Engine

from service.assembly import Service, build
from service.classifier_plug_in import load_classifier
from service.database import create_engine
from service.embedded_postgres import AUDITOR_ROLE, OWNER_ROLE, SERVICE_ROLE, EmbeddedPostgres
from service.migrating import migrate_database
from service.postgres_cluster import SUPERUSER
from service.postgres_config import EmbeddedPostgresError
from service.settings import Settings

SERVER_DIR_PREFIX = "amends-tests-"
TEMPLATE = "amends_template"
MASTER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


# Neither luck nor the speed of a machine decides about a run: the same examples each time, and no
# deadline. `--hypothesis-profile=explore` looks for others.
hypothesis_settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "explore", hypothesis_settings.get_profile("same"), derandomize=False, max_examples=2_000
)
hypothesis_settings.load_profile("same")

# A shell starts background jobs with Ctrl-C ignored, and what they start inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """How hard the tests of `tests/no_skip` try, and what they repeat."""
    parser.addoption("--events", type=int, default=200_000, help="events of the no-skip storm")
    parser.addoption("--seed", type=int, default=None, help="repeats what happened at random")


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """What sets up logging does so for one test; afterwards the test runner's own is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[EmbeddedPostgres]:
    """One throwaway PostgreSQL 18 for the whole run, in a directory of its own."""
    _stop_abandoned_servers()
    home = Path(tempfile.mkdtemp(prefix=f"{SERVER_DIR_PREFIX}{psutil.Process().pid}-"))
    home.chmod(0o711)
    try:
        with EmbeddedPostgres(home, throwaway=True) as server:
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _stop_abandoned_servers() -> None:
    """End the servers of earlier runs that were killed before they could do so, one at a time."""
    directory = os.open(tempfile.gettempdir(), os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)  # the processes of a run all come here at once
        for home in Path(tempfile.gettempdir()).glob(f"{SERVER_DIR_PREFIX}*"):
            process_id = home.name.removeprefix(SERVER_DIR_PREFIX).partition("-")[0]
            if process_id.isdigit() and not psutil.pid_exists(int(process_id)):
                _stop_server_in(home)
                shutil.rmtree(home, ignore_errors=True)
    finally:
        os.close(directory)


def _stop_server_in(home: Path) -> None:
    """Whoever uses a server last stops it; what is left of one that cannot start does no harm."""
    with suppress(OSError, EmbeddedPostgresError):
        if (home / "postgres" / "postmaster.pid").exists():
            with EmbeddedPostgres(home, throwaway=True):
                pass


@pytest.fixture(scope="session")
def postgres_url(postgres_server: EmbeddedPostgres) -> str:
    """Address of the server's `postgres` database as its superuser."""
    return postgres_server.url_for(SUPERUSER, "postgres")


def _execute(url: str, *statements: str, **names: str) -> None:
    """Run statements outside a transaction; `names` are put in as quoted identifiers."""
    identifiers = {key: sql.Identifier(name) for key, name in names.items()}
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(sql.SQL(statement).format(**identifiers))


def _settings(server: EmbeddedPostgres, database: str) -> Settings:
    return Settings(
        database_url=server.url_for(SERVICE_ROLE, database),
        owner_database_url=server.url_for(OWNER_ROLE, database),
        auditor_role=AUDITOR_ROLE,
        master_key=MASTER_KEY,
        log_level="warning",
    )


@pytest.fixture(scope="session")
def new_database(postgres_server: EmbeddedPostgres, postgres_url: str) -> Callable[[], Settings]:
    """A function that makes one more migrated database and returns settings that name it."""
    numbers = count(1)
    _execute(postgres_url, "CREATE DATABASE {t} OWNER {o}", t=TEMPLATE, o=OWNER_ROLE)
    migrate_database(_settings(postgres_server, TEMPLATE))

    def create() -> Settings:
        name = f"amends_test_{next(numbers)}"
        _execute(
            postgres_url,
            "CREATE DATABASE {d} TEMPLATE {t} OWNER {o} STRATEGY file_copy",
            "GRANT CREATE ON DATABASE {d} TO {s}",
            d=name,
            t=TEMPLATE,
            o=OWNER_ROLE,
            s=SERVICE_ROLE,
        )
        return _settings(postgres_server, name)

    return create


@pytest.fixture
def settings(
    new_database: Callable[[], Settings], postgres_url: str, tmp_path: Path
) -> Iterator[Settings]:
    """Settings of a fresh, migrated database that this test has for itself."""
    yield from _with_database(new_database, postgres_url, tmp_path)


@pytest.fixture(scope="module")
def shared_settings(
    new_database: Callable[[], Settings],
    postgres_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Settings]:
    """Settings of a migrated database that the tests of one module share."""
    yield from _with_database(new_database, postgres_url, tmp_path_factory.mktemp("data"))


def _with_database(
    new_database: Callable[[], Settings], postgres_url: str, data_dir: Path
) -> Iterator[Settings]:
    register = data_dir / "erasures.jsonl"
    made = replace(new_database(), data_dir=data_dir, erasure_register=register)
    yield made
    name = made.required_database_url().partition("?")[0].rpartition("/")[2]
    _execute(postgres_url, "DROP DATABASE {d} WITH (FORCE)", d=name)


@pytest.fixture
def database_url(settings: Settings) -> str:
    """Address of this test's database as the service's own role."""
    return settings.required_database_url()


@pytest.fixture
def owner_database_url(settings: Settings) -> str:
    """Address of this test's database as the role that owns the tables."""
    assert settings.owner_database_url is not None
    return settings.owner_database_url


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """The service's pool on this test's database."""
    engine = create_engine(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """The service on this test's database."""
    service = build(settings)
    yield service
    service.engine.dispose()


@pytest.fixture
def other_writer(database_url: str) -> Iterator[PgConnection]:
    """A connection of its own on the same database, with a transaction that can stay open."""
    with closing(psycopg2.connect(database_url)) as connection:
        yield connection


@pytest.fixture(scope="module")
def shared_engine(shared_settings: Settings) -> Iterator[Engine]:
    """The service's pool on the module's database."""
    engine = create_engine(shared_settings)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def shared_service(shared_settings: Settings) -> Iterator[Service]:
    """The service on the module's database."""
    service = build(shared_settings)
    yield service
    service.engine.dispose()


@pytest.fixture
def no_plug_in_is_loaded() -> Iterator[None]:
    """Lets a test load classifiers that no other test has seen, or will see."""
    load_classifier.cache_clear()
    yield
    load_classifier.cache_clear()
