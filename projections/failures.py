"""Parts of a round that fail on their own: the others are done all the same."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Final, TypeVar

import structlog

from projections.faults import name_of

log = structlog.get_logger(__name__)

Done = TypeVar("Done")
ALL: Final = "all"
"""Whose part it is where it is that of every read model."""


class Failures:
    """What has failed so far in a round whose parts do not depend on each other."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._first: Exception | None = None

    def attempt(self, projection: str, part: Callable[[], Done], otherwise: Done) -> Done:
        """What a part returns; where it raises, that is told, kept, and `otherwise` returned."""
        try:
            return part()
        except Exception as error:
            log.error("read model failed", projection=projection, error=name_of(error))
            with self._lock:
                self._first = self._first or error
            return otherwise

    def __bool__(self) -> bool:
        """Whether any part has failed."""
        return self._first is not None

    def raise_first(self) -> None:
        """Raise what the first part raised that failed, if any did."""
        if self._first is not None:
            raise self._first
