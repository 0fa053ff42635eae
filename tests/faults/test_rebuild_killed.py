"""A rebuild whose processes are killed at random points goes on, and ends as a fold of the log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from random import Random
from threading import Event

import psutil
import pytest

from projections.engine import ProjectionEngine, Sizes
from projections.read_models import READ_MODELS, build_engine
from projections.timer_health import timer_health
from service.assembly import Service
from tests.cli.processes import environment_of, family_of, until
from tests.faults.extent import chance, extent, tell
from tests.faults.read_models import are_equal, differences, listed
from tests.given import STAGES, Story

POINTS = extent(short=3, long=20)
KILLS_PER_REBUILD = extent(short=3, long=4)
LIVES = extent(short=20, long=200)
"""Cases in each stage: about 60 events of each."""
CHUNK_EVENTS = extent(short=50, long=250)
MOMENT_SECONDS = 0.1
NAMES = [model.name for model in READ_MODELS]


def record_lives(service: Service, number: int) -> None:
    """Cases in every stage, the events of one apart from each other in the log."""
    for _ in range(number):
        stories = [Story().to(stage) for stage in STAGES]
        service.cases.record(list(chain.from_iterable(story.events for story in stories)))


class RunningWorker:
    """`amends worker` with its crew, in a process group of its own; started anew when killed."""

    def __init__(self, service: Service, chance: Random) -> None:
        self._env = {**os.environ, **environment_of(service.settings)}
        self._chance = chance
        self.killed: Counter[str] = Counter()
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "api.cli", "worker"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        env = {**self._env, "AMENDS_LOG_LEVEL": "error"}
        self._process = subprocess.Popen(command, env=env, start_new_session=True, **quiet)

    def kill(self) -> None:
        """Kill the worker and its crew, the worker alone, or one of the crew."""
        crew = [each for each in family_of(self._process.pid)[1:] if "spawn_main" in _name(each)]
        victims = self._chance.choice(["worker and crew", "worker alone", "one of the crew"])
        if victims == "one of the crew" and crew:
            with suppress(psutil.NoSuchProcess):
                self._chance.choice(crew).kill()
            self.killed[victims] += 1
            return
        if victims == "worker alone":
            self._process.kill()
        else:
            victims = f"worker and {len(crew)} of its crew"
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.killed[victims] += 1
        self._start()

    def end(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _name(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


@pytest.fixture
def worker(service: Service) -> Iterator[RunningWorker]:
    running = RunningWorker(service, chance("victims"))
    yield running
    running.end()


def test_a_rebuild_killed_at_random_points_ends_as_a_fold(
    service: Service, worker: RunningWorker
) -> None:
    record_lives(service, LIVES)
    engine = build_engine(service)
    engine.sizes = Sizes(chunk=CHUNK_EVENTS, folded_chunks=2)
    until(lambda: is_settled(service, engine))
    points, moments, places = POINTS, chance("moments"), []

    while points:
        kills = min(points, KILLS_PER_REBUILD)
        places += rebuild_and_kill(service, engine, worker, kills, moments)
        until(lambda: is_settled(service, engine))
        found = differences(service)
        points -= kills
        assert are_equal(found), listed(found)

    killed = ", ".join(f"{number} × {victims}" for victims, number in worker.killed.items())
    tell(f"a rebuild killed at {POINTS} points ({killed}), chunks left then: {places}")
    tell(f"  {listed(found)}")
    assert worker.killed.total() == POINTS


def rebuild_and_kill(
    service: Service, engine: ProjectionEngine, worker: RunningWorker, kills: int, moments: Random
) -> list[int]:
    """Begin to rebuild every read model and kill whoever does it; how far it was each time."""
    engine.begin_rebuilds(NAMES)
    total = engine.chunks_left(NAMES)
    assert total > 2
    places = []
    for point in sorted((moments.randint(0, total - 1) for _ in range(kills)), reverse=True):
        until(lambda point=point: engine.chunks_left(NAMES) <= point)
        Event().wait(moments.uniform(0, MOMENT_SECONDS))
        record_lives(service, 1)  # what is left to read once all is folded
        before = engine.chunks_left(NAMES)
        worker.kill()
        places.append(before)
        assert engine.chunks_left(NAMES) <= before  # what was folded is not folded again
    return places


def is_settled(service: Service, engine: ProjectionEngine) -> bool:
    """Whether every read model is in use and has read everything, and no timer has work."""
    newest = service.recorder.max_notification_id()
    if not engine.is_ready():
        return False
    models = engine.projection_health()
    with service.engine.connect() as connection:
        due = timer_health(connection).due_runs
    is_read = all(m.rebuilding_version is None and m.lag_events == 0 for m in models)
    return is_read and not due and newest == service.recorder.max_notification_id()
