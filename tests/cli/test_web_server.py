"""gunicorn as Amends runs it: what it refuses itself, and the slots of its counters."""

import gc
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from api.web_server import (
    CYCLES_LOOKED_FOR_AFTER,
    STATUS_OF,
    ServiceWorker,
    end_in_time,
    gunicorn_options,
    refusal,
    search_seldom_for_cycles,
    take_slot,
)
from service.access_tokens import AccessTokens
from service.assembly import Service
from service.settings import Settings
from tests.cli.conftest import Start
from tests.cli.processes import environment_of, free_port, until

TYPED = "zhang-wei"


@pytest.fixture(scope="module")
def statuses() -> set[int]:
    return {status for _, status in STATUS_OF} | {500}


def test_every_refusal_is_a_whole_answer_with_a_problem(statuses: set[int]) -> None:
    for status in statuses:
        head, _, body = refusal(status).partition(b"\r\n\r\n")

        problem = json.loads(body)
        assert head.startswith(f"HTTP/1.1 {status} ".encode())
        assert b"Content-Type: application/problem+json" in head
        assert f"Content-Length: {len(body)}".encode() in head
        assert problem["status"] == status
        assert problem["code"]


def test_a_process_stops_at_once_also_where_it_is_just_handing_out_a_request() -> None:
    worker = ServiceWorker.__new__(ServiceWorker)
    worker.cfg = SimpleNamespace(worker_int=lambda worker: None)
    worker.tpool = ThreadPoolExecutor(1)

    def quit_while_the_pool_is_busy() -> None:
        with suppress(SystemExit), worker.tpool._shutdown_lock:
            worker.handle_quit(signal.SIGQUIT, None)

    stopping = Thread(target=quit_while_the_pool_is_busy, daemon=True)
    stopping.start()
    stopping.join(timeout=60)

    assert not stopping.is_alive()
    assert worker.alive is False


LEAVING = """
import os
from threading import Event, Thread
from types import SimpleNamespace

from api.web_server import end_in_time

Thread(target=Event().wait).start()
arbiter = SimpleNamespace(cfg=SimpleNamespace(graceful_timeout=0.2))
end_in_time(arbiter, SimpleNamespace(pid=os.getpid()))
"""


def test_a_process_that_leaves_ends_also_where_one_of_its_threads_does_not() -> None:
    left = subprocess.run([sys.executable, "-c", LEAVING], check=False, timeout=60)

    assert left.returncode == 1


def test_nothing_ends_for_a_process_that_is_gone() -> None:
    before = threading.active_count()

    end_in_time(SimpleNamespace(), SimpleNamespace(pid=0))

    assert threading.active_count() == before


@pytest.fixture
def collector() -> Iterator[None]:
    """Python's search for cycles, as it was before when the test is over."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.mark.usefixtures("collector")
def test_a_web_process_looks_seldom_for_cycles_and_not_among_what_is_there() -> None:
    assert (gc.get_threshold()[0], gc.get_freeze_count()) == (700, 0)

    search_seldom_for_cycles()

    assert gc.get_threshold()[0] == CYCLES_LOOKED_FOR_AFTER
    assert gc.get_freeze_count() > CYCLES_LOOKED_FOR_AFTER
    assert gc.isenabled()


@pytest.fixture
def web(start: Start, settings: Settings) -> int:
    """The port of a running `amends web`."""
    port = free_port()
    env = {**environment_of(settings), "PORT": str(port), "AMENDS_WEB_PROCESSES": "1"}
    process = start("web", env=env)
    until(lambda: process.poll() is not None or _listens(port))
    return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_what_is_no_http_gets_a_problem_that_repeats_nothing(web: int) -> None:
    for request, status in [
        (f"GET / HTTP/1.1\r\n{TYPED} no colon\r\n\r\n", 400),
        (f"{TYPED}\r\n\r\n", 400),
        (f"GET /{TYPED * 1_000} HTTP/1.1\r\n\r\n", 414),
        ("GET / HTTP/1.1\r\n" + "".join(f"X-{n}: {TYPED}\r\n" for n in range(80)) + "\r\n", 431),
        (f"POST / HTTP/1.1\r\nTransfer-Encoding: {TYPED}\r\n\r\n", 501),
    ]:
        answer = _ask(web, request)

        assert answer.startswith(f"HTTP/1.1 {status} ")
        assert "application/problem+json" in answer
        assert TYPED not in answer


def test_a_body_in_broken_chunks_is_refused_like_any_other(web: int, service: Service) -> None:
    _, key = AccessTokens(service.engine).create("shop", ["reporter"])
    head = (
        f"POST /v1/cases HTTP/1.1\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: one\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for body in (
        f"{TYPED}\r\n{{}}\r\n0\r\n\r\n",
        f"2\r\n{{}}{TYPED}\r\n0\r\n\r\n",
        f"2\r\n{{}}\r\n0\r\n{TYPED} no colon\r\n\r\n",
    ):
        answer = _ask(web, head + body)

        assert answer.startswith("HTTP/1.1 400 ")
        assert '"code":"bad_request"' in answer
        assert answer.count("HTTP/1.1") == 1
        assert TYPED not in answer


def _ask(port: int, request: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(request.encode())
        return b"".join(iter(lambda: client.recv(65_536), b"")).decode()


def test_a_new_process_takes_the_lowest_free_slot() -> None:
    def slot_beside(*slots: int) -> int:
        others = {number: SimpleNamespace(slot=slot) for number, slot in enumerate(slots)}
        worker: Any = SimpleNamespace()
        take_slot(SimpleNamespace(WORKERS=others), worker)
        return int(worker.slot)

    assert slot_beside() == 0
    assert slot_beside(0) == 1
    assert slot_beside(1) == 0
    assert slot_beside(0, 2, 1) == 3


def test_an_ipv6_host_is_bound_in_brackets() -> None:
    assert gunicorn_options(Settings(host="::1", port=81))["bind"] == "[::1]:81"
