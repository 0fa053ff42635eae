"""Indexes of a build in the making: made last, over all rows at once, without holding back anybody.

Filling an index row by row costs several times what sorting all rows at the end does. Made
concurrently, an index needs no writing transaction that lasts: none that would hold back the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, Index, MetaData, func, select, text
from sqlalchemy.schema import CreateIndex, DropIndex

from projections.read_model import ReadModel

LATER_ABOVE_EVENTS = 20_000
"""In a log with fewer events, the many small steps of making indexes later would cost more."""

_VALID = text("""
    SELECT c.relname FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND i.indisvalid
""")
_LONG_LOG = text("SELECT EXISTS (SELECT FROM events ORDER BY position OFFSET :most)")


def is_log_long(connection: Connection) -> bool:
    """Whether there is so much to read that indexes are better made at the end."""
    return bool(connection.execute(_LONG_LOG, {"most": LATER_ABOVE_EVENTS}).scalar())


def create_tables(connection: Connection, model: ReadModel, schema: str, *, indexed: bool) -> None:
    """Make the model's tables in a schema, with their indexes or with their keys only."""
    copies = MetaData(schema=schema)
    for table in model.tables:
        copy = table.to_metadata(copies, schema=schema)
        if not indexed:
            copy.indexes.clear()
        copy.create(connection)


def add_missing(database: Engine, model: ReadModel, schema: str) -> bool:
    """Make the indexes that the tables in a schema lack; False when none was lacking.

    An index that a killed worker left half made is made anew. What another worker makes at the
    moment is lacking still.
    """
    autocommit = database.execution_options(isolation_level="AUTOCOMMIT")
    with autocommit.connect() as connection, _alone(connection, schema) as is_alone:
        missing = _missing(connection, model, schema)
        for index in missing if is_alone else ():
            connection.execute(DropIndex(index, if_exists=True))
            connection.execute(CreateIndex(index))
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
