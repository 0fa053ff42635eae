"""Processes for the long work of rebuilds: one process of Python keeps only one core busy."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import time
from contextlib import suppress
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Self

import structlog

from projections.engine import ProjectionEngine
from projections.faults import name_of
from projections.read_models import build_engine
from service.assembly import build
from service.logging import configure_logging
from service.settings import Settings

log = structlog.get_logger(__name__)

NICENESS = 10
"""Requests go first: a rebuild takes the time that they leave."""
WAIT_SECONDS = 0.05


class Crew:
    """Comes when there is long work, and goes when it is done; work left undone is taken up again.

    The database must have an address: `settings` as `service.embedded_postgres` made them.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._members: list[BaseProcess] = []

    @property
    def is_away(self) -> bool:
        """Whether nobody is at work."""
        return not any(member.is_alive() for member in self._members)

    def call_if_needed(self, engine: ProjectionEngine) -> None:
        """Start the processes, unless they are at it or there is nothing for them to do."""
        if not self.is_away or not engine.has_long_work():
            return
        self.dismiss()
        spawning = multiprocessing.get_context("spawn")  # a fork would inherit connections
        for number in range(self._settings.rebuild_processes):
            name = f"amends-rebuild-{number + 1}"
            member = spawning.Process(target=_work, args=(self._settings,), name=name, daemon=True)
            member.start()
            self._members.append(member)

    def dismiss(self) -> None:
        """End the processes at once: what they were at is rolled back, and done again later."""
        for member in self._members:
            member.terminate()
        for member in self._members:
            member.join()
        self._members = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.dismiss()


def _work(settings: Settings) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the worker, which ends the crew
    with suppress(OSError):
        os.nice(NICENESS)
    configure_logging(settings, sys.stderr)
    service = build(settings)
    engine = build_engine(service)
    gc.freeze()  # what is there now stays: no search for cycles needs to look at it again
    try:
        while _has_parent() and ((worked := engine.work_on_rebuilds()) or engine.has_long_work()):
            if not worked:
                time.sleep(WAIT_SECONDS)  # others are at what is left
    except Exception as error:
        log.error("rebuild interrupted", error=name_of(error))
    finally:
        service.engine.dispose()


def _has_parent() -> bool:
    parent = multiprocessing.parent_process()
    return parent is None or parent.is_alive()
