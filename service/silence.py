"""Servers that say nothing any more: whoever waits for one in a web process gives up in time."""

from __future__ import annotations

import select
from functools import partial

from psycopg2 import OperationalError
from psycopg2.extensions import (
    POLL_OK,
    POLL_READ,
    STATUS_BEGIN,
    STATUS_READY,
    set_wait_callback,
)
from psycopg2.extensions import connection as PgConnection  # noqa: N812

from service.database import CONNECT_TIMEOUT_SECONDS

GRACE_SECONDS = 5.0
"""The server ends a statement that takes too long by itself, and has so long to say so."""


def limit_silence(seconds: float | None) -> None:
    """Let every wait of this process for PostgreSQL end after so long without a word from it.

    The connection is closed then, and psycopg2.OperationalError raised, as when it breaks. The
    system cannot do that: where the machine is up, it confirms what a server that hangs never
    reads. Connecting keeps its shorter limit, which the library leaves to us here. None waits for
    ever again. COPY is not to be had in such a process.
    """
    set_wait_callback(None if seconds is None else partial(_wait, seconds=seconds))


def _wait(connection: PgConnection, seconds: float) -> None:
    while (state := connection.poll()) != POLL_OK:
        is_open = connection.status in (STATUS_READY, STATUS_BEGIN)
        limit = seconds if is_open else min(seconds, CONNECT_TIMEOUT_SECONDS)
        waiting = select.poll()
        wanted = select.POLLIN if state == POLL_READ else select.POLLOUT
        waiting.register(connection.fileno(), wanted)
        if not waiting.poll(limit * 1_000):
            raise OperationalError("the database server says nothing")
