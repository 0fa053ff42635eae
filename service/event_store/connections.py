"""Connections for single statements: autocommit, no pool bookkeeping, one round trip each."""

from __future__ import annotations

import os
import select
from collections import deque
from queue import Empty, SimpleQueue
from threading import Lock
from time import monotonic
from typing import Any
from weakref import WeakSet

import psycopg2
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from psycopg2.extensions import cursor as PgCursor  # noqa: N812
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from service.event_store.errors import StoreBusy, StoreUnavailable, translated

LOCK_TIMEOUT_SECONDS = 5
"""How long an append waits for another one with the same command or version."""

FREE_CONNECTION_TIMEOUT_SECONDS = 30.0
MOST_CONNECTIONS = 10
"""Where the engine's pool has no size of its own."""

TRUSTED_IDLE_SECONDS = 0.2
"""A connection that rested for longer is looked at before it is used."""

Row = tuple[Any, ...]
Values = tuple[Any, ...]


class NoConnection(StoreUnavailable):
    """The statement was not sent: there was no connection to send it on."""


class _Cursor(PgCursor):
    """The only cursor of its connection; knows what has been prepared on it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.prepared: set[str] = set()


class Connections:
    """Runs single statements on psycopg2 connections opened through an engine.

    Taking a connection from SQLAlchemy's pool for each statement costs an eighth of all appends
    (docs/decisions/0003-one-statement-per-append.md). So these connections are opened through
    it, with all its settings, and then kept here, as many as that pool may hold.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        size = getattr(engine.pool, "size", None)
        self._most = size() if size else MOST_CONNECTIONS
        self.forget()
        event.listen(engine, "engine_disposed", lambda _: self.close())
        _ALL.add(self)

    def write(self, statement: str, values: Values = (), *, preparation: str = "") -> list[Row]:
        """Run one statement in a transaction of its own; its rows, or [] if it has none.

        A `preparation` runs before it, once on each connection. Raises the errors of
        `service.event_store.errors`. After StoreUnavailable the statement may have been
        committed.
        """
        cursor = self._take()
        keep = False
        try:
            if preparation and preparation not in cursor.prepared:
                cursor.execute(preparation)
                cursor.prepared.add(preparation)
            cursor.execute(statement, values)
            rows = cursor.fetchall() if cursor.description else []
            keep = True
        except psycopg2.Error as error:
            keep = error.pgcode is not None and not cursor.connection.closed
            raise translated(error) from error
        finally:
            self._return(cursor, keep)
        return rows

    def read(self, statement: str, values: Values = (), *, preparation: str = "") -> list[Row]:
        """The same for a statement without effect: tried once more if its connection broke."""
        try:
            return self.write(statement, values, preparation=preparation)
        except (StoreBusy, NoConnection):
            raise
        except StoreUnavailable:
            return self.write(statement, values, preparation=preparation)

    def close(self) -> None:
        """Close the connections that are not in use; the next statement opens a new one."""
        while rested := self._rested():
            rested[0].connection.close()

    def forget(self) -> None:
        """Drop the connections without a word to the server: they belong to another process."""
        self._idle: deque[tuple[_Cursor, float]] = deque()
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(self._most):
            self._free.put(None)

    def _take(self) -> _Cursor:
        try:
            self._free.get(timeout=FREE_CONNECTION_TIMEOUT_SECONDS)
        except Empty:
            raise NoConnection("all connections to the database are in use") from None
        try:
            while rested := self._rested():
                cursor, since = rested
                if monotonic() - since < TRUSTED_IDLE_SECONDS or not _hung_up(cursor.connection):
                    return cursor
                cursor.connection.close()
            return self._open()
        except BaseException:
            self._free.put(None)
            raise

    def _rested(self) -> tuple[_Cursor, float] | None:
        """The connection used last, if one is free; another thread may be faster."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _return(self, cursor: _Cursor, keep: bool) -> None:
        if keep:
            self._idle.append((cursor, monotonic()))
        else:
            cursor.connection.close()
            self.close()  # what killed one connection has most likely killed the others
        self._free.put(None)

    def _open(self) -> _Cursor:
        try:
            proxy = self._engine.raw_connection()
            connection: PgConnection = proxy.driver_connection  # type: ignore[assignment]
            proxy.detach()
            return _ready(connection)
        except (DBAPIError, psycopg2.Error, PoolTimeout) as error:
            raise NoConnection("no connection to the database") from error


def _ready(connection: PgConnection) -> _Cursor:
    """The connection's cursor, once it is set up. A connection that fails here is closed."""
    try:
        connection.autocommit = True
        cursor = connection.cursor(cursor_factory=_Cursor)
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", (_LOCK_TIMEOUT,))
    except BaseException:
        connection.close()
        raise
    return cursor


_LOCK_TIMEOUT = f"{LOCK_TIMEOUT_SECONDS}s"
_ALL: WeakSet[Connections] = WeakSet()
_TURN = Lock()


def connections_of(engine: Engine) -> Connections:
    """The connections of this engine, shared by everything that works on its store.

    They live and die with the engine, so they are kept on it.
    """
    with _TURN:
        if "amends_connections" not in engine.__dict__:
            engine.__dict__["amends_connections"] = Connections(engine)
        kept: Connections = engine.__dict__["amends_connections"]
        return kept


def _hung_up(connection: PgConnection) -> bool:
    """Whether the server closed the connection meanwhile: that makes its socket readable."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))


def _after_fork() -> None:
    for connections in list(_ALL):
        connections.forget()


os.register_at_fork(after_in_child=_after_fork)
