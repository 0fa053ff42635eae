"""What the read model of due times is asked: the open work, in order of its due times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, select, tuple_

from domain.clocks.run import State
from domain.early_warning.answering import ALARM_WORK
from domain.overdue import is_overdue
from domain.reviews.work import REVIEW_WORK
from projections.alarm_work import AlarmWork, AlarmWorkFilter, list_alarm_work
from projections.cursors import checked_limit, decode, encode, page_of
from projections.deadline_tables import PROMISE, RUNS
from projections.overdue import in_time, overdue
from projections.review_work import ReviewWork
from service.instants import NOW, Instants

Place = tuple[datetime, UUID, str, int]


@dataclass(frozen=True, kw_only=True)
class WorkFilter:
    """Which open work to list; None leaves a field open.

    `paused` lists what waits for the customer instead of what runs. `overdue` is judged at `now`.
    With `alarms` those are work too, as they stood at `instants`: they wait for no customer, and
    nobody is told of them.
    """

    now: datetime
    handler: str | None = None
    unit: str | None = None
    owner: str | None = None
    clock: str | None = None
    overdue: bool | None = None
    disclose: bool | None = None
    paused: bool = False
    alarms: bool = False
    instants: Instants = NOW


@dataclass(frozen=True, kw_only=True)
class DueWork:
    """One open run of a clock, or something else that is owed.

    `due_at` is None while it is paused, `remaining_seconds` else. `rule` is that of a clock,
    `owed_kind` the kind of a promise or the level of an escalation; open points of minutes have
    neither.

    `edition` is that of the case, whose books say what clock and rule are called.
    """

    case_id: UUID
    reference: str
    edition: int
    clock: str
    run: int
    rule: str | None
    owed_kind: str | None
    owner: str | None
    handler: str | None
    unit: str | None
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    paused_since: datetime | None
    remaining_seconds: int | None
    warning_recorded: bool
    miss_recorded: bool
    told: bool
    disclosed_at: datetime | None
    listed_at: datetime

    @property
    def place(self) -> Place:
        """Where it stands among other work."""
        return self.listed_at, self.case_id, self.clock, self.run

    @property
    def commitment_id(self) -> str | None:
        """The promise by its id in the case: C3 is the third; None for anything else."""
        return f"C{self.run}" if self.clock == PROMISE else None

    def is_overdue(self, now: datetime) -> bool:
        if self.due_at is None:
            return False
        return is_overdue(self.due_at, now, on_record=self.miss_recorded)

    def is_to_disclose(self, now: datetime) -> bool:
        """Whether it will probably be late, and the customer has not been told (S47)."""
        if not self.told or self.disclosed_at or self.warn_at is None or self.due_at is None:
            return False
        return self.warn_at <= now and not self.is_overdue(now)


Work = DueWork | AlarmWork | ReviewWork


@dataclass(frozen=True)
class WorkPage:
    """Work in order, the most urgent first, and where the next page begins; None after the last."""

    work: Sequence[Work]
    next_cursor: str | None


EQUAL = ("handler", "unit", "owner", "clock")
PLACE = (RUNS.c.listed_at, RUNS.c.case_id, RUNS.c.clock, RUNS.c.run)


def list_work(
    connection: Connection,
    wanted: WorkFilter,
    *,
    limit: int = 50,
    cursor: str | None = None,
    reviews: Sequence[ReviewWork] = (),
) -> WorkPage:
    """A page of open work; `reviews` are all that there is to do about those, in any order.

    Raises InvalidCursor, and ValueError for a limit out of 1 to 200.
    """
    place = None if cursor is None else decode(cursor, tuple[datetime, UUID, str, int])
    most = checked_limit(limit) + 1
    found: list[Work] = [*_runs(connection, wanted, most, place)]
    if not (wanted.paused or wanted.disclose):
        if wanted.alarms and wanted.clock in (None, *ALARM_WORK):
            found += list_alarm_work(connection, _of_alarms(wanted), most, place and place[:2])
        found += (each for each in reviews if place is None or each.place[:2] > place[:2])
        found.sort(key=lambda each: each.place[:2])
    rows, last = page_of(found[:most], limit)
    return WorkPage(rows, None if last is None else encode(*last.place))


def _runs(
    connection: Connection, wanted: WorkFilter, most: int, place: Place | None
) -> list[DueWork]:
    if wanted.clock in ALARM_WORK or wanted.clock in REVIEW_WORK:
        return []
    statement = _filtered(wanted)
    if place is not None:
        statement = statement.where(tuple_(*PLACE) > tuple_(*place))
    statement = statement.order_by(*PLACE).limit(most)
    return [DueWork(**row._mapping) for row in connection.execute(statement)]


def _of_alarms(wanted: WorkFilter) -> AlarmWorkFilter:
    return AlarmWorkFilter(
        now=wanted.now,
        work=wanted.clock,
        handler=wanted.handler,
        unit=wanted.unit,
        owner=wanted.owner,
        overdue=wanted.overdue,
        instants=wanted.instants,
    )


def _filtered(wanted: WorkFilter) -> Select[Any]:
    shown = [RUNS.c[name] for name in DueWork.__dataclass_fields__]
    statement = select(*shown).where(RUNS.c.is_open, _paused(wanted.paused))
    for name in EQUAL:
        value = getattr(wanted, name)
        if value is not None:
            statement = statement.where(_equals(name, value))
    if wanted.overdue is not None:
        asked = overdue if wanted.overdue else in_time
        statement = statement.where(asked(RUNS.c.listed_at, wanted.now, RUNS.c.miss_recorded))
    if wanted.disclose is not None:
        statement = statement.where(
            func.coalesce(_to_disclose(wanted.now), false()) == wanted.disclose
        )
    return statement


def _to_disclose(now: datetime) -> ColumnElement[bool]:
    return and_(
        RUNS.c.told,
        RUNS.c.disclosed_at.is_(None),
        RUNS.c.warn_at <= now,
        in_time(RUNS.c.due_at, now, RUNS.c.miss_recorded),
    )


def _paused(paused: bool) -> ColumnElement[bool]:
    return RUNS.c.state == State.PAUSED if paused else RUNS.c.state != State.PAUSED


def _equals(name: str, value: str) -> ColumnElement[bool]:
    """No row has a value that cannot be printed, and the driver refuses to ask for some."""
    return RUNS.c[name] == value if value.isprintable() else false()
