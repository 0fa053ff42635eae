"""`python -m benchmarks.idle`: processor time of `amends serve` while nobody asks anything.

Processor time, so other work on the machine disturbs it little. Measured with an empty log and
with a long one, after every timer that is overdue has fired.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import psutil
from rich.console import Console
from rich.table import Table
from sqlalchemy import NullPool, create_engine, text

from benchmarks.processor_time import children_seconds, spent_seconds
from benchmarks.rebuild import record
from projections.read_models import build_engine
from service.assembly import Service, build
from service.database import psycopg2_url
from service.embedded_postgres import database_for
from service.migrating import migrate_database
from service.postgres_cluster import SUPERUSER
from service.settings import Settings

SETTLED_SECONDS = 6.0
"""Nothing new for so long: every timer that was due has fired, and its event is in the ledger."""
LOOK_EVERY_SECONDS = 0.5
BACKEND = "postgres: amends"
"""How PostgreSQL titles the processes that serve our roles."""


@contextmanager
def serving(home: Path) -> Iterator[int]:
    """`amends serve` on a data directory, as an operator starts it; its process id."""
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        port = str(any_port.getsockname()[1])
    given = {"AMENDS_DATA_DIR": str(home), "AMENDS_LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "api.cli", "serve", "--port", port]
    process = subprocess.Popen(command, env={**os.environ, **given}, stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def settle(service: Service) -> None:
    """Wait until read models and ledger have read everything and nothing new comes."""
    engine = build_engine(service)
    newest: int | None = -1
    still_since = time.monotonic()
    while time.monotonic() - still_since < SETTLED_SECONDS:
        found = service.recorder.max_notification_id()
        lag = max(each.lag_events for each in engine.projection_health())
        if found != newest or lag or not engine.is_ready():
            newest, still_since = found, time.monotonic()
        time.sleep(LOOK_EVERY_SECONDS)


def _tidy(settings: Settings) -> None:
    """Let the server do now what it would do within minutes after so many events."""
    url = psycopg2_url(settings.required_database_url()).set(username=SUPERUSER)
    server = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("VACUUM (ANALYZE)"))
        connection.execute(text("CHECKPOINT"))


def spent(serve: int, server: Path) -> Counter[str]:
    """Processor seconds so far of every process of the service, by what it is."""
    found: Counter[str] = Counter()
    parent = psutil.Process(serve)
    for process in [parent, *parent.children(recursive=True)]:
        found[_part_of(process)] += spent_seconds(process.pid)
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "postgres" and process.info["cwd"] == str(server):
            found[_server_part(process)] += spent_seconds(process.pid)
            found["PostgreSQL, its own work"] += children_seconds(process.pid)
    return found


def _part_of(process: psutil.Process) -> str:
    words = process.cmdline()
    if "worker" in words:
        return "worker"
    if "web" in words:
        return "web server"
    return "supervisor" if "serve" in words else "rebuild crew"


def _server_part(process: psutil.Process) -> str:
    serves_us = process.cmdline()[0].startswith(BACKEND)
    return "PostgreSQL, for us" if serves_us else "PostgreSQL, its own work"


def measure(home: Path, seconds: float, say: Callable[[str], None]) -> dict[str, float]:
    """Percent of one core that each part takes while nothing happens."""
    with serving(home) as pid:
        with database_for(Settings(data_dir=home)) as settings:
            service = build(settings)
            say("everything that is due is done first")
            settle(service)
            service.engine.dispose()
            _tidy(settings)
        say("idle")
        time.sleep(1.0)
        before, began = spent(pid, home / "postgres"), time.perf_counter()
        time.sleep(seconds)
        after, ended = spent(pid, home / "postgres"), time.perf_counter()
    return {part: 100 * (after[part] - before[part]) / (ended - began) for part in sorted(after)}


def fill(home: Path, events: int, say: Callable[[str], None]) -> int:
    """Record made-up cases; how many events the log has then."""
    with database_for(Settings(data_dir=home, log_level="warning")) as settings:
        migrate_database(settings)
        service = build(settings)
        recorded = record(service, events, say) if events else 0
        service.engine.dispose()
    return recorded


def show(result: dict[str, Any], console: Console) -> None:
    """The figures as a table."""
    table = Table("", title=f"% of one core, idle for {result['seconds']:.0f} s")
    parts = list(result["results"][0]["percent_of_core"])
    for each in result["results"]:
        table.add_column(f"{each['events']:,} events", justify="right")
    for part in parts:
        table.add_row(part, *(f"{row['percent_of_core'][part]:.2f}" for row in result["results"]))
    sums = (sum(row["percent_of_core"].values()) for row in result["results"])
    table.add_row("all of it", *(f"{each:.2f}" for each in sums))
    console.print(table)


@click.command()
@click.option("--events", default=200_000, show_default=True, help="Of the long log.")
@click.option("--seconds", default=30.0, show_default=True)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
def main(events: int, seconds: float, path: Path | None) -> None:
    """Measure on an embedded PostgreSQL with fsync on."""
    console = Console(file=sys.stderr)
    results = []
    for wanted in (0, events):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
            home = Path(directory)
            home.chmod(0o711)
            with console.status("starting") as status:
                recorded = fill(home, wanted, status.update)
                percent = measure(home, seconds, status.update)
            results.append({"events": recorded, "percent_of_core": percent})
    machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
    result = {"machine": machine, "seconds": seconds, "results": results}
    show(result, Console())
    if path is not None:
        path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
