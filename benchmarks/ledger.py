"""`python -m benchmarks.ledger`: what the ledger costs the appends, and how fast it is verified."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import click
import psutil
import psycopg2
from sqlalchemy import text

from benchmarks.append_contestants import ours, ours_with_command, python
from benchmarks.appending import Contest, Round
from projections.ledger.directory import CheckpointDirectory
from projections.ledger.health import LedgerHealth, ledger_health
from projections.ledger.keeping import keeping
from projections.ledger.rounds import LedgerRound
from projections.ledger.verification import verify_ledger
from service.assembly import build
from service.database import create_engine
from service.embedded_postgres import database_for
from service.migrating import migrate_database
from service.settings import Settings

APPENDS: dict[str, Contest] = {
    "append": python(ours),
    "append with command": python(ours_with_command),
}
FILL = """
INSERT INTO events
SELECT n::bigint << 12, timestamptz '2026-01-01 00:00Z' + n * interval '1 second',
    gen_random_uuid(), 1, 'interaction_logged:1', decode(repeat(md5(n::text), 16), 'hex')
FROM generate_series(1, %s) AS n
"""


def cost(settings: Settings, writers: int, rounds: int, seconds: float) -> dict[str, Any]:
    """Processor time of the ledger as a share of that of the appends it adds.

    Where all cores are busy, that is the share of appends that it costs. Rates alone would not
    do: on a shared machine they differ by more from round to round.
    """
    each = Round(settings.required_database_url(), writers, seconds)
    found: dict[str, list[Costs]] = {name: [] for name in APPENDS}
    for number in range(rounds):
        for name, appends in APPENDS.items():
            found[name].append(_costs(settings, appends, each))
            say(f"round {number + 1}, {name}: {found[name][-1]}")
    return {
        name: {
            "writers": writers,
            "appends_per_second": round(statistics.median(one.per_second for one in some)),
            "append_cpu_us": round(statistics.median(one.append_us for one in some), 1),
            "ledger_cpu_us": round(statistics.median(one.ledger_us for one in some), 1),
            "share": round(statistics.median(one.ledger_us / one.append_us for one in some), 4),
            "lag_seconds_highest": round(max(one.lag_seconds for one in some), 3),
        }
        for name, some in found.items()
    }


class Costs(NamedTuple):
    """Of one round: processor time for each event, in clients and server together."""

    per_second: float
    append_us: float
    ledger_us: float
    lag_seconds: float


def _costs(settings: Settings, appends: Contest, each: Round) -> Costs:
    with _worker(settings) as (worker, backend):
        before = _ledger_size(settings), _cpu(worker, backend), _cpu_of_ended(backend)
        rate = appends(each).per_second
        lag_seconds = _lag(settings)
        time.sleep(1.0)  # the writers' server processes end, the ledger catches up
        after = _ledger_size(settings), _cpu(worker, backend), _cpu_of_ended(backend)
    events, ledger, others = (new - old for old, new in zip(before, after, strict=True))
    return Costs(rate, others / events * 1e6, ledger / events * 1e6, lag_seconds)


def _cpu(*process_ids: int) -> float:
    times = [psutil.Process(process_id).cpu_times() for process_id in process_ids]
    return float(sum(each.user + each.system for each in times))


def _cpu_of_ended(backend: int) -> float:
    """Of all server processes that ended, and of all children of ours that did."""
    server = psutil.Process(backend).parent()
    assert server is not None
    ended = server.cpu_times()
    ours = resource.getrusage(resource.RUSAGE_CHILDREN)
    return float(ended.children_user + ended.children_system + ours.ru_utime + ours.ru_stime)


@contextmanager
def _worker(settings: Settings) -> Iterator[tuple[int, int]]:
    """The ledger in a process of its own, as a worker keeps it; its id and its server process's."""
    arguments = [sys.executable, "-m", "benchmarks.ledger", "--keep", str(settings.data_dir)]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process.pid, int(process.stdout.readline())
    finally:
        process.communicate()


def _keep(data_dir: Path) -> None:
    with database_for(Settings(data_dir=data_dir, pool_size=1)) as settings:
        service = build(settings)
        work = LedgerRound(service)
        work()
        with service.engine.connect() as connection:
            backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with keeping(work):
            print(backend, flush=True)
            sys.stdin.read()


def _ledger_size(settings: Settings) -> int:
    return _health(settings).size


def _lag(settings: Settings) -> float:
    found = _health(settings)
    return max(found.lag_seconds, found.unsigned_seconds)


def _health(settings: Settings) -> LedgerHealth:
    engine = create_engine(settings, pool_size=1)
    try:
        with engine.connect() as connection:
            return ledger_health(connection)
    finally:
        engine.dispose()


def verifying(settings: Settings, events: int) -> dict[str, Any]:
    """Seconds to build a ledger of so many events of 256 bytes, and to verify all of it."""
    with closing(psycopg2.connect(settings.owner_database_url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(FILL, (events,))
        connection.cursor().execute("SELECT adopt_event_store()")
        connection.cursor().execute("VACUUM ANALYZE events")
    service = build(settings)
    begin = time.monotonic()
    LedgerRound(service)()
    built = time.monotonic()
    directory = CheckpointDirectory(settings.published_dir)
    found = verify_ledger(service.engine, [directory], directory.keys())
    done = time.monotonic()
    assert (found.ok, found.events) == (True, events), found
    service.engine.dispose()
    return {
        "events": events,
        "build_seconds": round(built - begin, 2),
        "verify_seconds": round(done - built, 2),
    }


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


@contextmanager
def _database(parent: Path, name: str) -> Iterator[Settings]:
    with database_for(Settings(data_dir=parent / name)) as settings:
        migrate_database(settings)
        yield replace(settings, log_level="error")


@click.command()
@click.option("--events", default=1_000_000, help="Events to verify; 0: none.")
@click.option("--writers", default=8)
@click.option("--rounds", default=3, help="Rounds of appends; 0: none.")
@click.option("--seconds", default=5.0, help="Of each round.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the result here.")
@click.option("--keep", type=click.Path(path_type=Path), hidden=True)
def main(
    events: int,
    writers: int,
    rounds: int,
    seconds: float,
    json_path: Path | None,
    keep: Path | None,
) -> None:
    """Measure on an embedded PostgreSQL of its own, with fsync on."""
    if keep is not None:
        _keep(keep)
        return
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="amends-bench-") as name:
        Path(name).chmod(0o711)
        if events:
            with _database(Path(name), "verify") as settings:
                result["verify"] = verifying(settings, events)
                say(str(result["verify"]))
        if rounds:
            with _database(Path(name), "append") as settings:
                result["append"] = cost(settings, writers, rounds, seconds)
    print(json.dumps(result, indent=1))
    if json_path:
        json_path.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
