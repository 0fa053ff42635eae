"""`python -m benchmarks.growth`: does the store get slower as its log grows?"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import randrange
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from benchmarks.append_contestants import ours, python
from benchmarks.appending import Round
from benchmarks.growth_reader import Rate
from benchmarks.growth_store import Store, case_id, give_memory, other_database
from service.embedded_postgres import database_for
from service.event_store import EventRecorder
from service.settings import Settings

SMALL_EVENTS = 10_000
EVENTS_PER_CASE = 10
OPEN_CASES = 1_000
SHARES = (0.0, 0.1, 1.0)
"""Of all events: where everything is measured."""

WRITERS = 8
PAGE_EVENTS = 500


def append(store: Store, seconds: float) -> Rate:
    """Appends of eight writers."""
    return Rate(python(ours)(Round(store.url, WRITERS, seconds)).per_second)


def load_open_case(store: Store, seconds: float) -> Rate:
    """Cases of ten events, of those that changed last."""
    newest = store.events // EVENTS_PER_CASE - OPEN_CASES
    return store.reader.rate(
        seconds, lambda recorder, n: recorder.select_events(case_id(newest + n % OPEN_CASES))
    )


def load_any_case(store: Store, seconds: float) -> Rate:
    """The same for any of all cases: few of them are in the processor's caches."""
    cases = store.events // EVENTS_PER_CASE
    return store.reader.rate(
        seconds, lambda recorder, n: recorder.select_events(case_id(n % cases))
    )


def read_page(store: Store, seconds: float) -> Rate:
    """Pages one after the other, as followers read, from somewhere in the log on."""
    begin, pages = randrange(store.events), count()

    def next_page(recorder: EventRecorder, _: int) -> object:
        event = (begin + next(pages) * PAGE_EVENTS) % store.events
        return recorder.read_page(event << 12, PAGE_EVENTS)

    return store.reader.rate(seconds, next_page)


MEASURES: dict[str, Callable[[Store, float], Rate]] = {
    "append": append,
    "load an open case": load_open_case,
    "load any case": load_any_case,
    "read a page": read_page,
}


def compare(small: Store, grown: Store, rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """Each rate in the grown store, and its share of the rate in the small one beside it."""
    pairs: dict[str, list[tuple[Rate, Rate]]] = {name: [] for name in MEASURES}
    for _ in range(rounds):
        for name, measure in MEASURES.items():
            before = measure(small, seconds)
            pairs[name].append((before, measure(grown, seconds)))
    return {name: _medians(found) for name, found in pairs.items()}


def _medians(pairs: list[tuple[Rate, Rate]]) -> dict[str, float]:
    median = statistics.median
    return {
        "per_second": round(median(after.per_second for _, after in pairs)),
        "of_small": round(
            median(after.per_second / before.per_second for before, after in pairs), 3
        ),
        "server_us": round(median(after.server_us for _, after in pairs), 1),
        "server_us_small": round(median(before.server_us for before, _ in pairs), 1),
    }


def show(result: dict[str, Any], console: Console) -> None:
    """The report as a table."""
    small = "of a store of 10,000"
    server = "server us for one"
    table = Table("events", "", "", "per second", small, server, "there", title="Growth")
    for row in result["results"]:
        table.add_row(
            f"{row['events']:,}",
            row["layout"],
            row["name"],
            f"{row['per_second']:,}",
            f"{row['of_small']:.1%}",
            f"{row['server_us']:,}" if row["server_us"] else "",
            f"{row['server_us_small']:,}" if row["server_us_small"] else "",
        )
    console.print(table)


@contextmanager
def _home(kept: Path | None) -> Iterator[Path]:
    """A directory for the server: the one that is kept, or one for this run."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        kept.chmod(0o711)
        yield kept
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o711)
        yield Path(directory)


def _sizes(events: int, grown: Store) -> list[int]:
    """How large a store is where it is measured: not below what it holds already."""
    sizes = {max(SMALL_EVENTS, round(events * share)) for share in SHARES}
    return sorted({max(size, grown.events) for size in sizes})


@click.command()
@click.option("--events", default=1_000_000, show_default=True)
@click.option("--state-bytes", default=256, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=2.0, show_default=True, help="For each rate in each round.")
@click.option("--partitions", default=0, help="Beside it, a table divided by hash; both full.")
@click.option("--shared-buffers", help="The server's memory, e.g. 6GB; without it what it has.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the filled store here, and use it again.",
)
@click.option("--warm", is_flag=True, help="Read everything once before it is measured.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
def main(
    events: int,
    state_bytes: int,
    rounds: int,
    seconds: float,
    partitions: int,
    shared_buffers: str | None,
    data: Path | None,
    warm: bool,
    path: Path | None,
) -> None:
    """Compare a growing store with a small one on the same server, turn by turn."""
    results: list[dict[str, Any]] = []
    with _home(data) as home:
        give_memory(home, shared_buffers)
        with (
            database_for(Settings(data_dir=home)) as settings,
            Console(file=sys.stderr).status("starting") as status,
        ):
            small = Store(other_database(settings, "small"), state_bytes)
            small.fill(SMALL_EVENTS, status.update)
            stores = {"one table": Store(settings, state_bytes)}
            sizes = _sizes(events, stores["one table"])
            if partitions:
                divided = Store(other_database(settings, "divided"), state_bytes)
                divided.divide(partitions)
                stores[f"{partitions} partitions"] = divided
            for size in sizes[-1:] if partitions else sizes:
                for layout, grown in stores.items():
                    grown.fill(size, status.update)
                    if warm:
                        grown.reader.warm()
                    status.update(f"measuring at {grown.events:,} events")
                    for name, rates in compare(small, grown, rounds, seconds).items():
                        row = {"events": grown.events, "layout": layout, "name": name}
                        results.append(row | rates)
    result = {"state_bytes": state_bytes, "results": results}
    show(result, Console())
    if path is not None:
        path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
