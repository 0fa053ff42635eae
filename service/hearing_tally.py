"""How a classifier does: what it answered, how it failed, and how long it took."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from service.shared_cells import SharedCells


class Outcome(StrEnum):
    """What became of one question to a classifier; all but the first are failures."""

    ANSWERED = "answered"
    RAISED = "raised"
    TIMED_OUT = "timed_out"
    BUSY = "busy"
    UNUSABLE = "unusable"


LIMITS_SECONDS: Final = (0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 10.0)
FAILURE_COUNTS_SECONDS: Final = 60.0
_TIMES: Final = len(Outcome)
_SUM: Final = _TIMES + len(LIMITS_SECONDS) + 1
_LAST: Final = _SUM + 1
_OUTCOMES: Final = tuple(Outcome)


@dataclass(frozen=True)
class HearingFigures:
    """Counts since the web server began. `times`: one count for each limit, and one for longer.

    The two instants are Unix times, 0 where there was none.
    """

    outcomes: dict[Outcome, int]
    times: Sequence[float]
    total_seconds: float
    answered_at: float
    failed_at: float

    def failed_seconds_ago(self, now: float) -> float | None:
        return now - self.failed_at if self.failed_at else None

    def is_failing(self, now: float) -> bool:
        """Whether it failed a moment ago, or has given no answer since it failed."""
        if not self.failed_at:
            return False
        return self.answered_at < self.failed_at or now - self.failed_at < FAILURE_COUNTS_SECONDS


class HearingTally:
    """Counts questions to a classifier over the processes of a web server. Threads may share it."""

    def __init__(self, processes: int = 1) -> None:
        self._shared = SharedCells(processes, _LAST + 2)
        self._lock = threading.Lock()

    def use_slot(self, number: int) -> None:
        """Count here from now on; called once in each process after it forked."""
        self._shared.use_slot(number)

    def count(self, outcome: Outcome, seconds: float) -> None:
        """Count one question and how long the report waited for it."""
        cells, failed = self._shared.own, outcome is not Outcome.ANSWERED
        with self._lock:
            cells[_OUTCOMES.index(outcome)] += 1
            cells[_TIMES + bisect_left(LIMITS_SECONDS, seconds)] += 1
            cells[_SUM] += seconds
            cells[_LAST + failed] = time.time()

    def figures(self) -> HearingFigures:
        """What was counted so far, in all processes."""
        counts = self._shared.sums(0, _LAST)
        answered_at, failed_at = self._shared.newest(_LAST, 2)
        return HearingFigures(
            outcomes={each: int(counts[place]) for place, each in enumerate(Outcome)},
            times=counts[_TIMES:_SUM],
            total_seconds=counts[_SUM],
            answered_at=answered_at,
            failed_at=failed_at,
        )
