"""A value that is kept for a moment, so that asking often costs little."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The last value made, for `seconds`. While one caller makes a new one, others get the old."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[float, T] | None = None

    def get(self, make: Callable[[], T]) -> T:
        """The value kept, or what `make` makes. Only the very first callers wait for each other."""
        kept = self._kept
        if kept is None:
            with self._lock:
                return self._kept[1] if self._kept else self._renew(make)
        if self._clock() - kept[0] > self._seconds and self._lock.acquire(blocking=False):
            try:
                return self._renew(make)
            finally:
                self._lock.release()
        return kept[1]

    def _renew(self, make: Callable[[], T]) -> T:
        value = make()
        self._kept = (self._clock(), value)
        return value
