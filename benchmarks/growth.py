"""`python -m benchmarks.growth`: does the store get slower as its log grows?"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import click
import psycopg2
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url

from benchmarks.append_contestants import ours, python
from benchmarks.appending import Round
from service.database import create_engine
from service.embedded_postgres import database_for
from service.event_store import EventRecorder
from service.migrating import migrate_database
from service.postgres_cluster import SUPERUSER
from service.settings import Settings

SMALL_EVENTS = 10_000
EVENTS_PER_CASE = 10
OPEN_CASES = 1_000
SHARES = (0.0, 0.1, 1.0)
"""Of all events: where everything is measured."""

FILLED_AT_ONCE = 500_000
WRITERS = 8
PAGE_EVENTS = 500

# A thousand cases are open at any time, so the events of one lie far apart, as in real life. Ids
# rise with time, as those of the service do.
FILL = """
INSERT INTO events (position, recorded_at, originator_id, originator_version, topic, state)
SELECT n << 12, clock_timestamp(),
    (lpad(to_hex(n / 10000 * 1000 + n %% 1000), 12, '0') || '70008000'
        || lpad(to_hex(n %% 1000), 12, '0'))::uuid,
    (n / 1000) %% 10 + 1, 'solution_proposed:1', decode(repeat('61', %s), 'hex')
FROM generate_series(%s::bigint, %s::bigint) AS n
"""

# An experiment: no key can be unique over all partitions without the column that divides them.
PARTITIONED = """
ALTER TABLE events RENAME CONSTRAINT events_position TO whole_events_position;
ALTER TABLE events RENAME CONSTRAINT events_version TO whole_events_version;
ALTER TABLE events RENAME TO whole_events;
CREATE TABLE events (LIKE whole_events) PARTITION BY HASH (originator_id);
ALTER TABLE events
    ADD CONSTRAINT events_position PRIMARY KEY (position, originator_id),
    ADD CONSTRAINT events_version UNIQUE (originator_id, originator_version);
GRANT SELECT, INSERT ON events TO PUBLIC;
"""
PARTITION = (
    "CREATE TABLE events_{n} PARTITION OF events FOR VALUES WITH (MODULUS {of}, REMAINDER {n})"
)

# New positions start above all that will ever be filled in, as in a store that was adopted.
BASE_ABOVE = (
    "CREATE OR REPLACE FUNCTION event_store_base() RETURNS bigint LANGUAGE sql STABLE"
    " AS 'SELECT 1::bigint << 48'"
)

Rates = dict[str, float]


def case_id(number: int) -> UUID:
    """The id of a filled case; the same as in FILL."""
    return UUID(f"{number:012x}70008000{number % 1000:012x}")


def append_rate(url: str, events: int, seconds: float) -> float:
    """Appends per second of eight writers."""
    return python(ours)(Round(url, WRITERS, seconds)).per_second


def open_case_rate(url: str, events: int, seconds: float) -> float:
    """Cases of ten events loaded per second, of those that changed last."""
    cases = events // EVENTS_PER_CASE
    newest = cases - OPEN_CASES
    return _rate(
        url, seconds, lambda store, n: store.select_events(case_id(newest + n % OPEN_CASES))
    )


def any_case_rate(url: str, events: int, seconds: float) -> float:
    """The same for any of all cases: few of them are in the server's memory."""
    cases = events // EVENTS_PER_CASE
    return _rate(url, seconds, lambda store, n: store.select_events(case_id(n % cases)))


def page_rate(url: str, events: int, seconds: float) -> float:
    """Pages read per second, from anywhere in the log."""
    return _rate(url, seconds, lambda store, n: store.read_page(n % events << 12, PAGE_EVENTS))


MEASURES: dict[str, Callable[[str, int, float], float]] = {
    "append": append_rate,
    "load an open case": open_case_rate,
    "load any case": any_case_rate,
    "read a page": page_rate,
}


def _rate(url: str, seconds: float, ask: Callable[[EventRecorder, int], object]) -> float:
    engine = create_engine(Settings(database_url=url), pool_size=1)
    store, random = EventRecorder(engine), Random(0)
    ask(store, 0)
    begin, number = time.perf_counter(), 0
    while time.perf_counter() < begin + seconds:
        ask(store, random.getrandbits(40))
        number += 1
    engine.dispose()
    return number / seconds


