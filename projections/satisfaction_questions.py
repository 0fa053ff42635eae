"""What the read model of satisfaction is asked: orders, scores, and which scores count."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    false,
    func,
    select,
    tuple_,
)

from domain.overdue import is_overdue
from domain.satisfaction import IDENTICAL_IN_A_ROW
from projections.cursors import checked_limit, decode, encode, page_of
from projections.overdue import overdue
from projections.satisfaction_tables import ORDERS, SCORES


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """Which orders to list; None leaves a field open. `overdue` is judged at `now`."""

    now: datetime
    subject_ref: str | None = None
    state: str | None = None
    trigger: str | None = None
    overdue: bool | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ListedOrder:
    """One director's order. `missed_at`: the due time that passed, once it is on record."""

    case_id: UUID
    order_id: str
    subject_ref: str
    reference: str
    edition: int
    number: int
    trigger: str
    led_by: str
    grounds: list[dict[str, Any]]
    state: str
    opened_at: datetime
    plan_due_at: datetime
    planned_at: datetime | None
    missed_at: datetime | None
    closed_at: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether its plan is still owed after its time."""
        on_record = self.missed_at is not None
        return self.planned_at is None and is_overdue(self.plan_due_at, now, on_record=on_record)


@dataclass(frozen=True, kw_only=True)
class ScoreFilter:
    """Which scores to list; None leaves a field open."""

    subject_ref: str | None = None
    case_id: UUID | None = None
    scale: str | None = None
    low: bool | None = None
    valid: bool | None = None
    given_from: datetime | None = None
    given_to: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ListedScore:
    """One score; not `is_valid` where it stands in a row of identical ones (S51).

    `channel`: None where, in the past, the answer was there before its survey.
    """

    case_id: UUID
    version: int
    subject_ref: str
    reference: str
    survey_id: str | None
    channel: str | None
    touchpoint: str | None
    scale: str
    value: int
    is_low: bool
    given_at: datetime
    is_valid: bool


@dataclass(frozen=True)
class Page:
    """Rows in order, and where the next page begins; None after the last."""

    rows: Sequence[Any]
    next_cursor: str | None


ORDER_PLACE = (ORDERS.c.opened_at, ORDERS.c.case_id, ORDERS.c.order_id)
SCORE_PLACE = (SCORES.c.given_at, SCORES.c.case_id, SCORES.c.version)


def invalid_scores(subject_refs: Collection[str] | None = None) -> Subquery:
    """The keys of every score in a row of ten or more identical ones; see `domain.satisfaction`.

    Of these customers, or of all.

    Rows are found as islands: among a customer's scores, what is identical and follows each other
    keeps the same distance between its number among all and its number among the identical.
    """
    own = SCORES.alias("own")
    many = select(own.c.subject_ref).group_by(own.c.subject_ref)
    if subject_refs is not None:
        many = many.where(own.c.subject_ref.in_(sorted(subject_refs)))
    suspects = many.having(func.count() >= IDENTICAL_IN_A_ROW)
    by_time = (SCORES.c.given_at, SCORES.c.case_id, SCORES.c.version)
    same = (SCORES.c.subject_ref, SCORES.c.scale, SCORES.c.value)
    among_all = func.row_number().over(partition_by=SCORES.c.subject_ref, order_by=by_time)
    among_same = func.row_number().over(partition_by=same, order_by=by_time)
    placed = (
        select(SCORES.c.case_id, SCORES.c.version, *same, (among_all - among_same).label("island"))
        .where(SCORES.c.subject_ref.in_(suspects))
        .subquery("placed")
    )
    row = (placed.c.subject_ref, placed.c.scale, placed.c.value, placed.c.island)
    length = func.count().over(partition_by=row)
    counted = select(placed.c.case_id, placed.c.version, length.label("length")).subquery("counted")
    return (
        select(counted.c.case_id, counted.c.version)
        .where(counted.c.length >= IDENTICAL_IN_A_ROW)
        .subquery("invalid")
    )


def list_orders(
    connection: Connection, wanted: OrderFilter, *, limit: int = 50, cursor: str | None = None
) -> Page:
    """A page of orders, the newest first. Raises InvalidCursor, and ValueError for a bad limit."""
    statement = select(*(ORDERS.c[name] for name in ListedOrder.__dataclass_fields__))
    statement = statement.where(*orders_wanted(wanted))
    if cursor is not None:
        place = decode(cursor, tuple[datetime, UUID, str])
        statement = statement.where(tuple_(*ORDER_PLACE) < tuple_(*place))
    order = [column.desc() for column in ORDER_PLACE]
    found = connection.execute(statement.order_by(*order).limit(checked_limit(limit) + 1)).all()
    rows, last = page_of(found, limit)
    next_cursor = last and encode(last.opened_at, last.case_id, last.order_id)
    return Page([ListedOrder(**row._mapping) for row in rows], next_cursor)


def orders_wanted(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    """The conditions that these orders meet."""
    # Where the past is asked for, a plan may have been there before its order was.
    conditions: list[ColumnElement[bool]] = [ORDERS.c.opened_at.is_not(None)]
    conditions += [
        _equals(ORDERS.c[name], value)
        for name in ("subject_ref", "state", "trigger")
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.overdue is not None:
        late = plan_is_overdue(wanted.now)
        conditions.append(late if wanted.overdue else ~late)
    return conditions + _between(ORDERS.c.opened_at, wanted.opened_from, wanted.opened_to)


def plan_is_overdue(now: datetime) -> ColumnElement[bool]:
    """Whether the plan of an order is still owed after its time."""
    late = overdue(ORDERS.c.plan_due_at, now, ORDERS.c.missed_at.is_not(None))
    return and_(ORDERS.c.planned_at.is_(None), late)


def list_scores(
    connection: Connection, wanted: ScoreFilter, *, limit: int = 50, cursor: str | None = None
) -> Page:
    """A page of scores, the newest first. Raises InvalidCursor, and ValueError for a bad limit."""
    columns = [SCORES.c[name] for name in ListedScore.__dataclass_fields__ if name != "is_valid"]
    statement = select(*columns).where(*_scores_wanted(wanted))
    if cursor is not None:
        place = decode(cursor, tuple[datetime, UUID, int])
        statement = statement.where(tuple_(*SCORE_PLACE) < tuple_(*place))
    order = [column.desc() for column in SCORE_PLACE]
    found = connection.execute(statement.order_by(*order).limit(checked_limit(limit) + 1)).all()
    rows, last = page_of(found, limit)
    next_cursor = last and encode(last.given_at, last.case_id, last.version)
    invalid = _invalid_of(connection, {row.subject_ref for row in rows})
    listed = [
        ListedScore(**row._mapping, is_valid=(row.case_id, row.version) not in invalid)
        for row in rows
    ]
    return Page(listed, next_cursor)


def _invalid_of(connection: Connection, subject_refs: Collection[str]) -> set[tuple[UUID, int]]:
    found = connection.execute(select(invalid_scores(subject_refs)))
    return {(row.case_id, row.version) for row in found}


def scores_with_validity() -> Select[Any]:
    """Every score with all its columns, and whether it is valid."""
    invalid = invalid_scores()
    same = and_(invalid.c.case_id == SCORES.c.case_id, invalid.c.version == SCORES.c.version)
    is_valid = invalid.c.case_id.is_(None).label("is_valid")
    return select(*SCORES.c, is_valid).select_from(SCORES.outerjoin(invalid, same))


def _scores_wanted(wanted: ScoreFilter) -> list[ColumnElement[bool]]:
    conditions = [
        _equals(SCORES.c[name], value)
        for name in ("subject_ref", "case_id", "scale")
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.low is not None:
        conditions.append(SCORES.c.is_low.is_(wanted.low))
    if wanted.valid is not None:
        invalid = invalid_scores([wanted.subject_ref] if wanted.subject_ref else None)
        is_invalid = tuple_(SCORES.c.case_id, SCORES.c.version).in_(
            select(invalid.c.case_id, invalid.c.version)
        )
        conditions.append(~is_invalid if wanted.valid else is_invalid)
    return conditions + _between(SCORES.c.given_at, wanted.given_from, wanted.given_to)


def _equals(column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    """No row has a text that cannot be printed, and the driver refuses to ask for some."""
    return column == value if not isinstance(value, str) or value.isprintable() else false()


def _between(
    column: ColumnElement[Any], start: datetime | None, end: datetime | None
) -> list[ColumnElement[bool]]:
    """From `start` on, up to and without `end`."""
    bounds = [column >= start] if start else []
    return bounds + ([column < end] if end else [])
