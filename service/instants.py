"""The two clocks of a question: as it was (occurred), and as it was known (recorded)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement


@dataclass(frozen=True)
class Instants:
    """What had occurred by `as_of` and was recorded by `known_at`; None leaves a clock open.

    Both instants are included, and in UTC.
    """

    as_of: datetime | None = None
    known_at: datetime | None = None

    @property
    def are_past(self) -> bool:
        """Whether anything but the newest state is asked for."""
        return self.as_of is not None or self.known_at is not None

    @property
    def seen_at(self) -> datetime | None:
        """The instant whose state is shown: by it, things are due, overdue or too recent."""
        return self.as_of or self.known_at

    def cover(self, occurred_at: datetime, recorded_at: datetime) -> bool:
        """Whether an event was there by then."""
        had_occurred = self.as_of is None or occurred_at <= self.as_of
        return had_occurred and (self.known_at is None or recorded_at <= self.known_at)

    def conditions(
        self, occurred_at: Column[Any], recorded_at: Column[Any]
    ) -> list[ColumnElement[bool]]:
        """The same, of columns."""
        clocks = ((occurred_at, self.as_of), (recorded_at, self.known_at))
        return [column <= instant for column, instant in clocks if instant is not None]


NOW: Final = Instants()
