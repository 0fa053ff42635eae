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
from random import Random
from typing import Any

import click
import psycopg2
from rich.console import Console
from rich.table import Table

from benchmarks.append_contestants import (
    APPEND_FUNCTION,
    RAW_INSERT,
    RAW_TABLE,
    library,
    library_recorder,
    ours,
    ours_with_command,
    python,
)
from benchmarks.appending import Contest, Measured, Round, quantile
from benchmarks.field.fetch import NotFetched
from benchmarks.field.outside import (
    emmett,
    eventsourcing_sqlalchemy,
    install_message_db,
    message_db,
)
from benchmarks.pgbench import pgbench
from service.embedded_postgres import database_for
from service.migrating import migrate_database
from service.settings import Settings

RAW = "raw INSERT (pgbench)"
LIBRARY = "eventsourcing's recorder"
MESSAGE_DB = "message-db (pgbench)"

CONTESTANTS: dict[str, Callable[[], Contest]] = {
    RAW: lambda: pgbench(RAW_INSERT),
    "raw INSERT, prepared (pgbench)": lambda: pgbench(RAW_INSERT, prepared=True),
    "append_event (pgbench)": lambda: pgbench(APPEND_FUNCTION),
    "Amends recorder": lambda: python(ours),
    "Amends recorder with command": lambda: python(ours_with_command),
    LIBRARY: lambda: python(library),
    "eventsourcing-sqlalchemy": eventsourcing_sqlalchemy,
    MESSAGE_DB: message_db,
    "Emmett (node)": emmett,
}
"""By name: what makes each of them, or raises NotFetched."""

QUANTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}

Found = dict[tuple[str, int], list[Measured]]


def gather() -> tuple[dict[str, Contest], dict[str, str]]:
    """Everybody who can take part, and why the others cannot."""
    present: dict[str, Contest] = {}
    absent: dict[str, str] = {}
    for name, make in CONTESTANTS.items():
        try:
            present[name] = make()
        except NotFetched as reason:
            absent[name] = str(reason)
    return present, absent


def measure(contests: dict[str, Contest], rounds: list[Round], say: Callable[[str], None]) -> Found:
    """What each contestant did in each round; they take turns, in any order.

    The machine is noisy: short rounds and medians tell more than one long run.
    """
    found: Found = {}
    random = Random(len(rounds))
    for number, each in enumerate(rounds):
        for name in random.sample(list(contests), len(contests)):
            say(f"round {number + 1} of {len(rounds)}, {each.writers} writers: {name}")
            found.setdefault((name, each.writers), []).append(contests[name](each))
    return found


def report(found: Found, absent: dict[str, str], settings: dict[str, str]) -> dict[str, Any]:
    """Medians, spreads and shares, with the machine and the server's settings."""
    writers = sorted({count for _, count in found})
    return {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "server": settings,
        "event": {"state_bytes": 256, "events_per_commit": 1},
        "results": [
            _result(found, name, count)
            for count in writers
            for name in CONTESTANTS
            if (name, count) in found
        ],
        "not_run": absent,
    }


def _result(found: Found, name: str, writers: int) -> dict[str, Any]:
    rates = [each.per_second for each in found[name, writers]]
    latencies = sorted(us for each in found[name, writers] for us in each.latencies_us)

    def share(other: str) -> float:
        """The median over rounds: what a round shares with its neighbour is the same noise."""
        pairs = zip(rates, found[other, writers], strict=True)
        return statistics.median(rate / another.per_second for rate, another in pairs)

    return {
        "name": name,
        "writers": writers,
        "per_second": round(statistics.median(rates)),
        "lowest": round(min(rates)),
        "highest": round(max(rates)),
        "of_raw": round(share(RAW), 3),
        "of_library": round(share(LIBRARY), 2),
        **{f"{p}_ms": round(quantile(latencies, q) / 1e3, 2) for p, q in QUANTILES.items()},
    }


def show(result: dict[str, Any], console: Console) -> None:
    """The report as a table."""
    columns = ("writers", "", "median/s", "lowest", "highest", "of raw", "of library")
    table = Table(*columns, "p50 ms", "p99", "p99.9", title=TITLE)
    for row in result["results"]:
        table.add_row(
            str(row["writers"]),
            row["name"],
            *(f"{row[name]:,}" for name in ("per_second", "lowest", "highest")),
            f"{row['of_raw']:.0%}",
            f"{row['of_library']:.1f} x",
            *(f"{row[f'{name}_ms']:.2f}" for name in QUANTILES),
        )
    for name, reason in result["not_run"].items():
        table.add_row("", name, f"not run: {reason}")
    console.print(table)


TITLE = "Appends of one event of 256 bytes, one commit each"


def _prepare(owner_url: str, *, with_message_db: bool) -> dict[str, str]:
    """Make the others' tables; the settings that decide how a commit is made durable."""
    with closing(psycopg2.connect(owner_url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(RAW_TABLE)
        if with_message_db:
            install_message_db(connection)
        names = ["server_version", "fsync", "synchronous_commit", "shared_buffers"]
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY (%s)", (names,))
        return dict(cursor.fetchall())


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option("--seconds", default=2.0, show_default=True, help="In each round.")
@click.option("--writers", default="1,8,32", show_default=True)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
def main(rounds: int, seconds: float, writers: str, path: Path | None) -> None:
    """Measure appends on an embedded PostgreSQL with fsync on.

    Writers outside of pgbench are spread over one process per core, as in the web server.
    """
    console = Console(file=sys.stderr)
    contests, absent = gather()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        home.chmod(0o711)
        with database_for(Settings(data_dir=home)) as settings:
            migrate_database(settings)
            assert settings.owner_database_url is not None
            url = settings.required_database_url()
            server = _prepare(settings.owner_database_url, with_message_db=MESSAGE_DB in contests)
            library_recorder(url, create_table=True)
            counts = [int(count) for count in writers.split(",")]
            plan = [Round(url, count, seconds) for _ in range(rounds) for count in counts]
            with console.status("starting") as status:
                found = measure(contests, plan, status.update)
    result = report(found, absent, server)
    show(result, Console(width=max(Console().width, 130)))
    if path is not None:
        path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
