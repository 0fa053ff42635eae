"""`python -m benchmarks.beside`: how far read models lag under load, and what a rebuild costs.

At the highest load a rebuild has no processor to itself, and may follow the log for ever: it is
watched for a while, and the result says whether it was over by then.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path
from random import Random
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from benchmarks.case_lives import Writer, texts
from benchmarks.rebuild import record
from domain.conflict_case import ConflictCase
from projections.engine import ProjectionEngine
from projections.read_models import READ_MODELS, build_engine
from service.assembly import Service, build
from service.case_ids import new_case_id
from service.embedded_postgres import database_for
from service.migrating import migrate_database
from service.settings import Settings
from tests.given import circumstances, details_for

WRITERS = 2
LOOK_EVERY_SECONDS = 0.02
SETTLED_SECONDS = 3.0
LONGEST_REBUILD_SECONDS = 30.0
"""So long appends are counted beside a rebuild that is not over."""


@dataclass(frozen=True)
class Figures:
    """What was measured, in the units of the names."""

    events_before: int
    most_appends_per_second: float
    half_load_appends_per_second: float
    lag_p50_ms: float
    lag_p99_ms: float
    lag_max_ms: float
    half_load_beside_rebuild_appends_per_second: float
    half_load_rebuild: str
    most_beside_rebuild_appends_per_second: float
    most_load_rebuild: str


@dataclass(frozen=True)
class Rebuild:
    """What was seen beside a rebuild. `is_over`: within LONGEST_REBUILD_SECONDS."""

    appends_per_second: float
    seconds: float
    is_over: bool

    def __str__(self) -> str:
        if self.is_over:
            return f"over after {self.seconds:.1f} s"
        return f"not over after {self.seconds:.0f} s, when it was watched no longer"


@contextmanager
def worker(settings: Settings) -> Iterator[int]:
    """A worker process as an operator starts it; its process id."""
    given = {
        "AMENDS_DATABASE_URL": settings.required_database_url(),
        "AMENDS_MASTER_KEY_FILE": str(settings.master_key_file),
        "AMENDS_DATA_DIR": str(settings.data_dir),
        "AMENDS_LOG_LEVEL": "warning",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "worker"], env={**os.environ, **given}
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


@contextmanager
def writers(settings: Settings, per_second: float | None, seed: int) -> Iterator[Any]:
    """Processes that append one event after the other, at a pace or as fast as they can.

    Gives a counter of all appends.
    """
    spawning = multiprocessing.get_context("spawn")
    counter, stop = spawning.Value("q", 0), spawning.Event()
    pace = None if per_second is None else per_second / WRITERS
    running = [
        spawning.Process(target=_write, args=(settings, pace, counter, stop, seed + number))
        for number in range(WRITERS)
    ]
    for each in running:
        each.start()
    while not counter.value:
        time.sleep(LOOK_EVERY_SECONDS)
    try:
        yield counter
    finally:
        stop.set()
        for each in running:
            each.join()


def _write(
    settings: Settings, per_second: float | None, counter: Any, stop: Event, seed: int
) -> None:
    service = build(settings)
    writer = Writer(Random(seed))
    due = time.perf_counter()
    while not stop.is_set():
        details = details_for("report", ConflictCase(new_case_id())) | texts("report", writer)
        service.cases.begin("report", details, circumstances(at=datetime.now(UTC)))
        with counter.get_lock():
            counter.value += 1
        if per_second is not None:
            due += 1 / per_second
            time.sleep(max(0.0, due - time.perf_counter()))


def rate(counter: Any, seconds: float) -> float:
    """Appends per second during so many seconds."""
    before, began = counter.value, time.perf_counter()
    time.sleep(seconds)
    return float((counter.value - before) / (time.perf_counter() - began))


def lags(engine: ProjectionEngine, seconds: float) -> list[float]:
    """How old the oldest unread event is, over all read models, again and again; in ms."""
    found = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        states = [each.lag_seconds for each in engine.projection_health()]
        found.append(1_000 * max(states))
        time.sleep(LOOK_EVERY_SECONDS)
    return found


def settle(service: Service, engine: ProjectionEngine) -> None:
    """Wait until all is read and rebuilt, and the worker records no late deadlines any more."""
    newest: int | None = -1
    while newest != (newest := service.recorder.max_notification_id()) or not _all_built(engine):
        while max(lags(engine, SETTLED_SECONDS)) > 0:
            pass


def _all_built(engine: ProjectionEngine) -> bool:
    rebuilding = any(each.rebuilding_version for each in engine.projection_health())
    return engine.is_ready() and not rebuilding


def beside_rebuild(engine: ProjectionEngine, counter: Any) -> Rebuild:
    """Appends while every read model is rebuilt, for as long as that is watched."""
    before, began = counter.value, time.perf_counter()
    engine.begin_rebuilds([model.name for model in READ_MODELS])
    seconds, is_over = 0.0, False
    while not is_over and seconds < LONGEST_REBUILD_SECONDS:
        time.sleep(LOOK_EVERY_SECONDS)
        is_over = _all_built(engine)
        seconds = time.perf_counter() - began
    return Rebuild((counter.value - before) / seconds, seconds, is_over)


def measure(service: Service, events: int, seconds: float, say: Callable[[str], None]) -> Figures:
    """Take every figure, one after the other, on one server."""
    settings = service.settings
    recorded = record(service, events, say)
    engine = build_engine(service, folds=False)
    with worker(settings):
        say("the worker catches up")
        settle(service, engine)
        say("as fast as it goes")
        with writers(settings, None, 100) as counter:
            most = rate(counter, seconds)
            say("as fast as it goes, beside a rebuild")
            beside_most = beside_rebuild(engine, counter)
        say("the worker catches up")
        settle(service, engine)
        say("half of that")
        with writers(settings, most / 2, 200) as counter:
            before = counter.value, time.perf_counter()
            found = lags(engine, 2 * seconds)
            half = (counter.value - before[0]) / (time.perf_counter() - before[1])
            say("half of that, beside a rebuild")
            beside_half = beside_rebuild(engine, counter)
    percentiles = statistics.quantiles(found, n=100)
    return Figures(
        events_before=recorded,
        most_appends_per_second=round(most),
        half_load_appends_per_second=round(half),
        lag_p50_ms=round(percentiles[49], 1),
        lag_p99_ms=round(percentiles[98], 1),
        lag_max_ms=round(max(found), 1),
        half_load_beside_rebuild_appends_per_second=round(beside_half.appends_per_second),
        half_load_rebuild=str(beside_half),
        most_beside_rebuild_appends_per_second=round(beside_most.appends_per_second),
        most_load_rebuild=str(beside_most),
    )


def show(figures: Figures, console: Console) -> None:
    """The figures as a table."""
    table = Table("", "", title="Read models beside live traffic")
    for name, value in asdict(figures).items():
        table.add_row(name.replace("_", " "), value if isinstance(value, str) else f"{value:,}")
    console.print(table)


@click.command()
@click.option("--events", default=20_000, show_default=True, help="Recorded beforehand.")
@click.option("--seconds", default=10.0, show_default=True, help="How long each part takes.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
def main(events: int, seconds: float, path: Path | None) -> None:
    """Measure on an embedded PostgreSQL with fsync on, with one worker."""
    console = Console(file=sys.stderr)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        home.chmod(0o711)
        with database_for(Settings(data_dir=home, log_level="warning")) as settings:
            migrate_database(settings)
            service = build(settings)
            with console.status("starting") as status:
                figures = measure(service, events, seconds, status.update)
            service.engine.dispose()
    show(figures, Console())
    if path is not None:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version()}
        written = {"machine": machine, **asdict(figures)}
        path.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
