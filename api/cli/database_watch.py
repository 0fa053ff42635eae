"""Notices when the embedded database ends while the service runs, and starts it again."""

import time
from typing import Self

import psycopg2
import structlog
from psycopg2.extensions import connection as PgConnection  # noqa: N812

from api.cli.exits import CommandError, Exit
from api.cli.supervisor import ENDS_MAX, ENDS_WITHIN_SECONDS
from service.database import has_input
from service.embedded_postgres import (
    STUCK_SECONDS,
    EmbeddedPostgres,
    EmbeddedPostgresError,
    stands_still,
)
from service.settings import Settings

GONE_SECONDS = 3.0
TRY_EVERY_SECONDS = 5.0
# A full disk takes a while to be found and emptied; what lasts longer needs somebody.
PATIENT_SECONDS = 600.0
# So many ends within so many seconds are no accident.
# What a server says that comes back by itself, e.g. after the crash of one backend; its language
# is set to C.
COMES_BACK = "the database system is"
CONNECT_TIMEOUT_SECONDS = 2
_log = structlog.get_logger("amends.serve")


class DatabaseWatch:
    """An idle connection: the server's end makes it readable at once, and it costs nothing.

    A database of its own has its own guard, and comes back in its own time: it is not watched.
    """

    def __init__(self, settings: Settings, embedded: bool) -> None:
        self._settings = settings
        self._embedded = embedded
        self._connection: PgConnection | None = None
        self._lost_at: float | None = None
        self._waits_since: float | None = None
        self._try_at = 0.0
        self._ends: list[float] = []

    def __enter__(self) -> Self:
        self.check()
        return self

    def __exit__(self, *exception: object) -> None:
        self._hang_up()

    def check(self) -> None:
        """Start the database again when it has ended. Raises CommandError where that is no use.

        Until it is back, requests get 503 and /readyz says why.
        """
        if not self._embedded or self._is_up():
            self._lost_at = None
            return
        now = time.monotonic()
        self._lost_at = self._lost_at or now
        if now - self._lost_at > GONE_SECONDS and now >= self._try_at:
            self._start_again(now - self._lost_at)

    def _start_again(self, gone_seconds: float) -> None:
        self._try_at = time.monotonic() + TRY_EVERY_SECONDS
        try:
            with EmbeddedPostgres(self._settings.data_dir) as server:
                moved = server.url != self._settings.database_url
        except EmbeddedPostgresError as problem:
            if gone_seconds > PATIENT_SECONDS:
                raise self._ended() from problem
            _log.error("database_not_started", gone_seconds=round(gone_seconds))
            return
        self._ends = [at for at in self._ends if at > time.monotonic() - ENDS_WITHIN_SECONDS]
        self._ends.append(time.monotonic())
        # Where its socket had to move, no process would ever see it again.
        if moved or len(self._ends) >= ENDS_MAX:
            raise self._ended()
        _log.error("database_started_again", ends=len(self._ends))

    def _ended(self) -> CommandError:
        return CommandError(
            Exit.STOPPED,
            "the embedded PostgreSQL ended: everything is stopped",
            f"Its log is in {self._settings.data_dir / 'postgres' / 'log'}. "
            "Starting again recovers what was committed.",
        )

    def _is_up(self) -> bool:
        if self._connection is not None and not has_input(self._connection.fileno()):
            return True
        self._hang_up()
        try:
            self._connection = psycopg2.connect(
                self._settings.required_database_url(),
                connect_timeout=CONNECT_TIMEOUT_SECONDS,
                application_name="amends serve",
            )
        except psycopg2.OperationalError as problem:
            return COMES_BACK in str(problem) and not self._stands_still(problem)
        self._waits_since = None
        return True

    def _stands_still(self, problem: psycopg2.OperationalError) -> bool:
        """Whether it has only said for a while that it recovers, and nobody does."""
        now = time.monotonic()
        self._waits_since = self._waits_since or now
        is_long = now - self._waits_since > STUCK_SECONDS
        return is_long and stands_still(problem, self._settings.data_dir)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
