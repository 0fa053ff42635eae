"""`python -m benchmarks.append`: appends per second against a bare INSERT and the library."""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import psycopg2
from rich.console import Console
from rich.table import Table

from benchmarks.append_contestants import (
    APPEND_FUNCTION,
    RAW_INSERT,
    RAW_TABLE,
    Round,
    library,
    library_recorder,
    ours,
    ours_with_command,
    pgbench,
    python,
)
from service.database import migrate_database
from service.embedded_postgres import database_for
from service.settings import Settings

RAW = "raw INSERT (pgbench)"
OURS = "Amends recorder (Python)"
LIBRARY = "eventsourcing's recorder (Python)"

CONTESTANTS: dict[str, Callable[[Round], float]] = {
    RAW: pgbench(RAW_INSERT),
    "raw INSERT, prepared (pgbench)": pgbench(RAW_INSERT, prepared=True),
    "append_event (pgbench)": pgbench(APPEND_FUNCTION),
    OURS: python(ours),
    "Amends recorder with command": python(ours_with_command),
    LIBRARY: python(library),
}

Rates = dict[tuple[str, int], list[float]]


def measure(
    url: str, writers: list[int], rounds: int, seconds: float, say: Callable[[str], None]
) -> Rates:
    """Appends per second of each contestant in each round; they take turns, in both orders.

    The machine is noisy: short rounds and medians tell more than one long run.
    """
    found: Rates = {}
    for number in range(rounds):
        names = list(CONTESTANTS) if number % 2 == 0 else list(reversed(CONTESTANTS))
        for count in writers:
            for name in names:
                say(f"round {number + 1} of {rounds}, {count} writers: {name}")
                rate = CONTESTANTS[name](Round(url, count, seconds))
                found.setdefault((name, count), []).append(rate)
    return found


def report(rates: Rates, settings: dict[str, str]) -> dict[str, Any]:
    """Medians, spreads and shares, with the machine and the server's settings."""

    def share(name: str, writers: int, other: str) -> float:
        """The median over rounds: what a round shares with its neighbour is the same noise."""
        pairs = zip(rates[name, writers], rates[other, writers], strict=True)
        return statistics.median(one / another for one, another in pairs)

    return {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "server": settings,
        "event": {"state_bytes": 256, "events_per_commit": 1},
        "results": [
            {
                "name": name,
                "writers": writers,
                "per_second": round(statistics.median(found)),
                "lowest": round(min(found)),
                "highest": round(max(found)),
                "of_raw": round(share(name, writers, RAW), 3),
                "of_library": round(share(name, writers, LIBRARY), 2),
            }
            for (name, writers), found in sorted(rates.items(), key=lambda item: item[0][1])
        ],
    }


def show(result: dict[str, Any], console: Console) -> None:
    """The report as a table."""
    columns = ("writers", "", "median/s", "lowest", "highest", "of raw", "of library")
    table = Table(*columns, title="Appends of one event of 256 bytes, one commit each")
    for row in result["results"]:
        table.add_row(
            str(row["writers"]),
            row["name"],
            *(f"{row[name]:,}" for name in ("per_second", "lowest", "highest")),
            f"{row['of_raw']:.0%}",
            f"{row['of_library']:.1f} x",
        )
    console.print(table)


def _prepare(owner_url: str) -> dict[str, str]:
    """Make the raw table; the settings that decide how a commit is made durable."""
    with closing(psycopg2.connect(owner_url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(RAW_TABLE)
        names = ["server_version", "fsync", "synchronous_commit", "shared_buffers"]
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", (names,))
        return dict(cursor.fetchall())


@click.command()
@click.option("--rounds", default=7, show_default=True)
@click.option("--seconds", default=2.0, show_default=True, help="In each round.")
@click.option("--writers", default="1,8,32", show_default=True)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
def main(rounds: int, seconds: float, writers: str, path: Path | None) -> None:
    """Measure appends on an embedded PostgreSQL with fsync on.

    Python's writers are threads in one process per core, as in the web server.
    """
    console = Console(file=sys.stderr)
    counts = [int(count) for count in writers.split(",")]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        home.chmod(0o711)
        with database_for(Settings(data_dir=home)) as settings:
            migrate_database(settings)
            assert settings.owner_database_url is not None
            url = settings.required_database_url()
            server = _prepare(settings.owner_database_url)
            library_recorder(url, create_table=True)
            with console.status("starting") as status:
                rates = measure(url, counts, rounds, seconds, status.update)
    result = report(rates, server)
    show(result, Console(width=max(Console().width, 100)))
    if path is not None:
        path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
