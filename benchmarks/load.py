"""A small load generator, the same for every contestant: http.client in processes and threads."""

from __future__ import annotations

import multiprocessing
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any


@dataclass(frozen=True)
class Exchange:
    """One request, and what must come back; `then` makes a later one from the answer."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Load:
    """Who sends what: `exchanges` are split over processes and threads, one connection each."""

    port: int
    exchanges: Sequence[Exchange]
    processes: int = 2
    threads: int = 4


def run(load: Load) -> float:
    """Send every request once and return requests per second. Raises RuntimeError on a wrong
    answer."""
    context = multiprocessing.get_context("fork")
    start = context.Event()
    results: Any = context.Queue()
    parts = list(_split(load.exchanges, load.processes))
    workers = [
        context.Process(target=_process, args=(load, part, start, results)) for part in parts
    ]
    for worker in workers:
        worker.start()
    for _ in workers:
        results.get(timeout=60)
    began = time.perf_counter()
    start.set()
    faults = [results.get(timeout=600) for _ in workers]
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    if any(faults):
        raise RuntimeError(next(fault for fault in faults if fault))
    return len(load.exchanges) / seconds


def _split(exchanges: Sequence[Exchange], parts: int) -> Iterator[list[Exchange]]:
    for number in range(parts):
        yield list(exchanges[number::parts])


def _process(load: Load, mine: list[Exchange], start: Any, results: Any) -> None:
    faults: queue.SimpleQueue[str] = queue.SimpleQueue()
    connections = [HTTPConnection("127.0.0.1", load.port) for _ in range(load.threads)]
    for connection in connections:
        connection.connect()
    threads = [
        threading.Thread(target=_send_all, args=(connection, part, faults))
        for connection, part in zip(connections, _split(mine, load.threads), strict=True)
    ]
    results.put("ready")
    start.wait()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for connection in connections:
        connection.close()
    results.put("" if faults.empty() else faults.get())


def _send_all(
    connection: HTTPConnection, mine: list[Exchange], faults: queue.SimpleQueue[str]
) -> None:
    for exchange in mine:
        try:
            status, text = send(connection, exchange)
        except OSError as error:
            faults.put(type(error).__name__)
            return
        if status != exchange.status:
            faults.put(f"{exchange.method} {exchange.path}: {status} {text[:300]!r}")
            return


def send(connection: HTTPConnection, exchange: Exchange) -> tuple[int, bytes]:
    """One exchange on an open connection: status and body."""
    connection.request(exchange.method, exchange.path, exchange.body, exchange.headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def wait_until_up(port: int, path: str, alive: Callable[[], bool], seconds: float = 30) -> None:
    """Return once the address answers; RuntimeError when its process ends or time is up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and alive():
        connection = HTTPConnection("127.0.0.1", port, timeout=1)
        try:
            send(connection, Exchange("GET", path))
            return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError("the server did not come up")
