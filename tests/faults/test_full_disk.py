"""The database's disk filled to the last byte under load, and emptied again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.disks import SmallDisk, small_disk
from tests.faults.extent import extent, tell
from tests.faults.load import Load, under_load
from tests.faults.own_server import OwnServer, own_server
from tests.faults.read_models import are_equal, listed

DISK_MEGABYTES = 200
TIMES_FILLED = extent(short=1, long=5)


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk(DISK_MEGABYTES) as disk:
        yield disk


def test_full_tables_refuse_politely_and_heal_by_themselves(
    disk: SmallDisk, tmp_path: Path
) -> None:
    with (
        own_server(disk.path, log_elsewhere=True) as server,
        under_load(server, tmp_path / "output") as load,
    ):
        states = [_fill_and_free(disk, load) for _ in range(TIMES_FILLED)]
        compared, found = load.end()

    tell(f"disk of the tables full {TIMES_FILLED} times: {compared}")
    tell(f"  {load.refused:,} answers of 503, /readyz {', '.join(states)}; {listed(found)}")
    assert compared.is_clean
    assert are_equal(found)
    assert set(states) == {"degraded"}


def _fill_and_free(disk: SmallDisk, load: Load) -> str:
    """The server lives, reads, and refuses to write; it is not touched."""
    load.until_answered()
    disk.fill()
    load.until_refused()
    state = load.until_not_ready()
    disk.free()
    load.until_answered()
    return state


def test_a_full_log_refuses_politely_and_heals_with_the_server(
    disk: SmallDisk, tmp_path: Path
) -> None:
    with (
        own_server(disk.path) as server,
        under_load(server, tmp_path / "output") as load,
    ):
        states = [_fill_log_and_free(disk, server, load) for _ in range(TIMES_FILLED)]
        compared, found = load.end()

    tell(f"disk of the log full {TIMES_FILLED} times: {compared}")
    tell(f"  {load.refused:,} answers of 503, /readyz {', '.join(states)}; {listed(found)}")
    assert compared.is_clean
    assert are_equal(found)
    assert set(states) <= {"degraded", "not_ready"}


def _fill_log_and_free(disk: SmallDisk, server: OwnServer, load: Load) -> str:
    """Without room for its log the server goes down, and up again when somebody starts it."""
    load.until_answered()
    disk.fill()
    server.fill_log()
    load.until_refused()
    state = load.until_not_ready()
    disk.free()
    server.start()
    load.until_answered()
    return state
