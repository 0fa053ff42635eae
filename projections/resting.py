"""Rest: a cheap look instead of a round that would find nothing to do, or no look at all."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import TIMEOUT_MAX, Condition
from typing import Final, NamedTuple

from sqlalchemy import Engine

from service.event_store.connections import connections_of

LOOK_ANYWAY_SECONDS: Final = 5.0
"""A round that asks one question is done at least so often, whatever is seen."""
ROUND_ANYWAY_SECONDS: Final = 30.0
"""One that asks many is done so often."""
FAILED_SECONDS: Final = 60.0
"""What failed is passed over for so long, so that the rest has its turn."""

# Two looks into an index and one at a table of a few rows, prepared: planning costs more. The ends
# are those below the horizon: what is appended but may not be read yet wakes nobody.
LOOK: Final = """
SELECT
    (SELECT position FROM events WHERE position < horizon ORDER BY position DESC LIMIT 1),
    (SELECT position FROM records WHERE position < horizon ORDER BY position DESC LIMIT 1),
    (
        SELECT string_agg(concat_ws(' ', build, version, position, folds_to), ',' ORDER BY build)
        FROM projection_builds
    )
FROM event_horizon
"""
_PREPARE: Final = f"PREPARE log_standing AS {LOOK}"
_STANDING: Final = "EXECUTE log_standing"


class Standing(NamedTuple):
    """Where the log ends for its readers, and how far each build of a read model has read.

    Positions are None where there is nothing, and so are the builds. A rebuild adds one when it
    begins; whatever a worker writes to a read model moves the position of its build.
    """

    last_event: int | None
    last_record: int | None
    builds: str | None


def standing(database: Engine) -> Standing:
    """How things stand, in one round trip. Raises StoreUnavailable."""
    (found,) = connections_of(database).read(_STANDING, preparation=_PREPARE)
    return Standing(*found)


class Stillness:
    """What one that looks again and again tells the others: as long as it lasts, none need look.

    It has to look at whatever the others depend on.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._standing: object = None
        self._is_over = False

    def goes_on(self, standing: object) -> None:
        """Nothing is to be done as things stand, and somebody goes on looking at them."""
        with self._changed:
            if standing != self._standing:
                self._standing = standing
                self._changed.notify_all()

    def ends(self) -> None:
        """There is something to do, or nobody looks for the moment."""
        self.goes_on(None)

    def close(self) -> None:
        """Nobody will look any more."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def lasts(self, standing: object, seconds: float) -> bool:
        """Whether things stand like that for so many seconds; waits until they do not."""
        patience = min(max(0.0, seconds), TIMEOUT_MAX)  # what a lock can wait for
        with self._changed:
            return not self._changed.wait_for(
                lambda: self._is_over or self._standing != standing, patience
            )


def _never() -> float:
    return math.inf


class Rest:
    """Calls a round unless nothing has changed since one that left nothing to do.

    `look` tells how things stand that the round depends on; `round_` does it, and tells whether
    nothing is left to do as things stood before. It is done anyway after `longest_seconds`, and
    once `due_seconds`, asked after each round, have passed. With a `stillness` a call waits, and
    does not look, as long as that lasts.
    """

    def __init__(
        self,
        look: Callable[[], object],
        round_: Callable[[], bool],
        *,
        longest_seconds: float = LOOK_ANYWAY_SECONDS,
        due_seconds: Callable[[], float] = _never,
        stillness: Stillness | None = None,
    ) -> None:
        self._look = look
        self._round = round_
        self._longest_seconds = longest_seconds
        self._due_seconds = due_seconds
        self._stillness = stillness
        self._until = 0.0
        self.since: object = None
        """How things stood before the last round."""
        self.is_at_rest = False
        self.__qualname__ = getattr(round_, "__qualname__", type(round_).__qualname__)

    def __call__(self) -> bool:
        """Whether the round was spared, or left nothing to do."""
        found = self._found()
        if self.is_at_rest and found == self.since and time.monotonic() < self._until:
            return True
        self.is_at_rest = False  # a round that fails is no rest
        self.is_at_rest = self._round()
        self.since = found
        self._until = time.monotonic() + min(self._longest_seconds, self._due_seconds())
        return self.is_at_rest

    def _found(self) -> object:
        if self._stillness is not None and self.is_at_rest:
            left_seconds = self._until - time.monotonic()
            if self._stillness.lasts(self.since, left_seconds):
                return self.since
        return self._look()
