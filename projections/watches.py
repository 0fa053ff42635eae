"""The table of watches: every round that a worker does again and again, and when it is silent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from projections.resting import LOOK_ANYWAY_SECONDS, ROUND_ANYWAY_SECONDS


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A round that a worker does as long as it lives.

    `every_seconds`: how long a worker that has nothing to do rests between two of them at most.
    `silent_seconds_max`: how long after a round that went well the next one may, with a retry in
    between. `meanwhile`: what nobody does while it is silent. `logged`: the events of a worker's
    log that say why. `only_where`: the settings without which it is not done at all.
    """

    name: str
    every_seconds: float
    silent_seconds_max: float
    meanwhile: str
    logged: tuple[str, ...] = ("a round cannot be done",)
    only_where: str = ""


WATCHES: Final[Mapping[str, Watch]] = {
    each.name: each
    for each in (
        Watch(
            name="feeding",
            every_seconds=0.25,
            silent_seconds_max=60.0,
            meanwhile="lists and reports stand still",
            logged=("read model failed", "projections cannot be fed"),
        ),
        Watch(
            name="rebuilds",
            every_seconds=1.0,
            silent_seconds_max=60.0,
            meanwhile="no process is started for the long work of rebuilds",
            logged=("a chore cannot be done",),
        ),
        Watch(
            name="housekeeping",
            every_seconds=600.0,
            silent_seconds_max=1_500.0,
            meanwhile="old command records and replaced read models are not cleared away",
            logged=("a chore cannot be done",),
        ),
        Watch(
            name="timers",
            every_seconds=LOOK_ANYWAY_SECONDS,
            silent_seconds_max=60.0,
            meanwhile="warnings, breaches and reminders of clocks are not recorded",
        ),
        Watch(
            name="orders",
            every_seconds=LOOK_ANYWAY_SECONDS,
            silent_seconds_max=150.0,
            meanwhile="directors' orders may not be raised",
            logged=("order not raised", "a round cannot be done"),
        ),
        Watch(
            name="warnings",
            every_seconds=ROUND_ANYWAY_SECONDS,
            silent_seconds_max=300.0,
            meanwhile="alarms of early warning and of risk may not be raised",
            logged=("rule failed", "a round cannot be done"),
        ),
        Watch(
            name="reviews",
            every_seconds=60.0,
            silent_seconds_max=150.0,
            meanwhile="reviews may not be opened, nor recorded as missed",
            logged=("review failed", "records cannot be read", "a round cannot be done"),
        ),
        Watch(
            name="ledger",
            every_seconds=ROUND_ANYWAY_SECONDS,
            silent_seconds_max=120.0,
            meanwhile="new events are not added to the ledger, signed or published",
        ),
        Watch(
            name="publishing",
            every_seconds=0.5,
            silent_seconds_max=300.0,
            meanwhile="an object store or a witness is not told of new checkpoints",
            only_where="AMENDS_S3_BUCKET or AMENDS_WITNESSES",
        ),
    )
}


class Pulse:
    """When one of a worker's rounds last went well. Raises KeyError where the table lacks it."""

    def __init__(self, watch: str) -> None:
        self.watch = WATCHES[watch]
        self._beaten_at: float | None = None

    def beats(self) -> None:
        """A round, or a part of a long one, has just ended in which nothing failed."""
        self._beaten_at = time.monotonic()

    def silent_seconds(self) -> float | None:
        """Since a round went well; None if none ever did."""
        return None if self._beaten_at is None else time.monotonic() - self._beaten_at


class Kept(NamedTuple):
    """A round that is kept going, and what tells how it goes."""

    do: Callable[[], object]
    pulse: Pulse


def silences(pulses: Iterable[Pulse]) -> dict[str, float | None]:
    """What a worker tells with its heartbeat: by watch, the longest silence of its pulses."""
    found: dict[str, float | None] = {}
    for pulse in pulses:
        name, silent = pulse.watch.name, pulse.silent_seconds()
        before = found.get(name, 0.0)
        found[name] = None if silent is None or before is None else max(before, silent)
    return found
