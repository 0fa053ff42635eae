"""Migrations: a transaction for each, no lock that is waited for long, and the rights on it all."""

import time
from typing import Final

import psycopg2
import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from psycopg2 import errorcodes
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from service.database import (
    AUDITED,
    INSERT_ONLY_TABLES,
    MIGRATIONS,
    NEVER_EMPTIED_TABLES,
    READ_ONLY_TABLES,
    SCHEMAS,
    create_owner_engine,
)
from service.settings import Settings

MIGRATION_LOCK: Final = 0x616D656E6473  # "amends": one migration at a time per database
LOCK_TIMEOUT_MS: Final = 1_000
"""Whoever comes behind a migration that waits for a lock waits no longer than this."""
PAUSE_SECONDS: Final = 0.2
TRIES_MAX: Final = 300
MIGRATED_BY_NEWER: Final = (CommandError, RevisionError)
"""What Alembic raises of a database at a revision that this version does not have."""


class MigrationBlocked(Exception):
    """Another transaction kept a lock for minutes; the migration named is not applied."""


def migrate(
    engine: Engine, *, service_role: str | None = None, auditor_role: str | None = None
) -> list[str]:
    """Bring the database to the newest schema and return the revisions that were applied.

    `engine` connects as the owner. With a `service_role`, that role is granted what it needs:
    adding and reading on insert-only tables, reading on read-only ones, everything on others.
    An `auditor_role` is granted to read what is `AUDITED`. Several callers at once take turns.
    Each revision is a transaction of its own, its rights included: whoever dies in between
    leaves a store that running processes of the older version can use, and the next call goes
    on. Raises MigrationBlocked.
    """
    with engine.connect() as connection:
        connection.detach()  # closed at the end, and with it what belongs to the session
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        connection.execute(text(f"SET lock_timeout = {LOCK_TIMEOUT_MS}"))
        waiting = _pending(connection)
        connection.commit()
        for revision in waiting:
            _apply_patiently(connection, revision, service_role, auditor_role)
        if not waiting:
            _give_rights(connection, service_role, auditor_role)
            connection.commit()
    return waiting


def _apply_patiently(connection: Connection, revision: str, *roles: str | None) -> None:
    """Apply a revision; where a lock is not to be had soon, let others pass and try again."""
    for _ in range(TRIES_MAX):
        try:
            _apply(connection, revision, *roles)
        except DBAPIError as error:
            connection.rollback()
            if not isinstance(error.orig, psycopg2.Error):
                raise
            if error.orig.pgcode != errorcodes.LOCK_NOT_AVAILABLE:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            return
    raise MigrationBlocked(revision)


def _apply(connection: Connection, revision: str, *roles: str | None) -> None:
    """One revision and the rights on what it made; what it commits before it can do twice."""
    connection.execute(text("SELECT 1"))  # begins the transaction that the revision joins
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    _give_rights(connection, *roles)
    connection.commit()


def migrate_database(settings: Settings) -> list[str]:
    """Migrate as the owner and give the service's own role, where it is another, its rights."""
    service_role = None
    if settings.owner_database_url is not None:
        service_role = make_url(settings.required_database_url()).username
    engine = create_owner_engine(settings)
    try:
        return migrate(engine, service_role=service_role, auditor_role=settings.auditor_role)
    finally:
        engine.dispose()


def mend_rows_of_alarms(settings: Settings) -> int:
    """Make rows of alarms that differ from the records anew, as the owner; how many differed."""
    engine = create_owner_engine(settings)
    try:
        with engine.begin() as connection:
            return int(connection.execute(text("SELECT mend_alarm_states()")).scalar_one())
    finally:
        engine.dispose()


def pending_migrations(engine: Engine) -> list[str]:
    """Revisions that the code knows and the database does not have, oldest first.

    Raises one of MIGRATED_BY_NEWER where a newer version has migrated the database.
    """
    with engine.connect() as connection:
        return _pending(connection)


def _pending(connection: Connection) -> list[str]:
    scripts = ScriptDirectory.from_config(alembic_config())
    applied: set[str] = set()
    for head in MigrationContext.configure(connection).get_current_heads():
        applied.update(each.revision for each in scripts.iterate_revisions(head, "base"))
    known = [each.revision for each in scripts.walk_revisions()]
    return [revision for revision in reversed(known) if revision not in applied]


def alembic_config() -> Config:
    """Where the migrations are; the connection is added by whoever runs them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _give_rights(
    connection: Connection, service_role: str | None, auditor_role: str | None
) -> None:
    present = _relations(connection)
    schemas = ["public", *sorted({name.partition(".")[0] for name in present if "." in name})]
    if service_role is not None:
        _grant(connection, service_role, present, schemas)
    if auditor_role is not None:
        _grant_reading(connection, auditor_role, present, schemas)


def _grant(
    connection: Connection, service_role: str, present: set[str], schemas: list[str]
) -> None:
    quote = connection.dialect.identifier_preparer.quote_identifier
    role, database = quote(service_role), quote(str(connection.engine.url.database))
    grants = [f"GRANT CREATE ON DATABASE {database} TO {role}"]
    for schema in schemas:
        grants += [
            f"GRANT USAGE ON SCHEMA {schema} TO {role}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        ]
    withheld = dict.fromkeys(INSERT_ONLY_TABLES & present, "UPDATE, DELETE, TRUNCATE")
    withheld |= dict.fromkeys(READ_ONLY_TABLES & present, "INSERT, UPDATE, DELETE, TRUNCATE")
    withheld |= dict.fromkeys(NEVER_EMPTIED_TABLES & present, "DELETE, TRUNCATE")
    grants += [f"REVOKE {rights} ON {table} FROM {role}" for table, rights in withheld.items()]
    for grant in grants:
        connection.exec_driver_sql(grant)


def _grant_reading(
    connection: Connection, auditor_role: str, present: set[str], schemas: list[str]
) -> None:
    quote = connection.dialect.identifier_preparer.quote_identifier
    role, database = quote(auditor_role), quote(str(connection.engine.url.database))
    connection.exec_driver_sql(f"GRANT CONNECT ON DATABASE {database} TO {role}")
    for schema in schemas:
        connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
    for name in sorted(AUDITED & present):
        connection.exec_driver_sql(f"GRANT SELECT ON {name} TO {role}")


def _relations(connection: Connection) -> set[str]:
    """Every table and view that migrations made so far; outside `public` with their schema."""
    inspector = sqlalchemy.inspect(connection)
    return {
        name if schema == "public" else f"{schema}.{name}"
        for schema in SCHEMAS
        for name in [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
    }
