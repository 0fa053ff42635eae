"""The audit trail where some events had not occurred yet: entries read as if those were not there.

An entry tells what its event changed, so it depends on the events before it. Where one of those
is left out, because it occurred later or was not known yet, the case's entries are folded again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby, takewhile
from operator import attrgetter
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, not_, select

from projections.audit_trail import ENTRIES, READ_MODEL
from projections.event_log import Mapper, facts_of
from projections.read_model import Row, fold
from projections.turns import NO_LIMIT, Turns
from service.instants import Instants


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
    connection: Connection,
    mapper: Mapper,
    rows: Sequence[Row],
    instants: Instants,
    turns: Turns = NO_LIMIT,
) -> list[Row]:
    """These entries as they read without what had not occurred, or was not known, by then.

    Raises PastIsBusy where entries have to be folded again and too many do that.
    """
    if not rows or not instants.are_past:
        return list(rows)
    up_to = max(row["position"] for row in rows)
    cases = _with_gaps(connection, {row["case_id"] for row in rows}, up_to, instants)
    if not cases:
        return list(rows)
    with turns.taken():
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
    found = facts_of(connection, mapper, cases, up_to)
    facts = (
        fact
        for _, of_case in groupby(found, attrgetter("case_id"))
        # Where an event cannot be read, the entries of its case end.
        for fact in takewhile(lambda fact: fact.fault is None, of_case)
        if instants.cover(fact.event.occurred_at, fact.recorded_at)
    )
    added = (row for case in fold(READ_MODEL, facts) for _, row in case.added)
    return {row["position"]: row for row in added}
