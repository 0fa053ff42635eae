"""Indexes of a build in the making: made last, over all rows at once, without holding back anybody.

Filling an index row by row costs several times what sorting all rows at the end does. Made
concurrently, an index needs no writing transaction that lasts: none that would hold back the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, Index, MetaData, func, select, text
from sqlalchemy.schema import CreateIndex, DropIndex

from projections import builds
from projections.builds import next_of
from projections.read_model import ReadModel

_VALID = text("""
    SELECT c.relname FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND i.indisvalid
""")


def create_tables(connection: Connection, model: ReadModel, schema: str, *, indexed: bool) -> None:
    """Make the model's tables in a schema, with their indexes or with their keys only."""
    copies = MetaData(schema=schema)
    for table in model.tables:
        copy = table.to_metadata(copies, schema=schema)
        if not indexed:
            copy.indexes.clear()
        copy.create(connection)


def is_missing(database: Engine, model: ReadModel) -> bool:
    """Whether the tables of the build in the making lack an index."""
    with database.connect() as connection:
        return bool(_missing(connection, model, next_of(model.name)))


def add_missing(database: Engine, model: ReadModel) -> bool:
    """Make the indexes that the build in the making lacks; False when there is nothing to do.

    An index that a killed worker left half made is made anew. What another worker makes at the
    moment is left to it.
    """
    schema = next_of(model.name)
    autocommit = database.execution_options(isolation_level="AUTOCOMMIT")
    with autocommit.connect() as connection, _alone(connection, schema) as is_alone:
        missing = _missing(connection, model, schema) if is_alone else []
        # Asked in this order: a build that lacks an index is not put in use, so it stays where it
        # is; one that was put in use a moment ago only seems to lack them.
        if missing and builds.find(connection, schema) is None:
            missing = []
        for index in missing:
            connection.execute(DropIndex(index, if_exists=True))
            connection.execute(CreateIndex(index))
            builds.move_on(connection, schema)
    return bool(missing)


@contextmanager
def _alone(connection: Connection, schema: str) -> Iterator[bool]:
    """One worker at a time, with memory to sort in and as long as it takes; False for others.

    They do not wait: an index that is made concurrently would wait for them in turn.
    """
    lock = func.hashtext(f"indexes of {schema}")
    connection.execute(text("SET statement_timeout = 0"))
    connection.execute(text("SET maintenance_work_mem = '256MB'"))
    is_alone = bool(connection.execute(select(func.pg_try_advisory_lock(lock))).scalar())
    try:
        yield is_alone
    finally:
        if is_alone:
            connection.execute(select(func.pg_advisory_unlock(lock)))
        connection.execute(text("RESET maintenance_work_mem"))
        connection.execute(text("RESET statement_timeout"))


def _missing(connection: Connection, model: ReadModel, schema: str) -> list[Index]:
    valid = set(connection.execute(_VALID, {"schema": schema}).scalars())
    copies = MetaData(schema=schema)
    missing = []
    for table in model.tables:
        for index in table.to_metadata(copies, schema=schema).indexes:
            if index.name not in valid:
                index.dialect_options["postgresql"]["concurrently"] = True
                missing.append(index)
    return missing
