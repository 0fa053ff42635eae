"""PostgreSQL that Amends brings along, shared by every process that uses its data directory."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

import psycopg2

from service.erasure_register import FILE_NAME as REGISTER_FILE
from service.ledger_key import ensure_ledger_key, old_ledger_key
from service.master_key import ensure_key_file
from service.postgres_cluster import START_TIMEOUT_SECONDS, SUPERUSER, PostgresCluster
from service.postgres_config import PORT, EmbeddedPostgresError
from service.settings import Settings
from service.silence import ServerSilent

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "database_for"]

STUCK_SECONDS = 10.0
"""PostgreSQL gives its processes five seconds to end before it begins to recover."""
RECOVERING = "in recovery mode"
DATABASE = "amends"
SERVICE_ROLE = "amends"
OWNER_ROLE = "amends_owner"
AUDITOR_ROLE = "amends_auditor"

# What a new cluster needs: each row is a question, and what to do when it finds nothing.
BOOTSTRAP = (
    (
        f"SELECT FROM pg_roles WHERE rolname = '{OWNER_ROLE}'",
        f"CREATE ROLE {OWNER_ROLE} LOGIN",
    ),
    (
        f"SELECT FROM pg_roles WHERE rolname = '{SERVICE_ROLE}'",
        f"CREATE ROLE {SERVICE_ROLE} LOGIN IN ROLE pg_monitor",
    ),
    (
        f"SELECT FROM pg_roles WHERE rolname = '{AUDITOR_ROLE}'",
        f"CREATE ROLE {AUDITOR_ROLE} LOGIN",
    ),
    (
        f"SELECT FROM pg_database WHERE datname = '{DATABASE}'",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}",
    ),
)


class EmbeddedPostgres:
    """A PostgreSQL server in a directory, as a context manager.

    Several processes may enter the same directory at once: the first one starts the server and
    the last one to leave stops it. They find each other by file locks, which the kernel drops
    when a process dies, so a crash leaves nothing to clean up. The server runs in a session of
    its own: Ctrl-C in the terminal does not reach it before its users have finished.

    Only the operating-system user that starts it can connect, over a Unix socket. Entering
    raises EmbeddedPostgresError.
    """

    def __init__(self, data_dir: Path, *, throwaway: bool = False) -> None:
        self._home = data_dir.resolve()
        self._throwaway = throwaway
        self._users: IO[str] | None = None
        self._entered_by = 0
        self._socket_dir = Path()

    def __enter__(self) -> Self:
        self._entered_by = os.getpid()
        try:
            self._enter()
        except (OSError, psycopg2.Error) as problem:
            self.__exit__()
            raise EmbeddedPostgresError(f"cannot use {self._home}: {problem}") from problem
        except BaseException:  # Ctrl-C while it starts, too
            self.__exit__()
            raise
        return self

    def _enter(self) -> None:
        if not self._home.exists():
            self._home.mkdir(parents=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        self._cluster = PostgresCluster(self._home / "postgres", throwaway=self._throwaway)
        with self._turn():
            self._users = (self._home / "postgres.users").open("a")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._ensure_ready()

    def _ensure_ready(self) -> None:
        """Start the server unless it runs, and wait while it recovers from a crash of its own."""
        began_at = time.monotonic()
        while True:
            self._socket_dir = self._cluster.ensure_running()
            try:
                return self._ensure_database()
            except psycopg2.OperationalError as problem:
                waited_seconds = time.monotonic() - began_at
                if not may_come_back(problem) or waited_seconds > START_TIMEOUT_SECONDS:
                    raise
                if waited_seconds > STUCK_SECONDS and stands_still(problem, self._home):
                    self._cluster.kill()
            time.sleep(0.05)

    def __exit__(self, *exception: object) -> None:
        # A forked child that ends inside the block must not stop its parent's server.
        if self._users is None or os.getpid() != self._entered_by:
            return
        with self._turn(), closing(self._users):
            if _nobody_else_holds(self._users):
                self._cluster.stop()
        self._users = None

    @property
    def url(self) -> str:
        """Address for the service's own role."""
        return self.url_for(SERVICE_ROLE)

    @property
    def owner_url(self) -> str:
        """Address for the role that owns the database; for migrations."""
        return self.url_for(OWNER_ROLE)

    def url_for(self, role: str, database: str = DATABASE) -> str:
        """Address for any role and database of this server."""
        directory = quote(str(self._socket_dir), safe="")
        return f"postgresql://{role}@/{database}?host={directory}&port={PORT}"

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with (self._home / "postgres.turn").open("a") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    def _ensure_database(self) -> None:
        with closing(psycopg2.connect(self.url_for(SUPERUSER, "postgres"))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for question, answer in BOOTSTRAP:
                    cursor.execute(question)
                    if cursor.fetchone() is None:
                        cursor.execute(answer)


def may_come_back(problem: psycopg2.OperationalError) -> bool:
    """Whether the server starts, stops or recovers at the moment, or has just gone.

    Its language is set to C. One that says nothing does none of that.
    """
    if isinstance(problem, ServerSilent):
        return False
    return "the database system is" in str(problem) or "FATAL" not in str(problem)


def stands_still(problem: psycopg2.OperationalError, data_dir: Path) -> bool:
    """Whether the server there says that it recovers, and nobody does: it never comes back.

    To be asked again for STUCK_SECONDS: a server that restarts recovers only after a while.
    """
    cluster = PostgresCluster(data_dir.resolve() / "postgres", throwaway=False)
    return RECOVERING in str(problem) and cluster.nobody_recovers()


def _nobody_else_holds(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def database_for(settings: Settings) -> Iterator[Settings]:
    """Settings with a database to talk to: the one they name, or the embedded one, started.

    For the embedded one its two key files are made too, on first start. The server stops when
    the last process that uses it leaves this block.
    """
    if not settings.embedded:
        yield settings
        return
    settings = _with_ledger_key(_with_register(_with_master_key(settings)))
    with EmbeddedPostgres(settings.data_dir) as server:
        yield replace(
            settings,
            database_url=server.url,
            owner_database_url=server.owner_url,
            auditor_role=settings.auditor_role or AUDITOR_ROLE,
        )


def _with_register(settings: Settings) -> Settings:
    """Beside the database's directory, not in it: what restores the one leaves the other."""
    path = settings.erasure_register or settings.data_dir / REGISTER_FILE
    return replace(settings, erasure_register=path)


def _with_master_key(settings: Settings) -> Settings:
    if settings.master_key is not None or settings.master_key_file is not None:
        return settings
    has_data = (settings.data_dir / "postgres").exists()
    return replace(settings, master_key_file=ensure_key_file(settings.data_dir, has_data=has_data))


def _with_ledger_key(settings: Settings) -> Settings:
    if settings.ledger_key is not None:
        return settings
    key = ensure_ledger_key(settings.data_dir)
    old = settings.ledger_old_key or old_ledger_key(settings.data_dir)
    return replace(settings, ledger_key=key, ledger_old_key=old)
