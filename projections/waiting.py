"""Waiting until a read model has read a position, so that whoever wrote reads what they wrote."""

from __future__ import annotations

import time
from typing import Final

from sqlalchemy import Engine

from projections import builds

SHORTEST_PAUSE_SECONDS: Final = 0.002
LONGEST_PAUSE_SECONDS: Final = 0.05


def wait_until_read(reads: Engine, projection: str, position: int, timeout_seconds: float) -> bool:
    """Whether the build in use has read a position within the time; asks ever less often."""
    deadline = time.monotonic() + timeout_seconds
    pause_seconds = SHORTEST_PAUSE_SECONDS
    while not _has_read(reads, projection, position):
        left_seconds = deadline - time.monotonic()
        if left_seconds <= 0:
            return False
        time.sleep(min(pause_seconds, left_seconds))
        pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)
    return True


def _has_read(reads: Engine, projection: str, position: int) -> bool:
    with reads.connect() as connection:
        build = builds.find(connection, projection)
    return build is not None and build.position >= position
