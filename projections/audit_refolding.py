"""The audit trail where some events had not occurred yet: entries read as if those were not there.

An entry tells what its event changed, so it depends on the events before it. Where one of those
is left out, because it occurred later or was not known yet, the case's entries are folded again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from sqlalchemy import ColumnElement, Connection, and_, not_, select, text

from domain.events import CaseEvent
from projections.audit_trail import ENTRIES, READ_MODEL
from projections.faults import is_fault_of_event
from projections.instants import Instants
from projections.read_model import Fact, Row, fold


class Mapper(Protocol):
    """What turns stored events into events; see `service.mapper`."""

    def to_domain_event(self, stored_event: StoredEvent) -> CaseEvent:
        """The event as it was recorded; its texts stay sealed."""


_EVENTS_OF = text("""
    SELECT position, originator_id, originator_version, topic, state, recorded_at
    FROM events WHERE originator_id = ANY (:cases) AND position <= :up_to
    ORDER BY originator_id, originator_version
""")


def begun_by(instants: Instants) -> ColumnElement[bool]:
    """Entries of cases that were there at all: their first event had occurred and was known."""
    first = ENTRIES.alias("first")
    return (
        select(first.c.position)
        .where(
            first.c.case_id == ENTRIES.c.case_id,
            first.c.version == 1,
            *instants.conditions(first.c.occurred_at, first.c.recorded_at),
        )
        .exists()
    )


def as_they_read(
    connection: Connection, mapper: Mapper, rows: Sequence[Row], instants: Instants
) -> list[Row]:
    """These entries as they read without what had not occurred, or was not known, by then."""
    if not rows or not instants.are_past:
        return list(rows)
    up_to = max(row["position"] for row in rows)
    cases = _with_gaps(connection, {row["case_id"] for row in rows}, up_to, instants)
    if not cases:
        return list(rows)
    folded = _folded(connection, mapper, cases, up_to, instants)
    return [folded.get(row["position"], row) for row in rows]


def _with_gaps(
    connection: Connection, cases: Collection[UUID], up_to: int, instants: Instants
) -> list[UUID]:
    """Those of the cases that have an entry before the last one shown which is left out."""
    there = and_(*instants.conditions(ENTRIES.c.occurred_at, ENTRIES.c.recorded_at))
    found = select(ENTRIES.c.case_id).distinct()
    return list(
        connection.scalars(
            found.where(ENTRIES.c.case_id.in_(cases), ENTRIES.c.position < up_to, not_(there))
        )
    )


def _folded(
    connection: Connection, mapper: Mapper, cases: list[UUID], up_to: int, instants: Instants
) -> dict[int, Row]:
    """The entries of these cases by position."""
    found = connection.execute(_EVENTS_OF, {"cases": cases, "up_to": up_to})
    facts = (
        fact
        for _, of_case in groupby(found, lambda row: row.originator_id)
        for fact in _readable(mapper, of_case)
        if instants.cover(fact.event.occurred_at, fact.recorded_at)
    )
    added = (row for case in fold(READ_MODEL, facts) for _, row in case.added)
    return {row["position"]: row for row in added}


def _readable(mapper: Mapper, rows: Iterator[Any]) -> Iterator[Fact]:
    """The case's events up to one that cannot be read: there its entries end too."""
    for row in rows:
        stored = StoredEvent(row.originator_id, row.originator_version, row.topic, bytes(row.state))
        try:
            event = mapper.to_domain_event(stored)
        except Exception as error:
            if not is_fault_of_event(error):
                raise
            return
        yield Fact(
            row.originator_id,
            row.originator_version,
            row.position,
            row.recorded_at,
            row.topic,
            event,
        )
