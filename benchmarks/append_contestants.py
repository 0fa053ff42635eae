"""Who appends in the benchmark: pgbench's scripts, our recorder, and the library's recorder."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.persistence import ApplicationRecorder, InfrastructureFactory, StoredEvent
from sqlalchemy import make_url

from benchmarks.appending import Contest, Measured, Round
from service.case_ids import new_case_id
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

Part = tuple[float, Sequence[int]]
Append = Callable[[StoredEvent], object]
MakeAppend = Callable[[str, int], Append]


def python(make_append: MakeAppend) -> Contest:
    """A contestant written in Python: writers are threads in as many processes as cores."""

    def contest(each: Round) -> Measured:
        context = multiprocessing.get_context("spawn")
        together, parts = context.Barrier(each.processes), context.Queue()
        processes = [
            context.Process(target=_process, args=(make_append, each, n, together, parts))
            for n in each.writers_per_process
        ]
        for process in processes:
            process.start()
        found = [parts.get(timeout=START_TIMEOUT_SECONDS + each.seconds) for _ in processes]
        for process in processes:
            process.join()
        assert all(process.exitcode == 0 for process in processes), "a writer failed"
        return Measured.of(found)

    return contest


def _process(
    make_append: MakeAppend,
    each: Round,
    threads: int,
    together: Barrier,
    measured: Queue[Part],
) -> None:
    append = make_append(each.url, threads)
    start = threading.Barrier(threads, action=partial(_wait_for_the_others, together))
    parts: list[Part] = []
    workers = [Thread(target=_write, args=(append, each, start, parts)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(parts) == threads, "a writer failed"
    whole = Measured.of(parts)
    measured.put((whole.per_second, whole.latencies_us))


def _wait_for_the_others(together: Barrier) -> None:
    together.wait(START_TIMEOUT_SECONDS)


def _write(append: Append, each: Round, start: threading.Barrier, parts: list[Part]) -> None:
    """Append for the time of the round; the first event only warms up."""
    events, latencies_us = _events(), []
    append(next(events))
    start.wait()
    begin = before = time.perf_counter()
    while before < begin + each.seconds:
        append(next(events))
        after = time.perf_counter()
        latencies_us.append(round((after - before) * 1e6))
        before = after
    parts.append((len(latencies_us) / (before - begin), latencies_us))


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
