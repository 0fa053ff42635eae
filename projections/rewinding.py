"""A read model as it was, or as it was known: cases that have moved since are folded again.

Nothing is written. While a model is rewound, every statement on the connection reads stand-ins of
its tables: the rows of the cases that are as they were, and, handed in with the statement, those
of the others as their events tell them up to the instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    Uuid,
    event,
    exists,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.sql import visitors

from projections import builds, row_io, spans
from projections.event_log import Mapper, facts_of
from projections.feeding import Feeder
from projections.folding import Fold
from projections.read_model import CaseRows, Fact, ReadModel, Row, Tools
from projections.snapshots import in_snapshot
from projections.turns import NO_LIMIT, Turns
from service.instants import Instants
from service.progress import Tell, tell_nobody

MOST_EVENTS = 50_000
"""Folding so many takes seconds. The rows that are kept of them are a few per case."""
EVENTS_AT_ONCE = 5_000


Answer = TypeVar("Answer")


class TooMuchHasMoved(Exception):
    """The cases that moved since the instant have more events than are folded for one answer."""

    def __init__(self, most_events: int) -> None:
        super().__init__(most_events)
        self.most_events = most_events


@dataclass(frozen=True)
class Rewinding:
    """Rewinds one read model. `spanned`: its tables with `spans.columns()`, one row per case.

    `most_events`: None sets no bound. `tell` hears how many events of how many are folded.
    `turns`: of those who fold and keep what they folded.
    """

    model: ReadModel
    spanned: tuple[Table, ...]
    mapper: Mapper
    most_events: int | None = MOST_EVENTS
    tell: Tell = tell_nobody
    turns: Turns = NO_LIMIT

    @contextmanager
    def to(
        self,
        connection: Connection,
        instants: Instants,
        tools: Tools,
        only: Sequence[ColumnElement[bool]] = (),
    ) -> Iterator[None]:
        """Let the connection read the model's tables as they were; it must be in a snapshot.

        `only`: conditions that never change for a case, so that others need not be folded.
        Raises TooMuchHasMoved, PastIsBusy.
        """
        if not instants.are_past:
            yield
            return
        moved = [
            select(table.c.case_id).where(spans.moved(table, instants), *only)
            for table in self.spanned
        ]
        sizes = self._sizes(connection, moved, instants)
        with self.turns.taken() if sizes else nullcontext():
            stand_ins = self._stand_ins(connection, sizes, instants, tools)
            with _exchanging(connection, stand_ins):
                yield

    def _stand_ins(
        self,
        connection: Connection,
        sizes: dict[UUID, int],
        instants: Instants,
        tools: Tools,
    ) -> dict[Any, Any]:
        cases = self._folded(connection, sizes, instants, tools)
        rows: dict[str, list[Row]] = {table.name: [] for table in self.model.tables}
        for case in cases:
            for name, row in case.all_rows():
                rows[name].append(row)
        return {
            table: _stand_in(table, self._standing(table, instants), rows[table.name])
            for table in self.model.tables
        }

    def _standing(self, table: Table, instants: Instants) -> ColumnElement[bool]:
        """The rows of cases that are as they were."""
        if table in self.spanned:
            return spans.standing(table, instants)
        return or_(
            *(
                exists().where(each.c.case_id == table.c.case_id, spans.standing(each, instants))
                for each in self.spanned
            )
        )

    def _sizes(
        self, connection: Connection, ids: Sequence[Select[Any]], instants: Instants
    ) -> dict[UUID, int]:
        """How many events have to be read of each case that has moved."""
        found = union_all(*ids)
        if self.most_events is not None:
            found = found.limit(self.most_events + 1)
        cases = list(connection.scalars(found))
        wanted = {"cases": [str(each) for each in cases], "known_at": instants.known_at}
        sizes = {row.originator_id: row.events for row in connection.execute(_SIZES, wanted)}
        if self.most_events is not None and sum(sizes.values()) > self.most_events:
            raise TooMuchHasMoved(self.most_events)
        return sizes

    def _folded(
        self, connection: Connection, sizes: dict[UUID, int], instants: Instants, tools: Tools
    ) -> Iterator[CaseRows]:
        """The cases as they were, a few at a time: of their events only the rows remain."""
        build = builds.find(connection, self.model.name)
        if build is None:
            return
        feeder = Feeder(connection.engine, self.model, tools)
        done, total = 0, sum(sizes.values())
        for some in _portions(sizes):
            self.tell(done, total)
            done += sum(sizes[case_id] for case_id in some)
            known = facts_of(connection, self.mapper, some, build.position, instants.known_at)
            facts = [fact for fact in known if _was_there(fact, instants)]
            if self.model.prepare is not None:
                self.model.prepare(facts, tools)
            fold = Fold(feeder, build, facts)
            fold.add_all(connection)
            yield from fold.cases


@dataclass(frozen=True)
class Past:
    """One read model asked about the past; `tools` and `only` as in `Rewinding.to`."""

    rewinding: Rewinding
    tools: Tools = field(default_factory=Tools)
    only: Sequence[ColumnElement[bool]] = ()

    def ask(
        self, connection: Connection, instants: Instants, ask: Callable[[Connection], Answer]
    ) -> Answer:
        """What `ask` finds in one snapshot, the tables being as they were.

        `connection` must not be in a transaction. Raises TooMuchHasMoved, PastIsBusy.
        """

        def of_the_past(snapshot: Connection) -> Answer:
            with self.rewinding.to(snapshot, instants, self.tools, self.only):
                return ask(snapshot)

        tables = [table.fullname for table in self.rewinding.spanned]
        return in_snapshot(connection, tables, of_the_past)


@dataclass(frozen=True)
class Rewindings:
    """Rewinds several read models at once, for a question over all of them."""

    each: tuple[Rewinding, ...]

    @contextmanager
    def to(self, connection: Connection, instants: Instants, tools: Tools) -> Iterator[None]:
        """As `Rewinding.to`."""
        with ExitStack() as past:
            for one in self.each:
                past.enter_context(one.to(connection, instants, tools))
            yield


_SIZES = text("""
    SELECT originator_id, count(*) AS events FROM events
    WHERE originator_id = ANY (CAST(:cases AS uuid[]))
        AND (CAST(:known_at AS timestamptz) IS NULL OR recorded_at <= :known_at)
    GROUP BY originator_id
