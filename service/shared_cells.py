"""Numbers in memory that all processes of a web server share: no files, no growth."""

from __future__ import annotations

import mmap
from typing import Final

MAX_PROCESSES: Final = 128


class SharedCells:
    """One anonymous shared mapping of 64-bit floats, made before the processes fork.

    Each process writes its own slot, so no lock spans processes; a reader takes the slots
    together. A process that takes over the slot of one that ended goes on there.
    """

    def __init__(self, processes: int, width: int) -> None:
        self._slots = min(max(1, processes), MAX_PROCESSES)
        self._width = width
        size = max(1, self._slots * width) * 8
        self._cells = memoryview(mmap.mmap(-1, size)).cast("d")
        self.own = self._of_slot(0)

    def use_slot(self, number: int) -> None:
        """Write to this slot from now on; called once in each process after it forked."""
        self.own = self._of_slot(number % self._slots)

    def sums(self, first: int, count: int) -> list[float]:
        """So many cells from this one on, each added up over the slots."""
        return [sum(cells) for cells in self._over_slots(first, count)]

    def newest(self, first: int, count: int) -> list[float]:
        """The highest value of each of these cells over the slots."""
        return [max(cells) for cells in self._over_slots(first, count)]

    def _over_slots(self, first: int, count: int) -> list[tuple[float, ...]]:
        rows = [self._of_slot(slot)[first : first + count] for slot in range(self._slots)]
        return list(zip(*rows, strict=True))

    def _of_slot(self, number: int) -> memoryview[float]:
        return self._cells[number * self._width : (number + 1) * self._width]
