"""Rest: a cheap look instead of a round that would find nothing to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from sqlalchemy import Engine

from service.event_store.connections import connections_of

LOOK_ANYWAY_SECONDS: Final = 5.0
"""A round is done at least so often, e.g. where another worker had taken on what it then left."""

# Two looks into an index and one at a table of a few rows, prepared: planning costs more. The ends
# are those below the horizon: what is appended but may not be read yet wakes nobody.
LOOK: Final = """
SELECT
    (SELECT position FROM events WHERE position < horizon ORDER BY position DESC LIMIT 1),
    (SELECT position FROM records WHERE position < horizon ORDER BY position DESC LIMIT 1),
    (SELECT count(*) FROM projection_builds)
FROM event_horizon
"""
_PREPARE: Final = f"PREPARE log_standing AS {LOOK}"
_STANDING: Final = "EXECUTE log_standing"


class Standing(NamedTuple):
    """Where the log ends for its readers, and how many builds of read models there are.

    Positions are None where there is nothing. A rebuild adds a build when it begins.
    """

    last_event: int | None
    last_record: int | None
    builds: int


def standing(database: Engine) -> Standing:
    """How things stand, in one round trip. Raises StoreUnavailable."""
    ((last_event, last_record, builds),) = connections_of(database).read(
        _STANDING, preparation=_PREPARE
    )
    return Standing(last_event, last_record, builds)


class Rest:
    """Calls a round unless nothing has changed since one that left nothing to do.

    `look` tells how things stand that the round depends on; `round_` does it, and tells whether
    nothing is left to do as things stood before.
    """

    def __init__(self, look: Callable[[], object], round_: Callable[[], bool]) -> None:
        self._look = look
        self._round = round_
        self._since: object = None
        self._until = 0.0
        self.is_at_rest = False

    def __call__(self) -> bool:
        """Whether the round was spared, or left nothing to do."""
        found = self._look()
        if self.is_at_rest and found == self._since and time.monotonic() < self._until:
            return True
        self.is_at_rest = False  # a round that fails is no rest
        self.is_at_rest = self._round()
        self._since, self._until = found, time.monotonic() + LOOK_ANYWAY_SECONDS
        return self.is_at_rest
