"""Until when an alarm is to be acknowledged and closed, and who answers for that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Final

from domain.reference_books import CURRENT_EDITION, Labels, edition

BOOK: Final = "alarm_targets"
ACKNOWLEDGE, CLOSE = "acknowledge_alarm", "close_alarm"
ALARM_WORK: Final[Mapping[str, Labels]] = {
    ACKNOWLEDGE: Labels("Acknowledge an alarm", "确认预警"),
    CLOSE: Labels("Close an alarm", "关闭预警"),
}
"""What there is to do about an alarm: first the one, then the other."""


@dataclass(frozen=True, kw_only=True)
class AlarmTarget:
    """Times from the moment an alarm was recorded. `led_by`: who answers for alarms of the level
    until somebody acknowledges one, a code of the book `escalation_levels`.
    """

    level: str
    acknowledge_within: timedelta
    close_within: timedelta
    led_by: str

    def within(self, work: str) -> timedelta:
        """The time for one of ALARM_WORK."""
        return self.acknowledge_within if work == ACKNOWLEDGE else self.close_within


@cache
def alarm_targets() -> Mapping[str, AlarmTarget]:
    """The targets in force, by level. No breach of one is recorded: they order the work."""
    books = edition(CURRENT_EDITION)
    return {
        entry.code: AlarmTarget(
            level=books.entry("alarm_levels", entry.code).code,
            acknowledge_within=timedelta(hours=entry.details["acknowledge_within_hours"]),
            close_within=timedelta(hours=entry.details["close_within_hours"]),
            led_by=books.entry("escalation_levels", entry.details["led_by"]).code,
        )
        for entry in books.book(BOOK).entries
    }
