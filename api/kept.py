"""A value that is kept for a moment, so that asking often costs little."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The last value made, for `seconds`; one caller makes a new one while others wait."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._value: tuple[float, T] | None = None

    def get(self, make: Callable[[], T]) -> T:
        with self._lock:
            if self._value is None or self._clock() - self._value[0] > self._seconds:
                self._value = (self._clock(), make())
            return self._value[1]
