"""Clocks that stand still until a test moves them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.given import BEGAN_AT


@dataclass
class TimeMachine:
    """The time of day."""

    now: datetime = BEGAN_AT

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stopwatch:
    """Seconds since some moment."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now
