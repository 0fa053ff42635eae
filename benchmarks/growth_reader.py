"""Reading a store of the growth benchmark on one connection that stays."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Final

from benchmarks.processor_time import spent_seconds
from service.database import create_engine
from service.event_store import EventRecorder
from service.event_store.connections import connections_of
from service.settings import Settings

# In the order of both indexes: a sequential scan would leave most of a large table outside of
# shared_buffers, and neither index would be looked at.
READ_IT_ALL: Final = """
SET statement_timeout = 0; SET max_parallel_workers_per_gather = 0;
SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT count(state) FROM (SELECT state FROM events ORDER BY position) AS log;
SELECT count(*) FROM (SELECT FROM events ORDER BY originator_id, originator_version) AS cases;
RESET enable_seqscan; RESET enable_bitmapscan;
RESET statement_timeout; RESET max_parallel_workers_per_gather;
"""


@dataclass(frozen=True)
class Rate:
    """How many a second, and what one costs the server in processor time (0: not measured)."""

    per_second: float
    server_us: float = 0.0


class Reader:
    """One client and its server process, which lives on as those of a web process do.

    That matters: a new process of the server meets each page of the shared memory for the first
    time, which costs it more than that the log is large (docs/decisions/0070).
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(Settings(database_url=url), pool_size=1)
        self._connections = connections_of(self._engine)
        self._store = EventRecorder(self._engine)
        ((self._server_process,),) = self._connections.read("SELECT pg_backend_pid()")

    def warm(self) -> None:
        """Read all of it once, as a server has that has been up for long."""
        self._connections.read(READ_IT_ALL)

    def rate(self, seconds: float, ask: Callable[[EventRecorder, int], object]) -> Rate:
        """Ask with random numbers for so long."""
        random, number = Random(time.time_ns()), 0
        with _on_one_core(self._server_process):
            ask(self._store, 0)
            spent, begin = spent_seconds(self._server_process), time.perf_counter()
            while time.perf_counter() < begin + seconds:
                ask(self._store, random.getrandbits(40))
                number += 1
            spent = spent_seconds(self._server_process) - spent
        return Rate(number / seconds, spent / number * 1e6)

    def close(self) -> None:
        """Hang up."""
        self._engine.dispose()


@contextmanager
def _on_one_core(server_process: int) -> Iterator[None]:
    """Let client and server take turns on a core, where the system can.

    Each waits for the other anyway. On two cores an answer takes twice as long whenever the
    scheduler moves one of them, which says nothing about the log.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = {pid: os.sched_getaffinity(pid) for pid in (0, server_process)}
    try:
        for pid, allowed in cores.items():
            os.sched_setaffinity(pid, {max(allowed)})
        yield
    finally:
        for pid, allowed in cores.items():
            os.sched_setaffinity(pid, allowed)
