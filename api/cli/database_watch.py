"""Notices when the embedded database ends while the service runs, which nothing else would."""

import select
import time
from typing import Self

import psycopg2
from psycopg2.extensions import connection as PgConnection  # noqa: N812

from api.cli.exits import CommandError, Exit
from service.settings import Settings

GONE_SECONDS = 3.0
# What a server says that comes back by itself, e.g. after the crash of one backend; its language
# is set to C.
COMES_BACK = "the database system is"
CONNECT_TIMEOUT_SECONDS = 2


class DatabaseWatch:
    """An idle connection: the server's end makes it readable at once, and it costs nothing.

    A database of its own has its own guard, and comes back in its own time: it is not watched.
    """

    def __init__(self, settings: Settings, embedded: bool) -> None:
        self._settings = settings
        self._embedded = embedded
        self._connection: PgConnection | None = None
        self._lost_at: float | None = None

    def __enter__(self) -> Self:
        self.check()
        return self

    def __exit__(self, *exception: object) -> None:
        self._hang_up()

    def check(self) -> None:
        """Raises CommandError once the database has been away for too long."""
        if not self._embedded or self._is_up():
            self._lost_at = None
            return
        now = time.monotonic()
        self._lost_at = self._lost_at or now
        if now - self._lost_at > GONE_SECONDS:
            raise CommandError(
                Exit.STOPPED,
                "the embedded PostgreSQL ended: everything is stopped",
                f"Its log is in {self._settings.data_dir / 'postgres' / 'log'}. "
                "Starting again recovers what was committed.",
            )

    def _is_up(self) -> bool:
        if self._connection is not None and not _readable(self._connection.fileno()):
            return True
        self._hang_up()
        try:
            self._connection = psycopg2.connect(
                self._settings.required_database_url(),
                connect_timeout=CONNECT_TIMEOUT_SECONDS,
                application_name="amends serve",
            )
        except psycopg2.OperationalError as problem:
            return COMES_BACK in str(problem)
        return True

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _readable(file_number: int) -> bool:
    poll = select.poll()
    poll.register(file_number, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))
