"""From when to when a case's events reach, on both clocks: columns that tell whether it has moved.

A read model that can be asked about the past keeps them in the row that each of its cases has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, DateTime, Table, and_

from projections.read_model import CaseRows, Handler, Row
from service.instants import Instants

_NAMES = ("first_occurred_at", "first_recorded_at", "last_occurred_at", "last_recorded_at")


def columns() -> list[Column[Any]]:
    """The columns, for the table with one row per case."""
    return [Column(name, DateTime(timezone=True)) for name in _NAMES]


def note(row: Row, occurred_at: datetime, recorded_at: datetime) -> None:
    """Let the row reach to an event, which need not be the latest on either clock."""
    if row["first_occurred_at"] is None:
        row.update(dict(zip(_NAMES, (occurred_at, recorded_at) * 2, strict=True)))
        return
    row["last_occurred_at"] = max(row["last_occurred_at"], occurred_at)
    row["last_recorded_at"] = max(row["last_recorded_at"], recorded_at)


def noted(handlers: Mapping[type, Handler], place: Callable[[CaseRows], Table]) -> dict[type, Any]:
    """The handlers, each of which lets the row of the case, in `place`, reach to its event too."""

    def spanned(handler: Handler) -> Handler:
        def handle(case: CaseRows, event: Any) -> None:
            handler(case, event)
            note(case.row(place(case)), event.occurred_at, case.recorded_at)

        return handle

    return {kind: spanned(handler) for kind, handler in handlers.items()}


def standing(table: Table, instants: Instants) -> ColumnElement[bool]:
    """Cases that are as they were: all that their rows tell of was there by then."""
    return and_(*instants.conditions(table.c.last_occurred_at, table.c.last_recorded_at))


def moved(table: Table, instants: Instants) -> ColumnElement[bool]:
    """Cases that were there by then, and that something has happened to since."""
    begun = instants.conditions(table.c.first_occurred_at, table.c.first_recorded_at)
    return and_(*begun, ~standing(table, instants))
