"""How many may fold the past at the same time: each takes a processor and memory for seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, local


class PastIsBusy(Exception):
    """As many as may are folding the past already."""


class Turns:
    """Gives turns to threads; without `most`, to all who want one."""

    def __init__(self, most: int | None = None) -> None:
        self._free = None if most is None else BoundedSemaphore(most)
        self._thread = local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """A turn for this thread, unless it has one already. Raises PastIsBusy."""
        if self._free is None or getattr(self._thread, "has_turn", False):
            yield
            return
        if not self._free.acquire(blocking=False):
            raise PastIsBusy
        self._thread.has_turn = True
        try:
            yield
        finally:
            self._thread.has_turn = False
            self._free.release()


NO_LIMIT = Turns()