""").columns(originator_id=Uuid)


def _was_there(fact: Fact, instants: Instants) -> bool:
    """What cannot be read stays, since a case ends there."""
    return fact.event is None or instants.cover(fact.event.occurred_at, fact.recorded_at)


def _portions(sizes: dict[UUID, int]) -> Iterator[list[UUID]]:
    """The cases in portions of about EVENTS_AT_ONCE events."""
    portion: list[UUID] = []
    events = 0
    for case_id, count in sizes.items():
        portion.append(case_id)
        events += count
        if events >= EVENTS_AT_ONCE:
            yield portion
            portion, events = [], 0
    if portion:
        yield portion


@contextmanager
def _exchanging(connection: Connection, stand_ins: dict[Any, Any]) -> Iterator[None]:
    def exchange(_: Connection, asked: Any, several: Any, values: Any, __: Any) -> Any:
        return _exchanged(asked, stand_ins), several, values

    event.listen(connection, "before_execute", exchange, retval=True)
    try:
        yield
    finally:
        event.remove(connection, "before_execute", exchange)


def _stand_in(table: Table, still: ColumnElement[bool], rows: Sequence[Row]) -> Any:
    live = select(table).where(still)
    if not rows:
        return live.subquery(table.name)
    return union_all(live, row_io.handed_in(table, rows)).subquery(table.name)


def _exchanged(statement: Any, stand_ins: dict[Any, Any]) -> Any:
    """The statement with each table, and each of its columns, replaced by its stand-in's."""

    def replace(element: Any, **_: Any) -> Any:
        if isinstance(element, Table):
            return stand_ins.get(element)
        if isinstance(element, Column) and element.table in stand_ins:
            return stand_ins[element.table].c[element.name]
        return None

    return visitors.replacement_traverse(statement, {}, replace)
