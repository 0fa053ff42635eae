"""The worker: feeds the read models until told to stop, at a pace that fits what there is to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event

import structlog

from projections import ahead, health, rebuild
from projections.engine import ProjectionEngine
from projections.faults import is_fault_of_event, name_of
from projections.health import Worker
from projections.resting import ROUND_ANYWAY_SECONDS, Rest, Stillness
from projections.watches import WATCHES, Pulse, silences

log = structlog.get_logger(__name__)

BUSY_WAIT_SECONDS = 0.002
IDLE_WAIT_SECONDS = WATCHES["feeding"].every_seconds
OUTAGE_WAIT_SECONDS = 5.0
HEARTBEAT_SECONDS = 5.0


@dataclass
class Pace:
    """How long to wait before looking again: a moment when busy, ever longer when not."""

    wait_seconds: float = BUSY_WAIT_SECONDS

    def after(self, applied: int) -> float:
        """The wait after a round that applied so many events; none while there are more."""
        if applied:
            self.wait_seconds = BUSY_WAIT_SECONDS
            return 0.0
        self.wait_seconds = min(2 * self.wait_seconds, IDLE_WAIT_SECONDS)
        return self.wait_seconds

    def after_failure(self, *, has_moved: bool) -> float:
        """The wait after a round that failed: ever longer, unless it brought something further."""
        longer = IDLE_WAIT_SECONDS if has_moved else 2 * max(self.wait_seconds, IDLE_WAIT_SECONDS)
        self.wait_seconds = min(longer, OUTAGE_WAIT_SECONDS)
        return self.wait_seconds


@dataclass
class Chore:
    """Something to be done now and then, and how that goes."""

    name: str
    every_seconds: float
    do: Callable[[], object]
    beats: Callable[[], object] = lambda: None
    due_at: float = field(default=0.0)

    def do_if_due(self) -> None:
        """Do it, when it has not been done for long enough.

        One that fails waits for its next turn too: it must not keep the worker from feeding.
        """
        if time.monotonic() < self.due_at:
            return
        self.due_at = time.monotonic() + self.every_seconds
        try:
            self.do()
        except Exception as error:
            log.error("a chore cannot be done", chore=self.name, error=name_of(error))
        else:
            self.beats()


class Feeding:
    """Feeds, or rests while nothing has changed since there was nothing to feed."""

    def __init__(
        self, engine: ProjectionEngine, look: Callable[[], object], stillness: Stillness
    ) -> None:
        self._engine = engine
        self._stillness = stillness
        self._applied = 0
        self.has_moved = False
        """Whether the last round brought any read model further, even if it failed for others."""
        self.pulse = Pulse("feeding")
        self.rest = Rest(look, self._round, longest_seconds=ROUND_ANYWAY_SECONDS)

    def feed(self) -> int:
        """Do a round where there may be something to do; the number of events applied."""
        self._applied, self.has_moved = 0, False
        if self.rest():
            self._stillness.goes_on(self.rest.since)
        if not self._engine.met_others:  # else they tell how it goes
            self.pulse.beats()
        return self._applied

    def is_interrupted(self) -> None:
        """Nobody looks for a while."""
        self._stillness.ends()

    def _round(self) -> bool:
        self._stillness.ends()
        try:
            self._applied = self._engine.feed_all()
        finally:
            self.has_moved = self._engine.has_moved
        return not self._applied and self._engine.is_at_rest


def run_worker(
    engine: ProjectionEngine,
    stop_event: Event,
    *,
    housekeeping: Callable[[], object] = lambda: None,
    call_crew: Callable[[], object] = lambda: None,
    look: Callable[[], object] = object,
    beside: Sequence[Pulse] = (),
    stillness: Stillness | None = None,
) -> None:
    """Feed every read model until `stop_event` is set; outlives the database's restarts.

    `housekeeping` is called every ten minutes, e.g. to purge old command records; `call_crew`
    every second while there is anything to do, to start the crew when there is long work. As
    long as `look` finds what it found before, e.g. `projections.resting.standing`, a worker that
    has nothing to do rests, and tells others by `stillness`; without it, nothing is ever as it was.
    Each heartbeat tells how its own rounds go, and those whose pulses are `beside` it.
    """
    stillness = stillness or Stillness()
    worker, feeding = Worker(), Feeding(engine, look, stillness)
    rebuilds, house = Pulse("rebuilds"), Pulse("housekeeping")
    pulses = (feeding.pulse, rebuilds, house, *beside)
    chores = [
        Chore("heartbeat", HEARTBEAT_SECONDS, lambda: _beat(engine, worker, pulses)),
        _watched(rebuilds, lambda: feeding.rest.is_at_rest or call_crew()),
        _watched(house, lambda: _keep_house(engine, housekeeping)),
    ]
    pace = Pace()
    try:
        while not stop_event.is_set():
            stop_event.wait(_round(feeding, chores, pace))
    finally:
        stillness.close()
    _sign_off(engine, worker)


def _round(feeding: Feeding, chores: list[Chore], pace: Pace) -> float:
    try:
        for chore in chores:
            chore.do_if_due()
        return pace.after(feeding.feed())
    except Exception as error:
        # The loop is the last resort: whatever went wrong, the next round may go well.
        feeding.is_interrupted()
        wait_seconds = pace.after_failure(has_moved=feeding.has_moved)
        log.error("projections cannot be fed", error=name_of(error), retry_seconds=wait_seconds)
        return wait_seconds


def _watched(pulse: Pulse, do: Callable[[], object]) -> Chore:
    return Chore(pulse.watch.name, pulse.watch.every_seconds, do, pulse.beats)


def _beat(engine: ProjectionEngine, worker: Worker, pulses: Sequence[Pulse]) -> None:
    health.beat(engine.database, worker, silences(pulses))


def _keep_house(engine: ProjectionEngine, housekeeping: Callable[[], object]) -> None:
    ahead.make_anew(engine)
    for model in engine.models:
        rebuild.drop_old(engine.database, model)
    housekeeping()


def _sign_off(engine: ProjectionEngine, worker: Worker) -> None:
    try:
        with engine.database.begin() as connection:
            health.sign_off(connection, worker)
    except Exception as error:
        if is_fault_of_event(error):
            raise
