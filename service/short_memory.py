"""Values kept at hand for a short time: so many at most, and the longest kept goes first."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)
Kept = TypeVar("Kept")


class ShortMemory(Generic[Name, Kept]):
    """Remembers up to `most` values for so many seconds by `clock`. Threads may share it."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float]) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._entries: dict[Name, tuple[float, Kept]] = {}
        self._lock = Lock()

    def get(self, name: Name) -> Kept | None:
        """What was kept under this name, unless its time is over."""
        entry = self._entries.get(name)
        return None if entry is None or entry[0] <= self._clock() else entry[1]

    def put(self, name: Name, value: Kept) -> None:
        """Keep a value from now on."""
        with self._lock:
            self._entries.pop(name, None)
            if len(self._entries) >= self._most:
                del self._entries[next(iter(self._entries))]
            self._entries[name] = (self._clock() + self._seconds, value)

    def drop(self, name: Name) -> None:
        """Keep nothing under this name any more."""
        with self._lock:
            self._entries.pop(name, None)
