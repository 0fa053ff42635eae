"""Helpers around real processes: their environment, their families, and waiting for them."""

import os
import random
import re
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import cycle
from threading import Event
from typing import Any

import psutil

from service.settings import Settings

DEADLINE_SECONDS = 300.0
"""Only against hanging: what is waited for comes in seconds, and on a busy machine in a minute."""

PORTS = range(10_000, 32_000)
"""Below those that the system gives to whoever asks for any or calls somebody (Linux: 32768)."""
WORKERS_MAX = 16
"""Processes of one test run, each with ports of its own."""


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables that give a command these settings."""
    given = {
        "AMENDS_DATABASE_URL": settings.database_url,
        "AMENDS_OWNER_DATABASE_URL": settings.owner_database_url,
        "AMENDS_MASTER_KEY": settings.master_key,
        "AMENDS_DATA_DIR": str(settings.data_dir),
        "AMENDS_AUDITOR_ROLE": settings.auditor_role,
        "AMENDS_ERASURE_REGISTER": settings.erasure_register and str(settings.erasure_register),
    }
    return {name: value for name, value in given.items() if value is not None}


def free_port() -> int:
    """A port that nobody uses now, nor is given by chance before a server listens on it."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port := next(_ports)))
            return port


def _own_ports() -> Iterator[int]:
    """Those of this process, one after the other; runs beside each other begin anywhere."""
    number = re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", ""))
    own = PORTS[int(number or 0) % WORKERS_MAX :: WORKERS_MAX]
    return cycle(random.sample(own, len(own)))


_ports = _own_ports()


def family_of(process_id: int) -> list[psutil.Process]:
    """A process and everything that it has started."""
    try:
        parent = psutil.Process(process_id)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; a zombie that nobody has collected yet does not."""
    return [each for each in processes if each.is_running() and _works(each)]


def _works(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def until(what: Callable[[], Any], seconds: float = DEADLINE_SECONDS) -> Any:
    """Ask again and again until the answer is true, and return it; fail when the time is over."""
    deadline = time.monotonic() + seconds
    pause = Event()
    while not (answer := what()):
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(0.02)
    return answer
