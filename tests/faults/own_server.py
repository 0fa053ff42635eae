"""A PostgreSQL of a test's own: it syncs to disk, and may be killed, filled up and broken."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psutil
import psycopg2
from sqlalchemy import make_url

from service.embedded_postgres import EmbeddedPostgres
from service.migrating import migrate_database
from service.postgres_cluster import SUPERUSER
from service.settings import Settings
from tests.conftest import MASTER_KEY

FILL_LOG = "SELECT pg_logical_emit_message(true, 'filling', repeat('x', 1024 * 1024))"
LOG_MEGABYTES_MAX = 4_096


class OwnServer:
    """An embedded server in a directory, with a migrated database."""

    def __init__(self, home: Path, server: EmbeddedPostgres, *, log_elsewhere: bool) -> None:
        self.home = home
        self.log_elsewhere = log_elsewhere
        self.settings = Settings(
            database_url=server.url,
            owner_database_url=server.owner_url,
            data_dir=home,
            master_key=MASTER_KEY,
            log_level="warning",
            rate_limit_per_minute=0,
            web_processes=2,
        )

    def processes(self) -> list[psutil.Process]:
        """Every process of the server, the first one among them."""
        directory = str(self.home / "postgres")
        every = psutil.process_iter(["name", "cwd"])
        return [each for each in every if each.info == {"name": "postgres", "cwd": directory}]

    def kill(self) -> int:
        """End the whole server at once with SIGKILL; how many processes it had."""
        number = 0
        while victims := self.processes():
            for each in victims:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
            number += len(victims)
        return number

    def behead(self) -> None:
        """Kill the first process alone, while others cannot notice, as one that hangs does not."""
        for each in self.processes():
            each.suspend()
        first_line, *_ = (self.home / "postgres" / "postmaster.pid").read_text().splitlines()
        psutil.Process(int(first_line)).kill()

    def stop_flushing(self) -> None:
        """Halt the process that writes the log to disk for those who do not wait for it."""
        for each in self.processes():
            if "walwriter" in " ".join(each.cmdline()):
                each.suspend()

    def fill_log(self) -> None:
        """Write to the write-ahead log until the server fails for want of room."""
        url = make_url(self.settings.required_database_url()).set(username=SUPERUSER)
        text = url.render_as_string(hide_password=False)
        with suppress(psycopg2.OperationalError), closing(psycopg2.connect(text)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for _ in range(LOG_MEGABYTES_MAX):
                    cursor.execute(FILL_LOG)

    def start(self) -> None:
        """Start it again, as the next process that uses the directory would."""
        with EmbeddedPostgres(self.home):
            pass


@contextmanager
def own_server(home: Path | None = None, *, log_elsewhere: bool = False) -> Iterator[OwnServer]:
    """A running server in a new directory in `home`; nothing is left of it at the end.

    `log_elsewhere`: PostgreSQL's write-ahead log lies on another disk than its tables.
    """
    with ExitStack() as stack:
        directory = stack.enter_context(_directory(home))
        if log_elsewhere:
            with EmbeddedPostgres(directory):
                pass
            _move_log(directory / "postgres", stack.enter_context(_directory(None)))
        embedded = stack.enter_context(EmbeddedPostgres(directory))
        server = OwnServer(directory, embedded, log_elsewhere=log_elsewhere)
        migrate_database(server.settings)
        stack.callback(server.kill)
        yield server


@contextmanager
def _directory(home: Path | None) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="amends-faults-", dir=home))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def _move_log(cluster: Path, target: Path) -> None:
    log, owner = cluster / "pg_wal", cluster.stat()
    moved = Path(shutil.move(log, target / "pg_wal"))
    for each in (moved, *moved.rglob("*")):
        os.chown(each, owner.st_uid, owner.st_gid)
    log.symlink_to(moved)
