"""A disk that answers every sync with an I/O error: what is not on disk is not acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.disk_errors import failing_syncs
from tests.faults.extent import extent, tell
from tests.faults.load import under_load
from tests.faults.own_server import OwnServer, own_server
from tests.faults.read_models import are_equal, listed

TIMES = extent(short=1, long=5)


@pytest.fixture
def server() -> Iterator[OwnServer]:
    with own_server() as server:
        yield server


def test_syncs_that_fail_for_a_moment_are_got_over_by_themselves(
    server: OwnServer, tmp_path: Path
) -> None:
    """The processes that see the error take the server down; it comes back by itself."""
    with under_load(server, tmp_path / "output") as load:
        for _ in range(TIMES):
            load.until_answered()
            with failing_syncs(server.processes(), children=False):
                load.until_refused(1)
            load.until_answered()
        compared, found = load.end()

    tell(f"every sync failed for a moment, {TIMES} times: {compared}")
    tell(f"  {load.refused:,} answers of 503; {listed(found)}")
    assert compared.is_clean
    assert are_equal(found)


def test_syncs_that_fail_until_the_server_cannot_even_recover(
    server: OwnServer, tmp_path: Path
) -> None:
    """Its restart fails too, and leaves one that says for ever that it recovers, or none."""
    with under_load(server, tmp_path / "output") as load:
        for _ in range(TIMES):
            load.until_answered()
            with failing_syncs(server.processes(), children=True):
                load.until_refused()
            server.start()
            load.until_answered()
        compared, found = load.end()

    tell(f"every sync failed until no server could recover, {TIMES} times: {compared}")
    tell(f"  {load.refused:,} answers of 503; {listed(found)}")
    assert compared.is_clean
    assert are_equal(found)
