"""What every contestant of the append benchmark gets, and what it gives back."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Round:
    """The database, the number of writers, the time."""

    url: str
    writers: int
    seconds: float

    @property
    def processes(self) -> int:
        """Processes that the writers are spread over: one per core."""
        return min(self.writers, os.cpu_count() or 1)

    @property
    def writers_per_process(self) -> list[int]:
        """How many of the writers each process has."""
        count = self.processes
        return [len(range(number, self.writers, count)) for number in range(count)]


@dataclass(frozen=True)
class Measured:
    """Appends per second of all writers together, and how long each one took (or a sample)."""

    per_second: float
    latencies_us: Sequence[int]

    @classmethod
    def of(cls, parts: Iterable[tuple[float, Sequence[int]]]) -> Measured:
        """From what each process or thread found."""
        rates, latencies = zip(*parts, strict=True)
        return cls(sum(rates), [each for some in latencies for each in some])


Contest = Callable[[Round], Measured]


def quantile(sorted_values: Sequence[int], share: float) -> int:
    """The value that this share of all values does not exceed (nearest rank)."""
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]
