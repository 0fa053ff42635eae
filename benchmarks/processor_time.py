"""Processor time of processes, from /proc (Linux only)."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import text

from service.assembly import Service

PARENT, SPENT, SPENT_BY_CHILDREN = 0, slice(10, 12), slice(12, 14)
"""Places in the list that `_stat` gives."""
TICKS = os.sysconf("SC_CLK_TCK")


def server_seconds(service: Service) -> float:
    """Of the database server's processes, those that have ended included."""
    with service.engine.connect() as connection:
        backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    server = _stat(backend)[PARENT]
    ticks = sum(_stat(server)[SPENT_BY_CHILDREN])
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit():
            ticks += _spent_by_child(int(directory.name), server)
    return ticks / TICKS


def spent_seconds(pid: int) -> float:
    """Of one process without its children, to the nanosecond; see clock_getcpuclockid(3).

    0 for a process that has just ended; its parent has that time then.
    """
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def family_seconds(parent: int) -> float:
    """Of a process and its children that live, to the nanosecond."""
    return spent_seconds(parent) + sum(map(spent_seconds, _children_of(parent)))


def parent_of(pid: int) -> int:
    """The process that started this one: for a connection's backend, the database server."""
    return _stat(pid)[PARENT]


def _children_of(parent: int) -> list[int]:
    """The processes that it started and that have not ended."""
    found = []
    for directory in Path("/proc").iterdir():
        with suppress(OSError):  # it has just ended
            if directory.name.isdigit() and parent_of(int(directory.name)) == parent:
                found.append(int(directory.name))
    return found


def children_seconds(pid: int) -> float:
    """Of the children of a process that have ended."""
    return sum(_stat(pid)[SPENT_BY_CHILDREN]) / TICKS


def _spent_by_child(pid: int, server: int) -> int:
    try:
        stat = _stat(pid)
    except OSError:  # it has just ended, and counts among the children that have
        return 0
    return sum(stat[SPENT]) if stat[PARENT] == server else 0


def _stat(pid: int) -> list[int]:
    """The numbers of /proc/PID/stat behind the process's name and state; see proc(5)."""
    behind = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1:]
    return [int(number) for number in behind]
