"""What the audit trail is asked: the entries of one case, or of all, by actor, step and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import eq, ge, lt
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select

from projections.audit_trail import ENTRIES
from projections.cursors import InvalidCursor, checked_limit, decode, encode, page_of
from projections.sealed_texts import Keys, open_keys, tokens_in, with_texts


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Which entries to show; None leaves a field open.

    `step` is a command of the lifecycle, e.g. `propose_solution`. Times: `from` is included,
    `to` is not; by the caller's clock (occurred) or by the store's (recorded).
    """

    case_id: UUID | None = None
    actor_id: str | None = None
    step: str | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None


@dataclass(frozen=True)
class Change:
    """One field of the case: what it showed, and what it shows now; None is nothing.

    Values are of JSON's kinds, with a PersonalText wherever a text is personal.
    """

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """Who did what to a case, when, from where, and what it changed.

    `via` is the door: api, cli, import or timer. `status_before` is None where a case began.
    """

    position: int
    case_id: UUID
    reference: str | None
    version: int
    step: str
    event: str
    actor_id: str
    actor_kind: str
    via: str
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: str
    causation_id: str | None
    status_before: str | None
    status_after: str
    changes: Sequence[Change]


@dataclass(frozen=True)
class AuditPage:
    """Entries in order, and where the next page begins; None after the last one."""

    entries: Sequence[AuditEntry]
    next_cursor: str | None


class AuditQuestions:
    """Asks the audit trail; texts come sealed, for the caller to open by the reader's rights."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def entries(
        self,
        connection: Connection,
        wanted: AuditFilter,
        *,
        newest_first: bool = False,
        limit: int = 50,
        cursor: str | None = None,
    ) -> AuditPage:
        """A page of entries in the order of the log, or against it.

        Raises InvalidCursor, and ValueError for a limit out of 1 to 200.
        """
        statement = _filtered(wanted)
        if cursor is not None:
            statement = statement.where(_after(cursor, newest_first))
        position = ENTRIES.c.position
        statement = statement.order_by(position.desc() if newest_first else position)
        found = connection.execute(statement.limit(checked_limit(limit) + 1)).all()
        rows, last = page_of(found, limit)
        open_keys((token for row in rows for token in tokens_in(row.changes)), self._keys)
        next_cursor = None if last is None else encode(newest_first, last.position)
        return AuditPage([self._one(row) for row in rows], next_cursor)

    def _one(self, row: Row[Any]) -> AuditEntry:
        changes = [Change(**with_texts(change, row.case_id, self._keys)) for change in row.changes]
        return AuditEntry(**{**row._mapping, "changes": changes})


def _filtered(wanted: AuditFilter) -> Select[Any]:
    entries = ENTRIES.c
    conditions = (
        (wanted.case_id, eq, entries.case_id),
        (wanted.actor_id, eq, entries.actor_id),
        (wanted.step, eq, entries.step),
        (wanted.occurred_from, ge, entries.occurred_at),
        (wanted.occurred_to, lt, entries.occurred_at),
        (wanted.recorded_from, ge, entries.recorded_at),
        (wanted.recorded_to, lt, entries.recorded_at),
    )
    return select(ENTRIES).where(
        *(compare(column, value) for value, compare, column in conditions if value is not None)
    )


def _after(cursor: str, newest_first: bool) -> Any:
    """Entries behind the place. Raises InvalidCursor, also for a cursor of the other order."""
    downwards, position = decode(cursor, tuple[bool, int])
    if downwards != newest_first:
        raise InvalidCursor
    return ENTRIES.c.position < position if downwards else ENTRIES.c.position > position
