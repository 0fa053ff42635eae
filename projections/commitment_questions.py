"""What the read model of due times is asked about promises: by owner, state and due time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, case, literal, or_, select, tuple_

from domain.commitments import CommitmentState
from projections.cursors import checked_limit, decode, encode, page_of
from projections.deadline_tables import CASES, OWED


@dataclass(frozen=True, kw_only=True)
class CommitmentFilter:
    """Which promises to list; None leaves a field open. States are judged at `now`."""

    now: datetime
    owner: str | None = None
    handler: str | None = None
    state: str | None = None
    due_before: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ListedCommitment:
    """One promise, without its text, which stands in its case."""

    case_id: UUID
    reference: str
    edition: int
    handler: str | None
    unit: str | None
    about: str
    kind: str
    owner: str
    promised_to: str
    channel: str
    in_writing: bool
    made_at: datetime
    due_at: datetime
    kept_at: datetime | None
    replaced_by: str | None
    confirmed: bool
    broken_recorded: bool
    state: str


@dataclass(frozen=True)
class CommitmentPage:
    """Promises in order of their due times, and where the next page begins; None after the last."""

    commitments: Sequence[ListedCommitment]
    next_cursor: str | None


PLACE: Final = (OWED.c.due_at, OWED.c.case_id, OWED.c.about)
OF_CASE: Final = ("reference", "edition", "handler", "unit")


def list_commitments(
    connection: Connection,
    wanted: CommitmentFilter,
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> CommitmentPage:
    """A page of promises. Raises InvalidCursor, and ValueError for a limit out of 1 to 200."""
    statement = _filtered(wanted)
    if cursor is not None:
        place = decode(cursor, tuple[datetime, UUID, str])
        statement = statement.where(tuple_(*PLACE) > tuple_(*place))
    statement = statement.order_by(*PLACE).limit(checked_limit(limit) + 1)
    rows, last = page_of(connection.execute(statement).all(), limit)
    listed = [ListedCommitment(**row._mapping) for row in rows]
    return CommitmentPage(listed, encode(last.due_at, last.case_id, last.about) if last else None)


def _filtered(wanted: CommitmentFilter) -> Select[Any]:
    state = state_at(wanted.now)
    names = [name for name in ListedCommitment.__dataclass_fields__ if name in OWED.c]
    shown = [OWED.c[name] for name in names] + [CASES.c[name] for name in OF_CASE]
    joined = OWED.join(CASES, OWED.c.case_id == CASES.c.case_id)
    # Open points of minutes are owed too, but have no due time.
    statement = select(*shown, state.label("state")).select_from(joined).where(PROMISED)
    if wanted.owner is not None:
        statement = statement.where(OWED.c.owner == wanted.owner)
    if wanted.handler is not None:
        statement = statement.where(CASES.c.handler == wanted.handler)
    if wanted.state is not None:
        statement = statement.where(state == wanted.state)
    if wanted.due_before is not None:
        statement = statement.where(OWED.c.due_at < wanted.due_before)
    return statement


PROMISED: Final = OWED.c.due_at.is_not(None)


def is_breach(now: datetime) -> ColumnElement[bool]:
    """Whether a promise was broken by an instant, kept later or not: as on record, or by time."""
    on_record = and_(OWED.c.broken_recorded, OWED.c.breach_at.is_not(None))
    return or_(on_record, OWED.c.breach_at < now)


def state_at(now: datetime) -> Any:
    """The state of a promise at an instant, as `domain.commitments.Owed.state` has it."""
    is_broken = is_breach(now)
    return case(
        (and_(is_broken, OWED.c.kept_at.is_not(None)), literal(CommitmentState.LATE.value)),
        (is_broken, literal(CommitmentState.BROKEN.value)),
        else_=OWED.c.otherwise,
    )
