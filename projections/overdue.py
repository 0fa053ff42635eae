"""What is overdue, as SQL: `domain.overdue.is_overdue`, so that an index still finds its range."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_

Column = ColumnElement[Any]


def overdue(due_at: Column, now: datetime, on_record: Column) -> ColumnElement[bool]:
    """Whether the due time has passed; at the very instant, where the breach is on record."""
    return and_(due_at <= now, or_(due_at < now, on_record))


def in_time(due_at: Column, now: datetime, on_record: Column) -> ColumnElement[bool]:
    """The opposite; both are unknown where nothing is due."""
    return and_(due_at >= now, or_(due_at > now, not_(on_record)))
