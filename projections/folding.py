"""Folding whole cases into a build: the first and longest part of rebuilding from a long log.

A case is folded from its first event on, so none of its rows is read before and each is written
once. Cases do not depend on each other, so any number of processes may take part.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from projections import builds, chunks, parking, row_copy
from projections.builds import Build
from projections.chunks import Chunk
from projections.event_log import EventLog
from projections.failures import Failures
from projections.faults import is_fault_of_event
from projections.feeding import Feeder, erased, park
from projections.read_model import CaseRows, Fact


@dataclass
class Folder:
    """Folds the chunks that are left to fold; one process' part in all rebuilds."""

    database: Engine
    log: EventLog
    feeders: dict[str, Feeder]
    _known: list[Chunk] = field(default_factory=list)

    def fold_next(self, folding: Sequence[Build], failures: Failures) -> int:
        """Fold one chunk for all of these builds that want it; how many events it has.

        0: nothing is left to fold, others are at it, or it failed for all.
        """
        wanted = {build.name: build for build in folding}
        if wanted and not self._known:
            self._known = self._all_left(wanted)
        while self._known:
            events = self._fold(self._known.pop(), wanted, failures)
            if events or (events is None and failures):
                return events or 0
        return 0

    def _all_left(self, names: Collection[str]) -> list[Chunk]:
        """In no order, lest all processes try to take the same one."""
        with self.database.begin() as connection:
            found = chunks.left(connection, names)
        random.shuffle(found)
        return found

    def _fold(self, chunk: Chunk, wanted: dict[str, Build], failures: Failures) -> int | None:
        """How many events the chunk has; None where it was folded for nobody."""
        with self.database.begin() as claim:
            names = chunks.take(claim, chunk, wanted)
            if not names:
                return None
            facts = self.log.of_chunk(chunk)
            fold = partial(self._fold_into, chunk, claim, facts)
            done = [
                failures.attempt(build.projection, partial(fold, build), otherwise=False)
                for build in map(wanted.__getitem__, sorted(names))
            ]
        return len(facts) if any(done) else None

    def _fold_into(
        self, chunk: Chunk, claim: Connection, facts: Sequence[Fact], build: Build
    ) -> bool:
        """Write what a build gets of the chunk, in a short transaction of its own."""
        fold = self._folded(claim, build, facts)
        with self.database.begin() as connection:
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            if chunks.finish(connection, chunk, fold.build):
                fold.write(connection)
                builds.move_on(connection, fold.build.name)
        return True

    def _folded(self, connection: Connection, build: Build, facts: Sequence[Fact]) -> Fold:
        feeder = self.feeders[build.projection]
        if feeder.model.prepare is not None:
            feeder.model.prepare(facts, feeder.tools)
        fold = Fold(feeder, build, facts)
        fold.add_all(connection)
        return fold


@dataclass
class Fold:
    """What the cases of a chunk become in one build."""

    feeder: Feeder
    build: Build
    facts: Sequence[Fact]
    cases: list[CaseRows] = field(default_factory=list)
    faults: list[tuple[Fact, Exception]] = field(default_factory=list)

    def add_all(self, connection: Connection) -> None:
        """Fold each case of the chunk."""
        for _, own in groupby(self.facts, attrgetter("case_id")):
            self.add(connection, list(own))

    def add(self, connection: Connection, facts: list[Fact]) -> None:
        """Fold one case: all of it, or up to the event that cannot be applied.

        Rows that a failing handler may have left half changed are thrown away.
        """
        while (found := self._first_fault(facts)) is not None:
            place, error = found
            if self._is_skipped(connection, facts[place]):
                facts = facts[:place] + facts[place + 1 :]
            else:
                self.faults.append((facts[place], error))
                facts = facts[:place]

    def _first_fault(self, facts: Sequence[Fact]) -> tuple[int, Exception] | None:
        if not facts:
            return None
        model = self.feeder.model
        case = model.new_case(facts[0].case_id, self.feeder.tools)
        taken = 0
        try:
            for fact in facts:
                model.take(case, fact)
                taken += 1
            model.settle_rows(case)
        except Exception as error:
            if not is_fault_of_event(error):
                raise
            return min(taken, len(facts) - 1), error
        self.cases.append(case)
        return None

    def _is_skipped(self, connection: Connection, fact: Fact) -> bool:
        return parking.is_skipped(connection, self.build.projection, fact.position)

    def write(self, connection: Connection) -> None:
        """Write all rows, or, where the database refuses some, what can be applied one by one."""
        try:
            with connection.begin_nested():
                mapped = self.feeder.translated(connection, self.build.name)
                row_copy.write(mapped, self.feeder.model, self.build.name, self.cases)
        except Exception as error:
            if not is_fault_of_event(error):
                raise
            self._write_one_by_one(connection)
            return
        for fact, fault in self.faults:
            park(connection, self.build, fact, fault)
        self._forget_erased(connection, {fact.case_id for fact, _ in self.faults})

    def _forget_erased(self, connection: Connection, parked: set[UUID]) -> None:
        """What a parked case shows goes too when its person was erased later on."""
        self.feeder.forget(connection, self.build.name, parked & erased(self.facts))

    def _write_one_by_one(self, connection: Connection) -> None:
        for case_id, own in groupby(self.facts, attrgetter("case_id")):
            self._write_until_fault(connection, own)
            self._forget_erased(connection, {case_id})

    def _write_until_fault(self, connection: Connection, facts: Iterable[Fact]) -> None:
        for fact in facts:
            try:
                with connection.begin_nested():
                    self.feeder.apply(connection, self.build.name, [fact])
            except Exception as error:
                if not is_fault_of_event(error):
                    raise
                if not self._is_skipped(connection, fact):
                    park(connection, self.build, fact, error)
                    return
