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

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine

from projections import builds, chunks, health, parking
from projections.builds import Build, next_of
from projections.cycles import no_search_for_cycles
from projections.event_log import EventLog, LogPage, Mapper, Recorder
from projections.failures import ALL, Failures
from projections.feeding import Feeder
from projections.folding import Folder
from projections.health import ProjectionHealth, ReadState
from projections.parking import ParkedCase
from projections.read_model import ReadModel, Tools
from projections.rebuilding import Rebuilding
from projections.unparking import Unparking
from projections.waiting import wait_until_read

CATCH_UP_PAUSE_SECONDS = 0.05


class UnknownProjection(Exception):
    """There is no read model of this name."""


@dataclass(frozen=True)
class Sizes:
    """In events: pages of a live build and of one in the making, and chunks of whole cases.

    A log of fewer than `folded_chunks` chunks is not folded case by case: the many small steps
    of that would cost more than they save.
    """

    page: int = 500
    rebuild_page: int = 2_000
    chunk: int = 4_000
    folded_chunks: int = 5


class ProjectionEngine:
    """Feeds the read models of one database. Several may run at once, in as many processes.

    `folds`: whether feeding also does the long work of rebuilds; else somebody else has to call
    `work_on_rebuilds`, as `projections.crew` does.
    """

    def __init__(
        self,
        database: Engine,
        recorder: Recorder,
        mapper: Mapper,
        models: Sequence[ReadModel],
        *,
        tools: Tools | None = None,
        sizes: Sizes | None = None,
        folds: bool = True,
    ) -> None:
        self.database = database
        self.reads = database.execution_options(isolation_level="AUTOCOMMIT")
        self.log = EventLog(recorder, mapper)
        self.feeders = {model.name: Feeder(database, model, tools or Tools()) for model in models}
        self._threads = ThreadPoolExecutor(max(2, len(models)), "projections")
        folder = Folder(database, self.log, self.feeders)
        self._rebuilding = Rebuilding(database, self.feeders, folder)
        self.sizes = sizes or Sizes()
        self.folds = folds
        self.is_at_rest = False
        """Whether the last round saw every read model in use, and with nothing to read."""
        self.met_others = False
        """Whether it left all there was to read to other workers."""
        self.has_moved = False
        """Whether it brought any read model further, even if it failed for others."""

    @property
    def models(self) -> list[ReadModel]:
        """The read models in the order they are fed."""
        return [feeder.model for feeder in self.feeders.values()]

    def feed_all(self) -> int:
        """Feed every build its next page; begin and finish rebuilds. Returns events applied.

        A read model that fails holds back no other: the rest of the round is done, then what was
        raised first is raised.
        """
        self.is_at_rest = self.met_others = self.has_moved = False
        failures = Failures()
        with no_search_for_cycles():
            try:
                applied = self._feed_round(failures)
            finally:
                self.log.end_round()
        failures.raise_first()
        return applied

    def _feed_round(self, failures: Failures) -> int:
        found = self._builds()
        begun = self._begin_needed(found, failures)
        applied = self._work_on(found, failures) if self.folds else 0
        waiting = [
            (build, page)
            for build in found.values()
            if self._feeds(build) and (page := self._next_page(build)).concerns(build)
        ]
        self.is_at_rest = not waiting and self._is_settled(found)
        fed = self._feed_at_once(waiting, failures)
        self.met_others = any(page.facts for _, page in waiting) and not any(fed)
        applied += sum(fed)
        switched = self._rebuilding.put_in_use(found, waiting, failures)
        self.has_moved = bool(begun or applied or switched)
        return applied

    def _begin_needed(self, found: dict[str, Build], failures: Failures) -> list[str]:
        needed = self._rebuilding.needed(found)
        if not needed:
            return []
        return failures.attempt(ALL, lambda: self._begin(needed, failures), [])

    def _work_on(self, found: dict[str, Build], failures: Failures) -> int:
        return failures.attempt(ALL, lambda: self._rebuilding.work_on(found, failures), 0)

    def work_on_rebuilds(self) -> int:
        """Fold one chunk of cases, or make the indexes that lack. Returns events folded, or 1.

        0: there is nothing to do, or others are at it. Raises what failed where nothing was done.
        """
        failures = Failures()
        with no_search_for_cycles():
            worked = self._rebuilding.work_on(self._builds(), failures)
        if not worked:
            failures.raise_first()
        return worked

    def chunks_left(self, projections: Sequence[str]) -> int:
        """How many chunks of cases the rebuilds of these read models have still to fold."""
        with self.reads.connect() as connection:
            return len(chunks.left(connection, [next_of(name) for name in projections]))

    def has_long_work(self) -> bool:
        """Whether `work_on_rebuilds` would find something to do."""
        return self._rebuilding.has_work(self._builds())

    def _feeds(self, build: Build) -> bool:
        return self._rebuilding.knows(build) and build.folds_to is None

    def _next_page(self, build: Build) -> LogPage:
        return self.log.read(
            build.position, self.sizes.page if build.in_use else self.sizes.rebuild_page
        )

    def _feed(self, build: Build, page: LogPage) -> int:
        """Apply a page to a build; how many events that were, 0 where another worker did it."""
        is_fed = self.feeders[build.projection].feed(build, page.facts, page.read_to)
        return len(page.facts) if is_fed else 0

    def catch_up(self) -> int:
        """Feed until a round finds nothing to do and no rebuild is under way. Returns events.

        A build of another version is not waited for: somebody else's code makes it.
        """
        applied = 0
        while (fed := self.feed_all()) or not self._is_settled(self._builds()):
            applied += fed
            if not fed:
                # Another process folds, or a reader is in the way.
                time.sleep(CATCH_UP_PAUSE_SECONDS)
        return applied

    def is_ready(self) -> bool:
        """Whether every read model is in use in its present version, or a newer one."""
        found = self._builds()
        return all(_is_in_use(model, found) for model in self.models)

    def is_rebuilding(self, projections: Sequence[str]) -> bool:
        """Whether any of these is being made, in the version of this engine."""
        coming = self._rebuilding.coming(self._builds())
        return any(build.projection in projections for build in coming)

    def _is_settled(self, found: dict[str, Build]) -> bool:
        in_use = all(_is_in_use(model, found) for model in self.models)
        return in_use and not self._rebuilding.coming(found)

    def _builds(self) -> dict[str, Build]:
        return builds.find_all(self.database)

    def _feed_at_once(self, waiting: list[tuple[Build, LogPage]], failures: Failures) -> list[int]:
        """Feed several builds in threads: while the server writes for one, handlers of another run.

        Waits for all of them; one that fails has applied nothing.
        """

        def fed(build: Build, page: LogPage) -> int:
            return failures.attempt(build.projection, lambda: self._feed(build, page), 0)

        if len(waiting) < 2:
            return [fed(*each) for each in waiting]
        tasks = [self._threads.submit(fed, *each) for each in waiting]
        wait(tasks)
        return [task.result() for task in tasks]

    def wait_until(self, projection: str, position: int, timeout_seconds: float) -> bool:
        """Wait until the read model has read a position; False when the time is over.

        Raises UnknownProjection.
        """
        self._require(projection)
        return wait_until_read(self.reads, projection, position, timeout_seconds)

    def read_state(self, projection: str) -> ReadState:
        """How far a read model has read. Raises UnknownProjection, ReadModelNotReady."""
        self._require(projection)
        with self.reads.connect() as connection:
            return health.read_state(connection, projection)

    def projection_health(self) -> list[ProjectionHealth]:
        """The state of every read model."""
        with self.reads.connect() as connection:
            versions = {name: feeder.model.version for name, feeder in self.feeders.items()}
            return health.projection_health(connection, versions)

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

    def begin_rebuilds(
        self, projections: Sequence[str], *, instead_of_newer: bool = False
    ) -> list[str]:
        """Begin to rebuild read models, or go on with it; workers do the rest.

        Those begun together fold each case together. Returns the ones that are being made now: a
        build of a newer version is left alone, unless this one is made `instead_of_newer`. Raises
        UnknownProjection.
        """
        failures = Failures()
        begun = self._begin(projections, failures, instead_of_newer=instead_of_newer)
        failures.raise_first()
        return begun

    def _begin(
        self, projections: Sequence[str], failures: Failures, *, instead_of_newer: bool = False
    ) -> list[str]:
        models = [self._require(projection) for projection in projections]
        plan = self.log.plan(self.sizes.chunk)
        if plan is not None and len(plan.boundaries) < self.sizes.folded_chunks:
            plan = None
        return self._rebuilding.begin(models, plan, failures, instead_of_newer=instead_of_newer)

    def _unparking(self, projection: str) -> Unparking:
        self._require(projection)
        return Unparking(self.feeders[projection], self.log)

    def _require(self, projection: str) -> ReadModel:
        if projection not in self.feeders:
            raise UnknownProjection(projection)
        return self.feeders[projection].model


def _is_in_use(model: ReadModel, found: dict[str, Build]) -> bool:
    return model.name in found and found[model.name].version >= model.version
