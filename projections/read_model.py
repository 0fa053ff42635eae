"""What a read model is: its tables, one function per event, and what it leaves out and why.

A handler is a plain function `handler(case: CaseRows, event)`. It changes rows in memory and
touches no database: the engine loads the rows of the cases on a page before it calls handlers,
and writes what they changed afterwards, each in one statement per table.

A table whose primary key begins with `case_id` holds rows that change: `case.row(TABLE)`, or
`case.row(TABLE, "P1")` where the key has a second column. Any other table only grows, by
`case.add(TABLE, ...)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.sql.schema import CallableColumnDefault, ScalarElementColumnDefault

from projections.search_tokens import BlindIndex

Row = dict[str, Any]
Blank = Callable[[], Row]
Handler = Callable[["CaseRows", Any], None]


NEVER = datetime.min.replace(tzinfo=UTC)


class ToolMissing(Exception):
    """A handler needs a tool that the engine was not given."""


class UnexpectedEvent(Exception):
    """A read model neither handles an event nor says why it ignores it."""


@dataclass(slots=True)  # not frozen: making one would take three times as long
class Fact:
    """One stored event as the log gives it; `event` is None where it cannot be read.

    `name` is the stored name with its schema, e.g. `solution_proposed:1`; `fault` the error that
    reading it raised.
    """

    case_id: UUID
    version: int
    position: int
    recorded_at: datetime
    name: str
    event: Any
    fault: Exception | None = None


@dataclass(frozen=True)
class Tools:
    """What handlers may need besides the event: given once, when the engine is made.

    `open_keys` fetches the keys of many sealed texts, by their tokens, in one round trip.
    """

    index: BlindIndex | None = None
    open_keys: Callable[[Iterable[str]], object] = lambda tokens: None

    @property
    def blind_index(self) -> BlindIndex:
        """What turns words into tokens. Raises ToolMissing."""
        if self.index is None:
            raise ToolMissing("this engine was made without a blind index")
        return self.index


class CaseRows:
    """The rows that one read model holds about one case, while a page is applied.

    `position` and `recorded_at` are those of the event that is being applied. `is_unsettled`: a
    handler left work to the read model's `settle`.
    """

    __slots__ = (
        "_blanks",
        "_rows",
        "added",
        "changed",
        "id",
        "is_unsettled",
        "position",
        "recorded_at",
        "tools",
    )

    def __init__(self, case_id: UUID, blanks: Mapping[str, Blank], tools: Tools) -> None:
        self.id = case_id
        self.tools = tools
        self.is_unsettled = False
        self.position = 0
        self.recorded_at = NEVER
        self.changed: dict[tuple[str, tuple[Any, ...]], Row] = {}
        self.added: list[tuple[str, Row]] = []
        self._blanks = blanks
        self._rows: dict[tuple[str, tuple[Any, ...]], Row] = {}

    def row(self, table: Table, *rest_of_key: Any) -> Row:
        """The row to change; a new one holds the columns' defaults, else None, in their order."""
        place = (table.name, rest_of_key)
        row = self._rows.get(place)
        if row is None:
            row = self._rows[place] = self._new_row(table, rest_of_key)
        self.changed[place] = row
        return row

    def find(self, table: Table, *rest_of_key: Any) -> Row | None:
        """The row to look at, or None where the case has no such row."""
        return self._rows.get((table.name, rest_of_key))

    def rows(self, table: Table) -> list[Row]:
        """Every row that the case has in the table, to look at, by key."""
        return [row for (name, _), row in sorted(self._rows.items()) if name == table.name]

    def all_rows(self) -> Iterator[tuple[str, Row]]:
        """Every row that the case has or adds, with the name of its table."""
        yield from ((name, row) for (name, _), row in self._rows.items())
        yield from self.added

    def add(self, table: Table, **values: Any) -> None:
        """A new row of a table that only grows."""
        row = self._blanks[table.name]()
        row.update(values)
        self.added.append((table.name, row))

    def hold(self, table: Table, rest_of_key: tuple[Any, ...], row: Row) -> None:
        """Take over a row as it was stored."""
        self._rows[table.name, rest_of_key] = row

    def _new_row(self, table: Table, rest_of_key: tuple[Any, ...]) -> Row:
        row = self._blanks[table.name]()
        row.update(zip(_key_of(table), (self.id, *rest_of_key), strict=True))
        return row


