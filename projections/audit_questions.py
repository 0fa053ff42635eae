"""What the audit trail is asked: the entries of one case, or of all, by actor, step and time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import eq, ge, lt
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from sqlalchemy import Connection, Select, select, text

from projections.audit_refolding import as_they_read, begun_by
from projections.audit_trail import ENTRIES
from projections.case_fields import stated
from projections.cursors import InvalidCursor, checked_limit, decode, encode, page_of
from projections.event_log import Mapper
from projections.read_model import Row
from projections.sealed_texts import Keys, as_json, is_same, open_keys, tokens_in
from projections.turns import NO_LIMIT, Turns
from service.event_store import PositionNotInLog
from service.event_store.records import HIGHEST_POSITION
from service.instants import NOW, Instants

Said = dict[int, dict[str, Any]]
"""What events say, field by field, by their position."""


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Which entries to show; None leaves a field open.

    `step` is a command of the lifecycle, e.g. `propose_solution`. Times: `from` is included,
    `to` is not; by the caller's clock (occurred) or by the store's (recorded). `instants`: the
    trail as it was, or was known, then.
    """

    case_id: UUID | None = None
    actor_id: str | None = None
    step: str | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    instants: Instants = NOW


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

    def __init__(self, keys: Keys, mapper: Mapper, turns: Turns = NO_LIMIT) -> None:
        self._keys = keys
        self._mapper = mapper
        self._turns = turns

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

        Raises InvalidCursor, PositionNotInLog where the log was set back behind the cursor, and
        ValueError for a limit out of 1 to 200.
        """
        statement = _filtered(wanted)
        if cursor is not None:
            statement = statement.where(_after(connection, cursor, newest_first))
        position = ENTRIES.c.position
        statement = statement.order_by(position.desc() if newest_first else position)
        found = connection.execute(statement.limit(checked_limit(limit) + 1)).all()
        page, last = page_of(found, limit)
        next_cursor = None if last is None else encode(newest_first, last.position)
        rows = [dict(row._mapping) for row in page]
        rows = as_they_read(connection, self._mapper, rows, wanted.instants, self._turns)
        return AuditPage(self._entries(connection, rows), next_cursor)

    def _entries(self, connection: Connection, rows: Sequence[Row]) -> list[AuditEntry]:
        needed = {row["position"] for row in rows} | {
            source_of(field, was)[0] for row in rows for field, was in row["was"].items()
        }
        said = self._said(connection, needed)
        changes = [changes_of(row["position"], row["was"], said) for row in rows]
        shown = [value for each in changes for change in each for value in (change.old, change.new)]
        open_keys(tokens_in(shown), self._keys)
        return [
            AuditEntry(**{**_without_was(row), "changes": each})
            for row, each in zip(rows, changes, strict=True)
        ]

    def _said(self, connection: Connection, positions: Iterable[int]) -> Said:
        """What the events at these positions say, in one round trip."""
        found = connection.execute(_EVENTS_AT, {"positions": list(positions)})
        return {
            row.position: dict(stated(self._mapper.to_domain_event(_stored(row)))) for row in found
        }


_EVENTS_AT = text("""
    SELECT position, originator_id, originator_version, topic, state
    FROM events WHERE position = ANY (:positions)
""")


def _stored(row: Any) -> StoredEvent:
    return StoredEvent(row.originator_id, row.originator_version, row.topic, bytes(row.state))


def _without_was(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "was"}


def source_of(field: str, was: int | list[Any]) -> tuple[int, str]:
    """Which event, by its position, put the old value there, and into which field."""
    position, name = (was, field) if isinstance(was, int) else was
    return position, name


def changes_of(position: int, was: dict[str, Any], said: Said) -> list[Change]:
    """What an event changed. A value stated again, and no other than before, is no change."""
    new = said[position]
    old = {
        field: said[source][name]
        for field, (source, name) in ((field, source_of(field, was[field])) for field in was)
    }
    fields = [*(field for field in was if field not in new), *new]
    pairs = ((field, old.get(field), new.get(field)) for field in fields)
    return [
        Change(field, as_json(before), as_json(after))
        for field, before, after in pairs
        if (field in was or after is not None) and not is_same(before, after)
    ]


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
    statement = select(ENTRIES).where(
        *(compare(column, value) for value, compare, column in conditions if value is not None)
    )
    if not wanted.instants.are_past:
        return statement
    there = wanted.instants.conditions(entries.occurred_at, entries.recorded_at)
    return statement.where(*there, begun_by(wanted.instants))


_IS_IN_LOG = text("SELECT EXISTS (SELECT FROM events WHERE position = :position)")


def _after(connection: Connection, cursor: str, newest_first: bool) -> Any:
    """Entries behind the place. Raises InvalidCursor, also for a cursor of the other order.

    A cursor names an event. Where that is gone, the reader knows others that are gone too, and
    going on from there could pass over new ones: PositionNotInLog.
    """
    downwards, position = decode(cursor, tuple[bool, int])
    if downwards != newest_first or not 0 <= position <= HIGHEST_POSITION:
        raise InvalidCursor
    if not connection.execute(_IS_IN_LOG, {"position": position}).scalar():
        raise PositionNotInLog(position)
    return ENTRIES.c.position < position if downwards else ENTRIES.c.position > position
