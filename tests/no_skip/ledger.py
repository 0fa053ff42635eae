"""What the processes of a storm share: how much was written, and how far readers have come."""

from __future__ import annotations

import multiprocessing
from typing import Any

SPAWN: Any = multiprocessing.get_context("spawn")

LARGEST_LAG_EVENTS = 20_000
"""Writers wait for readers beyond this, so that the readers tail and memory stays small."""


class Ledger:
    """Counts in shared memory; `target` is where the writers stop."""

    def __init__(self, target: int, readers: int) -> None:
        self.target = target
        self._written = SPAWN.Value("q", 0)
        self._read = SPAWN.Array("q", readers)

    @property
    def written(self) -> int:
        """Events whose commit was acknowledged."""
        return self._written.value

    def add(self, events: int) -> None:
        """A writer's commit was acknowledged."""
        with self._written.get_lock():
            self._written.value += events

    def reached(self, reader: int, events: int) -> None:
        """A reader has so many events by now."""
        self._read[reader] = events

    def finished(self) -> bool:
        """Whether enough was written."""
        return self.written >= self.target

    def too_far_ahead(self) -> bool:
        """Whether the slowest reader lags behind too much."""
        return self.written - min(self._read[:]) > LARGEST_LAG_EVENTS
