"""Alarms as work: those that are not closed, in order of the times by which they should be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    Interval,
    MetaData,
    Select,
    Subquery,
    Table,
    Text,
    Uuid,
    Values,
    and_,
    case,
    column,
    false,
    func,
    select,
    true,
    tuple_,
    values,
)

from domain.early_warning.answering import ACKNOWLEDGE, CLOSE, alarm_targets
from service.instants import NOW, Instants

ALARMS: Final = Table(
    "alarm_states",
    MetaData(),
    Column("alarm_id", Uuid),
    Column("rule", Text),
    Column("rule_version", Integer),
    Column("level", Text),
    Column("scope", Text),
    Column("scope_value", Text),
    Column("acknowledged_by", Text),
    # When the store recorded it, and when it occurred by the clock of whoever said so.
    Column("raised_at", DateTime(timezone=True)),
    Column("raised_for", DateTime(timezone=True)),
    Column("acknowledged_at", DateTime(timezone=True)),
    Column("said_acknowledged_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
    Column("said_closed_at", DateTime(timezone=True)),
)
Place = tuple[datetime, UUID]


@dataclass(frozen=True, kw_only=True)
class AlarmWork:
    """An alarm to acknowledge, or one that was acknowledged and is to be closed.

    `handler`: who acknowledged it; `unit`: who leads alarms of its level; `owner`: the former,
    else the latter.
    """

    alarm_id: UUID
    work: str
    rule: str
    rule_version: int
    level: str
    scope: str
    scope_value: str | None
    raised_at: datetime
    due_at: datetime
    handler: str | None
    unit: str
    owner: str

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at < now

    @property
    def place(self) -> tuple[datetime, UUID, str, int]:
        """Where it stands among other work."""
        return self.due_at, self.alarm_id, self.work, 1


@dataclass(frozen=True, kw_only=True)
class AlarmWorkFilter:
    """Which of it to list; None leaves a field open. `overdue` is judged at `now`."""

    now: datetime
    work: str | None = None
    handler: str | None = None
    unit: str | None = None
    owner: str | None = None
    overdue: bool | None = None
    instants: Instants = NOW


def list_alarm_work(
    connection: Connection, wanted: AlarmWorkFilter, limit: int, after: Place | None = None
) -> list[AlarmWork]:
    """At most `limit` of it behind a place, what is due first at the head.

    Only alarms that are not closed are read, unless an instant of the past is asked for.
    """
    work = _work(wanted.instants)
    statement = select(work).where(*_conditions(work, wanted))
    if after is not None:
        statement = statement.where(tuple_(work.c.due_at, work.c.alarm_id) > tuple_(*after))
    statement = statement.order_by(work.c.due_at, work.c.alarm_id).limit(limit)
    return [AlarmWork(**row._mapping) for row in connection.execute(statement)]


def overdue_by_level(connection: Connection, now: datetime) -> dict[str, int]:
    """How many alarms should have been acknowledged or closed by now; no level without any."""
    work = _work(NOW)
    counted = (
        select(work.c.level, func.count().label("number"))
        .where(work.c.due_at < now)
        .group_by(work.c.level)
    )
    return {row.level: row.number for row in connection.execute(counted)}


def _work(instants: Instants) -> Subquery:
    is_raised = and_(true(), *instants.conditions(ALARMS.c.raised_for, ALARMS.c.raised_at))
    seen_to = _was(instants, ALARMS.c.said_acknowledged_at, ALARMS.c.acknowledged_at)
    target = _targets()
    within = case((seen_to, target.c.close_within), else_=target.c.acknowledge_within)
    handler = case((seen_to, ALARMS.c.acknowledged_by))
    names = ("alarm_id", "rule", "rule_version", "level", "scope", "scope_value", "raised_at")
    found: Select[Any] = select(
        *(ALARMS.c[name] for name in names),
        case((seen_to, CLOSE), else_=ACKNOWLEDGE).label("work"),
        (ALARMS.c.raised_at + within).label("due_at"),
        handler.label("handler"),
        target.c.led_by.label("unit"),
        func.coalesce(handler, target.c.led_by).label("owner"),
    )
    found = found.join_from(ALARMS, target, target.c.level == ALARMS.c.level)
    is_closed = _was(instants, ALARMS.c.said_closed_at, ALARMS.c.closed_at)
    return found.where(is_raised, ~is_closed).subquery()


def _was(
    instants: Instants, occurred_at: Column[datetime], recorded_at: Column[datetime]
) -> ColumnElement[bool]:
    """Whether it had been done by then."""
    return and_(recorded_at.is_not(None), *instants.conditions(occurred_at, recorded_at))


def _targets() -> Values:
    rows = [
        (each.level, each.acknowledge_within, each.close_within, each.led_by)
        for each in alarm_targets().values()
    ]
    return values(
        column("level", Text),
        column("acknowledge_within", Interval),
        column("close_within", Interval),
        column("led_by", Text),
        name="target",
    ).data(rows)


def _conditions(work: Subquery, wanted: AlarmWorkFilter) -> list[ColumnElement[bool]]:
    asked = {name: getattr(wanted, name) for name in ("work", "handler", "unit", "owner")}
    found = [_equals(work.c[name], value) for name, value in asked.items() if value is not None]
    if wanted.overdue is not None:
        late = work.c.due_at < wanted.now
        found.append(late if wanted.overdue else ~late)
    return found


def _equals(named: ColumnElement[str], value: str) -> ColumnElement[bool]:
    """No row has a value that cannot be printed, and the driver refuses to ask for some."""
    return named == value if value.isprintable() else false()
