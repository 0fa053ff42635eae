"""The projection engine: feeds every read model from the log, page by page, and tells how far.

Contract for whoever builds on it:

- A read model is one file that declares `READ_MODEL` (see `projections.read_model`) and is
  listed in `projections.read_models`.
- A page of events and the position behind it are committed in one transaction. A crash, a second
  worker or a retry never applies an event twice or leaves one out.
- Events of one case reach its handlers in order. Events of different cases do too, but nothing
  should depend on it: a parked case lags behind the others.
- Raising `version` in `READ_MODEL` is all it takes to rebuild; see `projections.rebuild`.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Engine

from projections import builds, health, parking, rebuild
from projections.builds import Build, next_of
from projections.event_log import EventLog, LogPage, Mapper, Recorder
from projections.feeding import Feeder
from projections.health import ProjectionHealth, ReadModelNotReady, ReadState
from projections.parking import ParkedCase
from projections.read_model import ReadModel, Tools
from projections.unparking import Unparking

LIVE_PAGE_SIZE = 500
REBUILD_PAGE_SIZE = 2_000
FIRST_WAIT_SECONDS = 0.002
LONGEST_WAIT_SECONDS = 0.05


class UnknownProjection(Exception):
    """There is no read model of this name."""


class ProjectionEngine:
    """Feeds the read models of one database. Several may run at once, in as many processes."""

    def __init__(
        self,
        database: Engine,
        recorder: Recorder,
        mapper: Mapper,
        models: Sequence[ReadModel],
        *,
        tools: Tools | None = None,
        page_size: int = LIVE_PAGE_SIZE,
        rebuild_page_size: int = REBUILD_PAGE_SIZE,
    ) -> None:
        self.database = database
        self.reads = database.execution_options(isolation_level="AUTOCOMMIT")
        self.log = EventLog(recorder, mapper)
        self.feeders = {model.name: Feeder(database, model, tools or Tools()) for model in models}
        self._threads = ThreadPoolExecutor(max(2, len(models)), "projections")
        self.page_size = page_size
        self.rebuild_page_size = rebuild_page_size

    @property
    def models(self) -> list[ReadModel]:
        """The read models in the order they are fed."""
        return [feeder.model for feeder in self.feeders.values()]

    def feed_all(self) -> int:
        """Feed every build its next page; begin and finish rebuilds. Returns events applied."""
        with _collector_paused():
            try:
                return self._feed_round()
            finally:
                self.log.end_round()

    def _feed_round(self) -> int:
        found = self._builds()
        for model in self.models:
            if rebuild.is_needed(model, found):
                rebuild.begin(self.database, model)
        waiting = [
            (build, page)
            for build in found.values()
            if self._feeds(build) and (page := self._next_page(build)).concerns(build)
        ]
        return sum(self._at_once(self._feed, waiting))

    def _feeds(self, build: Build) -> bool:
        """Whether the build is one of ours, made by the same version of its definition."""
        feeder = self.feeders.get(build.projection)
        return feeder is not None and feeder.model.version == build.version

    def _next_page(self, build: Build) -> LogPage:
        return self.log.read(
            build.position, self.page_size if build.in_use else self.rebuild_page_size
        )

    def _feed(self, build: Build, page: LogPage) -> int:
        """Apply a page to a build, and put the build in use when nothing is left to read."""
        feeder = self.feeders[build.projection]
        if not feeder.feed(build, page.facts, page.read_to):
            return 0
        if page.is_last and not build.in_use:
            rebuild.switch(self.database, feeder.model)
        return len(page.facts)

    def catch_up(self) -> int:
        """Feed until a round finds nothing to do and no rebuild is under way. Returns events."""
        applied = 0
        while (fed := self.feed_all()) or not self._is_settled():
            applied += fed
        return applied

    def is_ready(self) -> bool:
        """Whether every read model is in use in its present version, or a newer one."""
        found = self._builds()
        return all(_is_in_use(model, found) for model in self.models)

    def _is_settled(self) -> bool:
        found = self._builds()
        return all(
            _is_in_use(model, found) and next_of(model.name) not in found for model in self.models
        )

    def _builds(self) -> dict[str, Build]:
        with self.reads.connect() as connection:
            return builds.find_all(connection)

    def _at_once(
        self, feed: Callable[[Build, LogPage], int], waiting: list[tuple[Build, LogPage]]
    ) -> list[int]:
        """Feed several builds in threads: while the server writes for one, handlers of another run.

        Waits for all of them, then raises what the first one raised that failed.
        """
        if len(waiting) < 2:
            return [feed(*each) for each in waiting]
        tasks = [self._threads.submit(feed, *each) for each in waiting]
        wait(tasks)
        return [task.result() for task in tasks]

    def wait_until(self, projection: str, position: int, timeout_seconds: float) -> bool:
        """Wait until the read model has read a position; False when the time is over.

        Raises UnknownProjection.
        """
        self._require(projection)
        deadline = time.monotonic() + timeout_seconds
        wait_seconds = FIRST_WAIT_SECONDS
        while not self._has_read(projection, position):
            left_seconds = deadline - time.monotonic()
            if left_seconds <= 0:
                return False
            time.sleep(min(wait_seconds, left_seconds))
            wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)
        return True

    def _has_read(self, projection: str, position: int) -> bool:
        with self.reads.connect() as connection:
            build = builds.find(connection, projection)
        return build is not None and build.position >= position

    def read_state(self, projection: str) -> ReadState:
        """How far a read model has read. Raises UnknownProjection, ReadModelNotReady."""
        self._require(projection)
        with self.reads.connect() as connection:
            return health.read_state(connection, projection)

    def projection_health(self) -> list[ProjectionHealth]:
        """The state of every read model."""
        with self.reads.connect() as connection:
            return health.projection_health(connection, list(self.feeders))

    def parked_cases(self, projection: str, limit: int = 1_000) -> list[ParkedCase]:
        """Cases that wait, the longest waiting first. Raises UnknownProjection."""
        self._require(projection)
        with self.reads.connect() as connection:
            return parking.find_all(connection, projection, limit)

    def retry(self, projection: str, case_id: UUID) -> ParkedCase | None:
        """Replay what was held back of a case.

        Returns None when all is applied, or where the case waits now. Raises UnknownProjection,
        CaseNotParked.
        """
        return self._unparking(projection).retry(case_id)

    def retry_all(self, projection: str) -> list[ParkedCase]:
        """Retry every parked case; those that wait still. Raises UnknownProjection."""
        unparking = self._unparking(projection)
        retried = [unparking.retry(parked.case_id) for parked in self.parked_cases(projection)]
        return [parked for parked in retried if parked is not None]

    def skip(self, projection: str, case_id: UUID, *, reason: str, actor: str) -> ParkedCase | None:
        """Pass over the event a case waits at, on record, and replay what waits behind it.

        Returns None when all is applied, or where the case waits now. Raises UnknownProjection,
        CaseNotParked.
        """
        return self._unparking(projection).skip(case_id, reason=reason, actor=actor)

    def begin_rebuild(self, projection: str) -> None:
        """Begin to rebuild a read model, or go on with it; workers do the rest."""
        rebuild.begin(self.database, self._require(projection))

    def _unparking(self, projection: str) -> Unparking:
        self._require(projection)
        return Unparking(self.feeders[projection], self.log)

    def _require(self, projection: str) -> ReadModel:
        if projection not in self.feeders:
            raise UnknownProjection(projection)
        return self.feeders[projection].model


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No search for cycles while a page is applied: it makes none, and many objects to look at.

    Searching took a third of the time of a rebuild. What a page leaves is looked at afterwards.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _is_in_use(model: ReadModel, found: dict[str, Build]) -> bool:
    return model.name in found and found[model.name].version >= model.version


__all__ = ["ProjectionEngine", "ReadModelNotReady", "UnknownProjection"]
