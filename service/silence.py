"""Servers that say nothing any more: whoever waits for one gives up in time."""

from __future__ import annotations

import select
from math import inf
from threading import local
from time import monotonic
from typing import Final

import psycopg2
from psycopg2 import OperationalError
from psycopg2.extensions import (
    POLL_OK,
    POLL_READ,
    STATUS_BEGIN,
    STATUS_READY,
    set_wait_callback,
)
from psycopg2.extensions import connection as PgConnection  # noqa: N812

GRACE_SECONDS: Final = 5.0
"""The server ends a statement that takes too long by itself, and has so long to say so."""
ASK_AFTER_SECONDS: Final = 5.0
"""After so long without a word from a statement the server is asked whether it lives."""
CONNECT_SECONDS: Final = 5.0
PROBE_SECONDS: Final = 2.0
KNOWN_SECONDS: Final = 1.0
"""So long is waited where the server was silent the last time: together less than ten seconds."""


class ServerSilent(OperationalError):
    """The server takes what it is sent and says nothing; the connection is closed."""


def limit_silence(seconds: float | None, address: str | None = None) -> None:
    """Let every wait of this process for PostgreSQL end after so long without a word from it.

    With an `address` a server that does not even take new connections is given up much sooner,
    and one that does may work on a statement for all of that time; `math.inf` sets it no limit.

    ServerSilent is raised and the connection closed, as when it breaks. The system cannot do
    that: where the machine is up, it confirms what a server that hangs never reads. Connecting
    has a shorter limit, which the library leaves to us here. None waits for ever again. COPY is
    not to be had in such a process.
    """
    set_wait_callback(None if seconds is None else _Patience(seconds, address))


class _Patience:
    """Waits for any connection of this process, as psycopg2 calls it."""

    def __init__(self, seconds: float, address: str | None) -> None:
        self._seconds = seconds
        self._address = address
        self._was_silent = False
        self._here = local()

    def __call__(self, connection: PgConnection) -> None:
        heard_at = monotonic()
        while (state := connection.poll()) != POLL_OK:
            is_open = connection.status in (STATUS_READY, STATUS_BEGIN)
            seconds = self._before_asking() if is_open else self._connecting()
            if _is_ready(connection, state, seconds):
                if state == POLL_READ:  # it also takes what it never reads
                    self._was_silent, heard_at = False, monotonic()
            elif not (is_open and self._may_go_on(monotonic() - heard_at)):
                self._was_silent = True
                raise ServerSilent("the database server says nothing")

    def _connecting(self) -> float:
        usual = PROBE_SECONDS if self._is_probing else CONNECT_SECONDS
        return min(self._seconds, KNOWN_SECONDS if self._was_silent else usual)

    def _before_asking(self) -> float:
        if self._address is None:
            return self._seconds
        return min(self._seconds, KNOWN_SECONDS if self._was_silent else ASK_AFTER_SECONDS)

    @property
    def _is_probing(self) -> bool:
        return getattr(self._here, "is_probing", False)

    def _may_go_on(self, silent_seconds: float) -> bool:
        if self._address is None or self._is_probing or silent_seconds >= self._seconds:
            return False
        self._here.is_probing = True
        try:
            psycopg2.connect(self._address).close()
        except ServerSilent:
            return False
        except psycopg2.Error:
            return True  # it said something, if only that it has no room
        finally:
            self._here.is_probing = False
        return True


def _is_ready(connection: PgConnection, state: int, seconds: float) -> bool:
    waiting = select.poll()
    wanted = select.POLLIN if state == POLL_READ else select.POLLOUT
    waiting.register(connection.fileno(), wanted)
    return bool(waiting.poll(None if seconds == inf else seconds * 1_000))
