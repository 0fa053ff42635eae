"""What the case list is asked: filters, search, order and pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    cast,
    false,
    func,
    select,
    tuple_,
)

from domain.personal import PersonalText
from projections.case_list import ALL_WORDS, CASES, WORDS
from projections.cursors import InvalidCursor, checked_limit, decode, encode, page_of
from projections.sealed_texts import Keys, open_keys, sealed
from projections.search_tokens import BlindIndex, sight_of


class NothingToSearch(Exception):
    """The search text holds no word that could be found: only common words or punctuation."""


class Order(StrEnum):
    """How the list is sorted; a minus means the newest first.

    By urgency: the most urgent first, and of those the one that waits longest.
    """

    REPORTED = "reported_at"
    NEWEST_REPORTED = "-reported_at"
    UPDATED = "updated_at"
    NEWEST_UPDATED = "-updated_at"
    URGENCY = "urgency"

    @property
    def columns(self) -> tuple[Column[Any], ...]:
        """What the list is sorted by, before the id."""
        if self is Order.URGENCY:
            return CASES.c.urgency_rank, CASES.c.reported_at
        return (CASES.c[self.value.removeprefix("-")],)

    @property
    def newest_first(self) -> bool:
        return self.value.startswith("-")


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """Which cases to list; None leaves a field open.

    `statuses`: any of them. `reported_from` is included, `reported_to` is not. `text` is searched
    for in English or Chinese, see `projections.search_tokens`: a case must have all of its words.
    """

    statuses: Collection[str] | None = None
    conflict_type: str | None = None
    conflict_subtype: str | None = None
    channel: str | None = None
    severity: str | None = None
    customer_ref: str | None = None
    handler: str | None = None
    external_id: str | None = None
    imported: bool | None = None
    reported_from: datetime | None = None
    reported_to: datetime | None = None
    text: str | None = None


LASTING = ("channel", "customer_ref", "external_id", "imported")
"""What a case keeps as its first event told it."""
CHANGING = ("conflict_type", "conflict_subtype", "severity", "handler")


@dataclass(frozen=True, kw_only=True)
class ListedCase:
    """One row of the list. What is unknown, or not said by the source, is None."""

    case_id: UUID
    reference: str | None
    status: str
    version: int
    position: int
    imported: bool
    channel: str | None
    customer_ref: str | None
    customer_name: PersonalText | None
    tier: str | None
    summary: PersonalText | None
    conflict_type: str | None
    conflict_subtype: str | None
    complaint_cause: str | None
    severity: str | None
    urgency: str | None
    handler: str | None
    unit: str | None
    product: str | None
    source_system: str | None
    external_id: str | None
    reported_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class CasePage:
    """Rows in order, and where the next page begins; None after the last one."""

    cases: Sequence[ListedCase]
    next_cursor: str | None


class CaseQuestions:
    """Asks the case list on behalf of readers with different rights."""

    def __init__(self, keys: Keys, blind_index: BlindIndex) -> None:
        self._keys = keys
        self._blind_index = blind_index

    def list_cases(
        self,
        connection: Connection,
        wanted: CaseFilter,
        *,
        roles: frozenset[str],
        order: Order = Order.NEWEST_REPORTED,
        limit: int = 50,
        cursor: str | None = None,
    ) -> CasePage:
        """A page of cases. Texts come sealed; `roles` decides which words a search may find.

        Raises InvalidCursor, NothingToSearch, and ValueError for a limit out of 1 to 200.
        """
        shown = dict.fromkeys((*ListedCase.__dataclass_fields__, *(c.name for c in order.columns)))
        statement = self._asked(select(*(CASES.c[name] for name in shown)), wanted, roles)
        if cursor is not None:
            statement = statement.where(_after(cursor, order))
        directed = [_directed(column, order) for column in (*order.columns, CASES.c.case_id)]
        statement = statement.order_by(*directed).limit(checked_limit(limit) + 1)
        rows, last = page_of(connection.execute(statement).all(), limit)
        return CasePage(self._listed(rows), None if last is None else _cursor(last, order))

    def count(
        self, connection: Connection, wanted: CaseFilter, *, roles: frozenset[str], most: int
    ) -> int:
        """How many cases the whole list has; counting stops at `most`. Raises NothingToSearch."""
        found = self._asked(select(CASES.c.case_id), wanted, roles).limit(most).subquery()
        return connection.execute(select(func.count()).select_from(found)).scalar_one()

    def with_reference(self, connection: Connection, reference: str) -> UUID | None:
        """The case that has this reference, once the list has read it."""
        return connection.scalar(select(CASES.c.case_id).where(CASES.c.reference == reference))

    def _asked(
        self, statement: Select[Any], wanted: CaseFilter, roles: frozenset[str]
    ) -> Select[Any]:
        statement = _filtered(statement, wanted)
        if wanted.text is None:
            return statement
        return statement.where(self._has_words(wanted.text, roles))

    def _has_words(self, text: str, roles: frozenset[str]) -> Any:
        tokens = self._blind_index.of_query(text, sight_of(roles))
        if not tokens:
            raise NothingToSearch
        found = ALL_WORDS.op("@>")(cast(tokens, ARRAY(BigInteger)))
        return CASES.c.case_id.in_(select(WORDS.c.case_id).where(found))

    def _listed(self, rows: Sequence[Row[Any]]) -> list[ListedCase]:
        open_keys((token for row in rows for token in (row.summary, row.customer_name)), self._keys)
        return [self._one(row) for row in rows]

    def _one(self, row: Row[Any]) -> ListedCase:
        texts = {
            name: sealed(row._mapping[name], row.case_id, self._keys)
            for name in ("summary", "customer_name")
        }
        told = {name: row._mapping[name] for name in ListedCase.__dataclass_fields__}
        return ListedCase(**{**told, **texts})


def _filtered(statement: Select[Any], wanted: CaseFilter) -> Select[Any]:
    if wanted.statuses is not None:
        statement = statement.where(CASES.c.status.in_(wanted.statuses))
    return statement.where(*_equal(wanted, CHANGING), *lasting_conditions(wanted))


def lasting_conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    """The conditions that a case meets for ever or never."""
    conditions = _equal(wanted, LASTING)
    if wanted.reported_from is not None:
        conditions.append(CASES.c.reported_at >= wanted.reported_from)
    if wanted.reported_to is not None:
        conditions.append(CASES.c.reported_at < wanted.reported_to)
    return conditions


def _equal(wanted: CaseFilter, names: Iterable[str]) -> list[ColumnElement[bool]]:
    asked = ((name, getattr(wanted, name)) for name in names)
    return [_equals(CASES.c[name], value) for name, value in asked if value is not None]


def _equals(column: Column[Any], value: str | bool) -> ColumnElement[bool]:
    """No row has a value that cannot be printed, and the driver refuses to ask for some."""
    if isinstance(value, str) and not value.isprintable():
        return false()
    return column == value


def _directed(column: Column[Any], order: Order) -> Any:
    return column.desc() if order.newest_first else column.asc()


def _after(cursor: str, order: Order) -> Any:
    """Rows behind the place. Raises InvalidCursor, also for a cursor of another order."""
    if order is Order.URGENCY:
        named, *place = decode(cursor, tuple[str, int, datetime, UUID])
    else:
        named, *place = decode(cursor, tuple[str, datetime, UUID])
    if named != order.value:
        raise InvalidCursor
    here, there = tuple_(*order.columns, CASES.c.case_id), tuple_(*place)
    return here < there if order.newest_first else here > there


def _cursor(row: Row[Any], order: Order) -> str:
    return encode(order.value, *(row._mapping[c.name] for c in order.columns), row.case_id)