@dataclass(frozen=True)
class ReadModel:
    """One read model, as its file declares it.

    `name`: also the PostgreSQL schema of its tables. `version`: raise it whenever a table or a
    handler changes; the worker then rebuilds the model beside the one in use.
    `ignored`: events that do not matter to it, each with the reason. `prepare`: is shown each
    page before its events, to fetch in one go what handlers would fetch one by one. `forget`:
    drops what can still be read about an erased person; asked also for a case that is parked.
    `settle`: does once for a case and page what handlers leave to it by `case.is_unsettled`; the
    rows must not depend on where a page ends.
    """

    name: str
    version: int
    tables: tuple[Table, ...]
    handlers: Mapping[type, Handler]
    ignored: Mapping[type, str] = field(default_factory=dict)
    prepare: Callable[[Sequence[Fact], Tools], None] | None = None
    forget: Callable[[CaseRows], None] | None = None
    settle: Callable[[CaseRows], None] | None = None

    def settle_rows(self, case: CaseRows) -> None:
        """Do what handlers left for the end of the page."""
        if case.is_unsettled and self.settle is not None:
            self.settle(case)
            case.is_unsettled = False

    @cached_property
    def keyed_tables(self) -> tuple[Table, ...]:
        """The tables with rows that change: their key begins with the case."""
        return tuple(table for table in self.tables if _is_keyed(table))

    def new_case(self, case_id: UUID, tools: Tools | None = None) -> CaseRows:
        """A case without rows, to hand to handlers."""
        return CaseRows(case_id, self._blanks, tools or Tools())

    def take(self, case: CaseRows, fact: Fact) -> None:
        """Let the handler of the event change the rows of its case.

        Raises UnexpectedEvent, what reading the event raised, and what the handler raises.
        """
        if fact.fault is not None:
            raise fact.fault
        handler = self.handlers.get(type(fact.event))
        if handler is not None:
            case.position, case.recorded_at = fact.position, fact.recorded_at
            handler(case, fact.event)
        elif type(fact.event) not in self.ignored:
            raise UnexpectedEvent(fact.name)

    @cached_property
    def _blanks(self) -> dict[str, Blank]:
        return {table.name: _blank_of(table) for table in self.tables}


@cache
def _key_of(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key)


def _is_keyed(table: Table) -> bool:
    return next(iter(table.primary_key)).name == "case_id"


def _blank_of(table: Table) -> Blank:
    """A function that makes an empty row; lists and objects are made anew for each row."""
    plain: Row = dict.fromkeys(column.name for column in table.columns)
    made: list[tuple[str, Callable[[Any], Any]]] = []
    for column in table.columns:
        if isinstance(column.default, ScalarElementColumnDefault):
            plain[column.name] = column.default.arg
        elif isinstance(column.default, CallableColumnDefault):
            made.append((column.name, column.default.arg))
    if not made:
        return plain.copy

    def blank() -> Row:
        row = plain.copy()
        for name, make in made:
            row[name] = make(None)
        return row

    return blank


def fold(model: ReadModel, facts: Iterable[Fact], tools: Tools | None = None) -> list[CaseRows]:
    """What the handlers make of some events, in memory: one entry per case, in order seen."""
    cases: dict[UUID, CaseRows] = {}
    for fact in facts:
        case = cases.get(fact.case_id)
        if case is None:
            case = cases[fact.case_id] = model.new_case(fact.case_id, tools)
        model.take(case, fact)
    for case in cases.values():
        model.settle_rows(case)
    return list(cases.values())
