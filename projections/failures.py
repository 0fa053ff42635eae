"""Parts of a round that fail on their own: the others are done all the same."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TypeVar

Done = TypeVar("Done")


class Failures:
    """What has failed so far in a round whose parts do not depend on each other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._first: Exception | None = None

    def attempt(self, part: Callable[[], Done], otherwise: Done) -> Done:
        """What a part returns; where it raises, that is kept and `otherwise` returned."""
        try:
            return part()
        except Exception as error:
            with self._lock:
                self._first = self._first or error
            return otherwise

    def raise_first(self) -> None:
        """Raise what the first part raised that failed, if any did."""
        if self._first is not None:
            raise self._first
