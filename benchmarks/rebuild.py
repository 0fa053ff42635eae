"""`python -m benchmarks.rebuild`: events per second when read models are built from the log."""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks.case_lives import lives
from benchmarks.import_files import files_of
from benchmarks.processor_time import server_seconds
from projections.crew import Crew
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS, build_engine
from service.assembly import Service, build
from service.embedded_postgres import database_for
from service.importers.running import import_file
from service.migrating import migrate_database
from service.settings import Settings

ALL = "all read models"
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@dataclass(frozen=True)
class Rebuilt:
    """One rebuild: wall time, and the processor time that Python and the server took."""

    seconds: float
    python_seconds: float
    server_seconds: float


def record(service: Service, events: int, say: Callable[[str], None]) -> int:
    """Record made-up cases; returns how many events they have."""
    recorded = 0
    for batch in lives(events):
        service.cases.record(batch)
        recorded += len(batch)
        say(f"recording made-up cases: {recorded:,} events")
    return recorded


def import_files(service: Service, data: Path, say: Callable[[str], None]) -> int:
    """Import the files of a folder; returns how many events the store has then."""
    for source, path in files_of(data):
        say(f"importing {path.name}")
        import_file(source, path, service)
    with service.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM events")).scalar_one())


def rebuild(service: Service, models: Sequence[ReadModel]) -> Rebuilt:
    """Build these read models anew beside the ones in use, and put them in use."""
    engine = build_engine(service, models, folds=False)
    server, python, began = server_seconds(service), _python_seconds(), time.perf_counter()
    engine.begin_rebuilds([model.name for model in models])
    with Crew(service.settings) as crew:
        crew.call_if_needed(engine)
        engine.catch_up()
    seconds = time.perf_counter() - began
    spent = _python_seconds() - python, server_seconds(service) - server
    assert not any(engine.parked_cases(model.name) for model in models)
    return Rebuilt(seconds, *spent)


def _python_seconds() -> float:
    """Processor time of this process and of those it started that have ended, in seconds."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def measure(
    service: Service, events: int, rounds: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Rebuild every read model alone and all together, several times, in turns."""
    contestants: dict[str, Sequence[ReadModel]] = {
        **{model.name: [model] for model in READ_MODELS},
        ALL: READ_MODELS,
    }
    found: dict[str, list[Rebuilt]] = {name: [] for name in contestants}
    for number in range(rounds):
        for name, models in contestants.items():
            say(f"round {number + 1} of {rounds}: {name}")
            found[name].append(rebuild(service, models))
    return {
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "events": events,
        "results": [_row(name, each, events) for name, each in found.items()],
    }


def _row(name: str, rounds: list[Rebuilt], events: int) -> dict[str, Any]:
    rates = [events / each.seconds for each in rounds]
    return {
        "name": name,
        "events_per_second": round(statistics.median(rates)),
        "lowest": round(min(rates)),
        "highest": round(max(rates)),
        "python_us_per_event": _us(each.python_seconds / events for each in rounds),
        "server_us_per_event": _us(each.server_seconds / events for each in rounds),
    }


def _us(seconds: Any) -> float:
    return round(statistics.median(seconds) * 1_000_000, 1)


def show(result: dict[str, Any], console: Console) -> None:
    """The figures as a table."""
    title = f"Rebuild of {result['events']:,} events; processor time in µs per event"
    table = Table("", "events/s", "lowest", "highest", "Python", "server", title=title)
    for row in result["results"]:
        rates = (f"{row[name]:,}" for name in ("events_per_second", "lowest", "highest"))
        times = (f"{row[name]:.0f}" for name in ("python_us_per_event", "server_us_per_event"))
        table.add_row(row["name"], *rates, *times)
    console.print(table)


@click.command()
@click.option("--events", default=100_000, show_default=True, help="At least so many.")
@click.option("--data", type=FOLDER, help="Import its files instead of making up cases.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
def main(events: int, data: Path | None, rounds: int, path: Path | None) -> None:
    """Measure rebuilds on an embedded PostgreSQL with fsync on."""
    console = Console(file=sys.stderr)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        home.chmod(0o711)
        with database_for(Settings(data_dir=home, log_level="warning")) as settings:
            migrate_database(settings)
            service = build(settings)
            with console.status("starting") as status:
                if data:
                    recorded = import_files(service, data, status.update)
                else:
                    recorded = record(service, events, status.update)
                result = measure(service, recorded, rounds, status.update)
            service.engine.dispose()
    show(result, Console())
    if path is not None:
        path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
