"""Rebuilding a read model beside the one in use, and putting it in its place.

A build is made in the schema `<name>_next`. From a long log it folds whole cases first (see
`projections.folding`), then gets its indexes, then follows the log like any other. Once it has
read as far as the one in use, both schemas are renamed in one short transaction: a reader sees
the old rows or the new ones, never an empty table. Every step is one transaction, so after a
crash at any point the next worker goes on where the last one stopped.
"""

from __future__ import annotations

import structlog
from psycopg2 import errorcodes
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateSchema, DropSchema

from projections import builds, chunks, parking, rebuild_indexes
from projections.builds import Build, next_of, old_of
from projections.chunks import Plan
from projections.read_model import ReadModel

log = structlog.get_logger(__name__)

# A reader in the middle of a long query holds its table. Rather try again later than queue
# behind it: whoever waits for a lock here is a writing transaction that holds the log back.
SHORT_LOCK_WAIT = text("SET LOCAL lock_timeout = '200ms'")


def is_needed(model: ReadModel, found: dict[str, Build]) -> bool:
    """Whether the model is missing or older than its definition, and nobody has begun it yet.

    A build of a newer definition is left alone: its code runs somewhere else already.
    """
    live, coming = found.get(model.name), found.get(next_of(model.name))
    newest = max((each.version for each in (live, coming) if each is not None), default=0)
    return newest < model.version


def begin(
    database: Engine, model: ReadModel, plan: Plan | None = None, *, instead_of_newer: bool = False
) -> bool:
    """Make the empty tables of the next build, or go on with one of the same version.

    With a `plan` whole cases are folded first, and the indexes made after that. False, having done
    nothing, where a newer version is being made, unless this one is made `instead_of_newer`.
    """
    name = next_of(model.name)
    with database.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
        coming = builds.lock(connection, name).get(name)
        if coming is not None and coming.version == model.version:
            return True
        if coming is not None and coming.version > model.version and not instead_of_newer:
            return False
        _forget(connection, name)
        connection.execute(CreateSchema(name))
        rebuild_indexes.create_tables(connection, model, name, indexed=plan is None)
        folds_to = plan.up_to_position if plan else None
        builds.start(connection, name, model.name, model.version, folds_to)
        if plan is not None:
            chunks.add(connection, name, plan)
    log.info("rebuild begun", projection=model.name, version=model.version)
    return True


def give_up(database: Engine, model: ReadModel) -> None:
    """Drop an unfinished build; the one in use stays."""
    with database.begin() as connection:
        builds.lock(connection, next_of(model.name))
        _forget(connection, next_of(model.name))


def end_folding(database: Engine, build: Build) -> bool:
    """Let the build follow the log, unless chunks of cases are left to fold."""
    with database.begin() as connection:
        if chunks.left(connection, [build.name]):
            return False
        builds.end_folding(connection, build.name)
    return True


def switch(database: Engine, model: ReadModel, read_to: int) -> bool:
    """Put the next build in the place of the one in use.

    False when it is not ready: it has not read that far or not as far as the one in use, lacks
    indexes, or a reader still looks at what was replaced the last time.
    """
    try:
        if rebuild_indexes.is_missing(database, model) or not drop_old(database, model):
            return False
        with database.begin() as connection:
            switched = _switch(connection, model, read_to)
    except OperationalError as error:
        if not _waited_in_vain(error):
            raise
        return False
    if switched:
        log.info("rebuild in use", projection=model.name, version=model.version)
        drop_old(database, model)
    return switched


def _switch(connection: Connection, model: ReadModel, read_to: int) -> bool:
    name, coming_name = model.name, next_of(model.name)
    connection.execute(SHORT_LOCK_WAIT)
    found = builds.lock(connection, name, coming_name)
    live, coming = found.get(name), found.get(coming_name)
    if coming is None or coming.version != model.version or coming.folds_to is not None:
        return False
    if coming.position < max(read_to, live.position if live else 0):
        return False
    if live is not None:
        _rename_schema(connection, name, old_of(name))
    _rename_schema(connection, coming_name, name)
    builds.rename(connection, coming_name, name)
    parking.hand_over(connection, coming_name, name)
    return True


def drop_old(database: Engine, model: ReadModel) -> bool:
    """Drop what was replaced, unless a reader still looks at it; False: try again later."""
    try:
        with database.begin() as connection:
            connection.execute(SHORT_LOCK_WAIT)
            connection.execute(DropSchema(old_of(model.name), cascade=True, if_exists=True))
    except OperationalError as error:
        if not _waited_in_vain(error):
            raise
        return False
    return True


def _waited_in_vain(error: OperationalError) -> bool:
    """Whether a lock was not to be had in so short a time."""
    return getattr(error.orig, "pgcode", None) == errorcodes.LOCK_NOT_AVAILABLE


def _forget(connection: Connection, name: str) -> None:
    connection.execute(DropSchema(name, cascade=True, if_exists=True))
    builds.drop(connection, name)
    chunks.drop(connection, name)
    parking.clear(connection, name)


def _rename_schema(connection: Connection, name: str, new_name: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    connection.execute(text(f"ALTER SCHEMA {quote(name)} RENAME TO {quote(new_name)}"))
