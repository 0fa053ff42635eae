"""The processes of the service on one database: `amends web` and several `amends worker`."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import text

from api.cli import web, worker
from api.cli.program import amends
from projections.deadlines import NAME
from projections.health import ReadModelNotReady
from projections.read_models import build_engine
from projections.timer_health import timer_health
from service.assembly import Service
from tests.cli.processes import alive, environment_of, family_of, free_port, until

WEB_PROCESSES = 2
WORKERS = 2
SETTLED_SECONDS = 300.0
"""Cases of long ago have dozens of due times each, and all of them have passed."""

# One process that has imported what the commands load when they run, and forks: milliseconds
# instead of seconds.
FORKS: Any = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, web.__name__, worker.__name__])


def run_command(command: str, env: Mapping[str, str], output: str) -> None:
    """The command as its own process runs it, writing into a file."""
    os.environ.update(env)
    with Path(output).open("a") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
    amends.main([command], prog_name="amends")


class Fleet:
    """Processes that may be killed: web processes are replaced by their master, workers by us."""

    def __init__(self, service: Service, output: Path, chance: Random) -> None:
        self.port = free_port()
        self.killed: Counter[str] = Counter()
        self._service = service
        self._output = str(output)
        self._chance = chance
        self._env = {
            **environment_of(service.settings),
            "PORT": str(self.port),
            "AMENDS_WEB_PROCESSES": str(WEB_PROCESSES),
            "AMENDS_RATE_LIMIT_PER_MINUTE": "0",
            "AMENDS_LOG_LEVEL": "error",
        }
        self._web = self._begin("web")
        self._workers = [self._begin("worker") for _ in range(WORKERS)]

    def _begin(self, command: str) -> Any:
        process = FORKS.Process(target=run_command, args=(command, self._env, self._output))
        process.start()
        return process

    def kill_one(self) -> None:
        """Kill a web process or a worker, whoever it is."""
        if self._chance.random() < 0.5:
            self._chance.choice(until(lambda: alive(family_of(self._web.pid)[1:]))).kill()
            self.killed["web processes"] += 1
        else:
            self._kill_worker(self._chance.randrange(WORKERS))
            self.killed["workers"] += 1

    def _kill_worker(self, number: int) -> None:
        """Kill a worker that has begun to work, so that it is interrupted in something."""
        until(lambda: self._beats(self._workers[number].pid))
        self._workers[number].kill()
        self._workers[number].join()
        self._workers[number] = self._begin("worker")

    def _beats(self, process_id: int) -> bool:
        found = text("SELECT count(*) FROM projection_workers WHERE process_id = :id")
        with self._service.engine.connect() as connection:
            return bool(connection.execute(found, {"id": process_id}).scalar())

    def until_nothing_is_due(self) -> None:
        """Wait until timers have recorded everything that is due of what callers wrote."""
        until(self._nothing_is_due, SETTLED_SECONDS)

    def _nothing_is_due(self) -> bool:
        """Whether the log stood still while the read model had read it and nothing was due."""
        newest = self._service.recorder.max_notification_id
        try:
            seen, state = newest(), build_engine(self._service).read_state(NAME)
        except ReadModelNotReady:  # every worker was killed while it built it
            return False
        with self._service.engine.connect() as connection:
            due = timer_health(connection).due_runs
        return seen == state.position == newest() and not due

    def end(self) -> None:
        """Stop everybody, politely."""
        everybody = [self._web, *self._workers]
        for each in everybody:
            each.terminate()
        for each in everybody:
            each.join()


@contextmanager
def fleet(service: Service, output: Path, chance: Random) -> Iterator[Fleet]:
    """A fleet that is stopped at the end."""
    ships = Fleet(service, output, chance)
    try:
        yield ships
    finally:
        ships.end()
