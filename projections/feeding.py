"""Applying a page of facts to one build: rows and position in one transaction, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine

from domain.events import PersonalDataErased
from projections import builds, parking, row_io
from projections.builds import Build
from projections.faults import is_fault_of_event, name_of
from projections.read_model import CaseRows, Fact, ReadModel, Tools

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Feeder:
    """Feeds one read model's builds."""

    database: Engine
    model: ReadModel
    tools: Tools

    def feed(self, build: Build, facts: Sequence[Fact], read_to: int) -> bool:
        """Apply facts that follow `build.position`; the build has then read up to `read_to`.

        A fact that cannot be applied parks its case. Returns False, having changed nothing or
        only a first part, when another worker feeds the build or already has.
        """
        try:
            return self._apply_page(build, facts, read_to)
        except Exception as error:
            if not is_fault_of_event(error):
                raise
            fault = error
        if len(facts) == 1:
            return self._pass_by(build, facts[0], read_to, fault)
        # Halving finds the event at fault in a few tries, and keeps each transaction short.
        first, rest = facts[: len(facts) // 2], facts[len(facts) // 2 :]
        between = first[-1].position
        return self.feed(build, first, between) and self.feed(_moved(build, between), rest, read_to)

    def _apply_page(self, build: Build, facts: Sequence[Fact], read_to: int) -> bool:
        with self.database.begin() as connection:
            turn = builds.take_turn(connection, build, read_to)
            if turn is None:
                return False
            held = self._held_back(connection, build, facts) if turn.holds_back else set()
            going = [fact for fact in facts if fact.case_id not in held] if held else facts
            self.apply(connection, build.name, going)
            self.forget(connection, build.name, held & erased(facts))
        return True

    def _held_back(self, connection: Connection, build: Build, facts: Sequence[Fact]) -> set[UUID]:
        return parking.held_back(connection, build.name, {fact.case_id for fact in facts})

    def apply(self, connection: Connection, build_name: str, facts: Sequence[Fact]) -> None:
        """Apply facts in the caller's transaction. Raises what a handler or a table raises."""
        mapped = self.translated(connection, build_name)
        cases: dict[UUID, CaseRows] = {}
        known: dict[UUID, CaseRows] = {}
        for fact in facts:
            if fact.case_id not in cases:
                case = cases[fact.case_id] = self.model.new_case(fact.case_id, self.tools)
                if fact.version > 1:
                    known[fact.case_id] = case
        if self.model.prepare is not None:
            self.model.prepare(facts, self.tools)
        row_io.load(mapped, self.model, known)
        for fact in facts:
            self.model.take(cases[fact.case_id], fact)
        for case in cases.values():
            self.model.settle_rows(case)
        row_io.write(mapped, self.model, cases.values())

    def forget(self, connection: Connection, build_name: str, case_ids: AbstractSet[UUID]) -> None:
        """Drop what is readable of erased people's cases, also of cases that are parked."""
        if self.model.forget is None or not case_ids:
            return
        mapped = self.translated(connection, build_name)
        cases = {case_id: self.model.new_case(case_id, self.tools) for case_id in case_ids}
        row_io.load(mapped, self.model, cases)
        for case in cases.values():
            self.model.forget(case)
        row_io.write(mapped, self.model, cases.values())

    def translated(self, connection: Connection, build_name: str) -> Connection:
        """The same connection, for which the model's tables are those of the build."""
        return connection.execution_options(schema_translate_map={self.model.name: build_name})

    def _pass_by(self, build: Build, fact: Fact, read_to: int, fault: Exception) -> bool:
        """Park the case at this fact, or leave the fact out where somebody decided so."""
        with self.database.begin() as connection:
            if builds.take_turn(connection, build, read_to) is None:
                return False
            skipped = parking.is_skipped(connection, build.projection, fact.position)
            if not skipped:
                park(connection, build, fact, fault)
            self.forget(connection, build.name, erased([fact]))
        return True


def erased(facts: Sequence[Fact]) -> set[UUID]:
    """The cases whose person was erased, as some of these facts say."""
    return {fact.case_id for fact in facts if isinstance(fact.event, PersonalDataErased)}


def park(connection: Connection, build: Build, fact: Fact, fault: Exception) -> None:
    """Let the case wait at a fact that cannot be applied, and tell."""
    parking.park(connection, build.name, fact, name_of(fault))
    log.warning(
        "case parked",
        build=build.name,
        case_id=str(fact.case_id),
        position=fact.position,
        stored_event=fact.name,
        error=name_of(fault),
    )


def _moved(build: Build, position: int) -> Build:
    return replace(build, position=position)
