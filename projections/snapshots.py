"""Asking several questions of one moment, whatever is written or rebuilt meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, text

Answer = TypeVar("Answer")


def in_snapshot(connection: Connection, table: str, ask: Callable[[Connection], Answer]) -> Answer:
    """What `ask` finds in one snapshot in which `table` (with its schema) was not replaced.

    `connection` must not be in a transaction.
    """
    snapshot = connection.execution_options(isolation_level="REPEATABLE READ")
    while True:
        with snapshot.begin():
            answer = ask(snapshot)
            if not snapshot.scalar(_REPLACED, {"table": table}):
                return answer


# A rebuild that is put in use meanwhile changes which table a name means at once, but of the new
# table's rows the snapshot shows only what was there when it was taken.
_REPLACED = text("""
    SELECT to_regclass(:table) IS DISTINCT FROM (
        SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname || '.' || c.relname = :table
    )
""")
