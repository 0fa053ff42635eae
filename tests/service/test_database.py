"""The pool replaces dead connections, limits time, and migrations run once each."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import psycopg2
import pytest
import sqlalchemy
from sqlalchemy import Engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from service.database import (
    AUDITED,
    INSERT_ONLY_TABLES,
    READ_ONLY_TABLES,
    create_engine,
    create_owner_engine,
    psycopg2_url,
)
from service.embedded_postgres import AUDITOR_ROLE
from service.migrating import migrate, migrate_database, pending_migrations
from service.settings import Settings

BACKEND = text("SELECT pg_backend_pid()")


def backend(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(BACKEND).scalar_one()


def test_a_connection_that_the_server_closed_is_replaced_unseen(settings):
    one = create_engine(settings, pool_size=1)
    other = create_engine(settings, pool_size=1)
    victim = backend(one)

    with other.connect() as connection:
        end = text("SELECT pg_terminate_backend(:pid, 5000)")
        assert connection.execute(end, {"pid": victim}).scalar_one()

    assert backend(one) != victim
    one.dispose()
    other.dispose()


def test_an_idle_connection_is_used_again(settings):
    engine = create_engine(settings, pool_size=1)

    assert len({backend(engine) for _ in range(5)}) == 1
    engine.dispose()


def test_every_connection_says_who_it_is_and_has_its_limits(settings):
    limits = text(
        "SELECT current_setting('application_name'), current_setting('timezone'),"
        " current_setting('statement_timeout'),"
        " current_setting('idle_in_transaction_session_timeout')"
    )
    engine = create_engine(replace(settings, idle_transaction_timeout_seconds=7))

    with engine.connect() as connection:
        found = tuple(connection.execute(limits).one())

    assert found == ("amends", "UTC", "30s", "7s")
    engine.dispose()


def test_texts_travel_as_utf_8_whatever_environment_address_and_role_ask_for(
    settings, postgres_url, monkeypatch
):
    address = make_url(settings.required_database_url())
    with closing(psycopg2.connect(postgres_url)) as connection, connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{address.database}" SET client_encoding = LATIN1')
        connection.commit()
    monkeypatch.setenv("PGCLIENTENCODING", "GBK")
    asks = address.update_query_dict({"client_encoding": "LATIN1"})
    asked = asks.render_as_string(hide_password=False)
    engines = [
        create_engine(settings),
        create_engine(replace(settings, database_url=asked)),
        create_owner_engine(settings),
    ]

    found = []
    for engine in engines:
        with engine.connect() as connection:
            row = connection.execute(text("SELECT :said, octet_length(:said)"), {"said": "投诉"})
            found.append(tuple(row.one()))
        engine.dispose()

    assert found == 3 * [("投诉", 6)]


def test_a_statement_that_takes_too_long_is_cancelled(settings):
    engine = create_engine(replace(settings, statement_timeout_seconds=1))

    with pytest.raises(OperationalError, match="statement timeout"), engine.connect() as connection:
        connection.execute(text("SELECT pg_sleep(60)"))
    engine.dispose()


def test_errors_do_not_repeat_parameters(engine):
    with pytest.raises(DBAPIError) as failed, engine.connect() as connection:
        connection.execute(text("SELECT :typed, 1 / 0"), {"typed": "Zhang Wei"})

    assert "Zhang Wei" not in str(failed.value)


def test_a_new_database_waits_for_every_migration_and_then_for_none(settings):
    owner = create_owner_engine(settings)
    with owner.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    waiting = pending_migrations(owner)

    assert waiting == sorted(waiting)
    assert waiting[:1] == ["0001"]


def test_migrating_twice_or_at_once_changes_nothing_more(settings):
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrate_database, [settings] * 4))

    assert applied == [[]] * 4
    assert pending_migrations(create_owner_engine(settings)) == []


def test_an_empty_database_is_migrated_once_by_many_at_the_same_time(settings):
    owner = create_owner_engine(settings)
    with owner.begin() as connection:
        connection.execute(text("DROP SCHEMA public, ledger CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))

    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrate_database, [settings] * 4))

    assert sorted(map(bool, applied)) == [False, False, False, True]
    assert migrate(owner) == []


@pytest.mark.parametrize("table", sorted(INSERT_ONLY_TABLES))
@pytest.mark.parametrize("change", ["DELETE FROM", "TRUNCATE"])
def test_the_service_role_may_only_add_to_an_insert_only_table(engine, table, change):
    with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
        connection.exec_driver_sql(f"{change} {table}")


@pytest.mark.parametrize("table", sorted(READ_ONLY_TABLES))
def test_the_service_role_may_only_read_a_read_only_table(engine, table):
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SELECT FROM {table}")

    with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM {table}")


@pytest.fixture
def auditor(settings, postgres_server):
    """A connection as the role that auditors read the log with."""
    name = make_url(settings.required_database_url()).database
    engine = sqlalchemy.create_engine(psycopg2_url(postgres_server.url_for(AUDITOR_ROLE, name)))
    yield engine
    engine.dispose()


@pytest.mark.parametrize("name", sorted(AUDITED))
def test_an_auditors_role_reads_the_log(auditor, name):
    with auditor.begin() as connection:
        connection.exec_driver_sql(f"SELECT FROM {name}")


@pytest.mark.parametrize("table", sorted(INSERT_ONLY_TABLES))
def test_an_auditors_role_adds_nothing_to_it(auditor, table):
    with pytest.raises(ProgrammingError, match="permission denied"), auditor.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM {table}")


def test_an_auditors_role_reads_nothing_else(auditor, settings):
    owner = create_owner_engine(settings)
    tables = set(inspect(owner).get_table_names(schema="public")) - AUDITED
    owner.dispose()

    assert {"subject_keys", "access_tokens", "commands"} <= tables
    for table in tables:
        denied = pytest.raises(ProgrammingError, match="permission denied")
        with denied, auditor.begin() as connection:
            connection.exec_driver_sql(f"SELECT FROM {table}")


def test_the_service_role_keeps_the_rows_of_keys(engine):
    with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM subject_keys")


def test_the_service_role_may_not_change_the_schema(engine):
    with pytest.raises(ProgrammingError, match="permission denied"), engine.begin() as connection:
        connection.execute(text("CREATE TABLE public.mine ()"))


def test_an_owner_address_is_optional(settings):
    alone = Settings(database_url=settings.owner_database_url)

    assert migrate_database(alone) == []
