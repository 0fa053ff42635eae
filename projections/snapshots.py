"""Asking several questions of one moment, whatever is written or rebuilt meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, text

Answer = TypeVar("Answer")


def in_snapshot(
    connection: Connection, tables: Sequence[str], ask: Callable[[Connection], Answer]
) -> Answer:
    """What `ask` finds in one snapshot in which none of `tables` (with schemas) was replaced.

    `connection` must not be in a transaction.
    """
    snapshot = connection.execution_options(isolation_level="REPEATABLE READ")
    while True:
        with snapshot.begin():
            answer = ask(snapshot)
            if not snapshot.scalar(_REPLACED, {"tables": [*tables]}):
                return answer


# A rebuild that is put in use meanwhile changes which table a name means at once, but of the new
# table's rows the snapshot shows only what was there when it was taken.
_REPLACED = text("""
    SELECT bool_or(to_regclass(asked.name) IS DISTINCT FROM (
        SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname || '.' || c.relname = asked.name
    )) FROM unnest(CAST(:tables AS text[])) AS asked (name)
""")
