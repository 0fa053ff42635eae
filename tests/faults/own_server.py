"""A PostgreSQL of a test's own: it syncs to disk, and may be killed, filled up and broken."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from service.database import migrate_database
from service.embedded_postgres import EmbeddedPostgres
from service.settings import Settings
from tests.cli.processes import until
from tests.conftest import MASTER_KEY


class OwnServer:
    """An embedded server in a directory, with a migrated database."""

    def __init__(self, home: Path, server: EmbeddedPostgres) -> None:
        self.home = home
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
        victims = self.processes()
        for each in victims:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        until(lambda: not self.processes())
        return len(victims)

    def stop_flushing(self) -> None:
        """Halt the process that writes the log to disk for those who do not wait for it."""
        for each in self.processes():
            if "walwriter" in " ".join(each.cmdline()):
                each.suspend()

    def start(self) -> None:
        """Start it again, as the next process that uses the directory would."""
        with EmbeddedPostgres(self.home):
            pass


@contextmanager
def own_server(home: Path | None = None) -> Iterator[OwnServer]:
    """A running server; whatever is left of it at the end is ended and removed."""
    directory = Path(tempfile.mkdtemp(prefix="amends-faults-", dir=home))
    directory.chmod(0o711)
    try:
        with EmbeddedPostgres(directory) as embedded:
            server = OwnServer(directory, embedded)
            migrate_database(server.settings)
            try:
                yield server
            finally:
                server.kill()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
