"""One engine's part in rebuilds: what it makes of the builds that are coming, and puts in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine

from projections import rebuild, rebuild_indexes
from projections.builds import Build
from projections.chunks import Plan
from projections.event_log import LogPage
from projections.failures import Failures
from projections.feeding import Feeder
from projections.folding import Folder
from projections.read_model import ReadModel


@dataclass
class Rebuilding:
    """Works on the builds of its own read models; any number of engines may take part.

    `found`, wherever it is asked for: every build there is, by name.
    """

    database: Engine
    feeders: Mapping[str, Feeder]
    folder: Folder

    def needed(self, found: dict[str, Build]) -> list[str]:
        """The read models that are missing or older than their definition, and not yet begun."""
        return [
            name for name, feeder in self.feeders.items() if rebuild.is_needed(feeder.model, found)
        ]

    def begin(
        self,
        models: Iterable[ReadModel],
        plan: Plan | None,
        failures: Failures,
        *,
        instead_of_newer: bool = False,
    ) -> list[str]:
        """Begin the builds of these, or go on with them; the names of those it was done for."""
        begin = partial(rebuild.begin, plan=plan, instead_of_newer=instead_of_newer)
        return [
            model.name
            for model in models
            if failures.attempt(model.name, partial(begin, self.database, model), otherwise=False)
        ]

    def work_on(self, found: dict[str, Build], failures: Failures) -> int:
        """Fold one chunk of cases, or make the indexes that lack. Returns events folded, or 1.

        0: there is nothing to do, or others are at it.
        """
        coming = self.coming(found)
        folding = [build for build in coming if build.folds_to is not None]
        if folded := self.folder.fold_next(folding, failures):
            return folded
        return sum(
            failures.attempt(build.projection, partial(self._go_on, build), otherwise=False)
            for build in coming
        )

    def _go_on(self, build: Build) -> bool:
        """What comes after the chunks; False where some are left, or nothing lacks."""
        if build.folds_to is not None:
            return rebuild.end_folding(self.database, build)
        return rebuild_indexes.add_missing(self.database, self._model_of(build))

    def has_work(self, found: dict[str, Build]) -> bool:
        """Whether `work_on` would find something to do."""
        return any(
            build.folds_to is not None
            or rebuild_indexes.is_missing(self.database, self._model_of(build))
            for build in self.coming(found)
        )

    def knows(self, build: Build) -> bool:
        """Whether the build is one of ours, made by the same version of its definition."""
        feeder = self.feeders.get(build.projection)
        return feeder is not None and feeder.model.version == build.version

    def put_in_use(
        self,
        found: dict[str, Build],
        fed: Iterable[tuple[Build, LogPage]],
        failures: Failures,
    ) -> int:
        """Let builds take the place of the ones in use that they have caught up with; how many.

        Not only once nothing is left to read: under a load that keeps the log's end out of reach,
        that would be never.
        """
        ready = [
            (self._model_of(build), page.read_to)
            for build, page in fed
            if not build.in_use and _is_as_far(page, found.get(build.projection))
        ]
        # Of a page that another worker is at, or that failed, only the switch sees whether it is
        # applied.
        return sum(
            failures.attempt(
                model.name, partial(rebuild.switch, self.database, model, read_to), otherwise=False
            )
            for model, read_to in ready
        )

    def coming(self, found: dict[str, Build]) -> list[Build]:
        """The builds in the making that this engine knows how to make."""
        return [build for build in found.values() if not build.in_use and self.knows(build)]

    def _model_of(self, build: Build) -> ReadModel:
        return self.feeders[build.projection].model


def _is_as_far(page: LogPage, live: Build | None) -> bool:
    """Whether who has read the page has read as far as there is to read, or as the one in use."""
    return page.is_last or (live is not None and page.read_to >= live.position)