class Store:
    """A database with a log that can be filled far faster than by appending."""

    def __init__(self, settings: Settings, state_bytes: int) -> None:
        assert settings.owner_database_url is not None
        self.url = settings.required_database_url()
        self._superuser_url = _as_superuser(settings.owner_database_url)
        self.events = 0
        self._state_bytes = state_bytes
        migrate_database(settings)
        self.execute(BASE_ABOVE)

    def execute(self, *statements: str, values: tuple[int, ...] | None = None) -> None:
        """Run statements as the superuser."""
        with closing(psycopg2.connect(self._superuser_url)) as connection:
            connection.autocommit = True
            for statement in statements:
                connection.cursor().execute(statement, values)

    def divide(self, partitions: int) -> None:
        """Put a table of partitions in the place of the one table; an experiment."""
        each = [PARTITION.format(n=n, of=partitions) for n in range(partitions)]
        self.execute(PARTITIONED, *each)

    def fill(self, events: int, say: Callable[[str], None]) -> None:
        """Fill it up to so many events."""
        while self.events < events:
            say(f"filling: {self.events:,} of {events:,} events")
            upper = min(events, self.events + FILLED_AT_ONCE)
            self.execute(FILL, values=(self._state_bytes, self.events, upper - 1))
            self.events = upper
        self.execute("VACUUM (ANALYZE) events", "CHECKPOINT")


def compare(small: Store, grown: Store, rounds: int, seconds: float) -> dict[str, Rates]:
    """Each rate in the grown store, and its share of the rate in the small one beside it."""
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in MEASURES}
    for _ in range(rounds):
        for name, measure in MEASURES.items():
            before = measure(small.url, small.events, seconds)
            pairs[name].append((before, measure(grown.url, grown.events, seconds)))
    return {
        name: {
            "per_second": round(statistics.median(after for _, after in found)),
            "of_small": round(statistics.median(after / before for before, after in found), 3),
        }
        for name, found in pairs.items()
    }


def show(result: dict[str, Any], console: Console) -> None:
    """The report as a table."""
    table = Table("events", "", "", "per second", "of a store of 10,000", title="Growth")
    for row in result["results"]:
        table.add_row(
            f"{row['events']:,}",
            row["layout"],
            row["name"],
            f"{row['per_second']:,}",
            f"{row['of_small']:.1%}",
        )
    console.print(table)


def _as_superuser(url: str) -> str:
    return make_url(url).set(username=SUPERUSER).render_as_string(hide_password=False)


def _other_database(settings: Settings, name: str) -> Settings:
    """One more database on the same server."""
    assert settings.owner_database_url is not None

    def renamed(url: str) -> str:
        return make_url(url).set(database=name).render_as_string(hide_password=False)

    with closing(psycopg2.connect(_as_superuser(settings.owner_database_url))) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name} OWNER amends_owner")
    return replace(
        settings,
        database_url=renamed(settings.required_database_url()),
        owner_database_url=renamed(settings.owner_database_url),
    )


def _give_memory(home: Path, shared_buffers: str) -> None:
    """Let the server that lives here have so much memory from its next start on."""
    with (
        database_for(Settings(data_dir=home)) as settings,
        closing(psycopg2.connect(_as_superuser(settings.owner_database_url or ""))) as connection,
    ):
        connection.autocommit = True
        connection.cursor().execute("ALTER SYSTEM SET shared_buffers = %s", (shared_buffers,))


@click.command()
@click.option("--events", default=1_000_000, show_default=True)
@click.option("--state-bytes", default=256, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=2.0, show_default=True, help="For each rate in each round.")
@click.option("--partitions", default=0, help="Beside it, a table divided by hash; both full.")
@click.option("--shared-buffers", help="The server's memory, e.g. 6GB; without it what it has.")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
def main(
    events: int,
    state_bytes: int,
    rounds: int,
    seconds: float,
    partitions: int,
    shared_buffers: str | None,
    path: Path | None,
) -> None:
    """Compare a growing store with a small one on the same server, turn by turn."""
    results: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        home.chmod(0o711)
        if shared_buffers:
            _give_memory(home, shared_buffers)
        with (
            database_for(Settings(data_dir=home)) as settings,
            Console(file=sys.stderr).status("starting") as status,
        ):
            small = Store(_other_database(settings, "small"), state_bytes)
            small.fill(SMALL_EVENTS, status.update)
            stores = {"one table": Store(settings, state_bytes)}
            if partitions:
                divided = Store(_other_database(settings, "divided"), state_bytes)
                divided.divide(partitions)
                stores[f"{partitions} partitions"] = divided
            for share in SHARES[-1:] if partitions else SHARES:
                for layout, grown in stores.items():
                    grown.fill(max(SMALL_EVENTS, round(events * share)), status.update)
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
