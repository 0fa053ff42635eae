"""The watch: looks at the indicators by every rule, and raises each alarm once.

A look sees what had been recorded before its time, and waits until the read model has all of it.
So what it finds depends on the log alone: a look that is taken late, by another worker, or over
again after a crash finds the same, and the id of an alarm names rule, value and time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Engine, text

from domain.early_warning.judging import judge
from domain.early_warning.rules import Kind, WarningRule, rules_of
from projections import builds
from projections.builds import Build
from projections.faults import is_fault_of_event, name_of
from projections.indicator_questions import windows_at
from projections.indicator_tables import NAME
from projections.indicators import READ_MODEL
from projections.resting import FAILED_SECONDS
from projections.risk_windows import score_windows_at
from projections.watches import Pulse
from service.alarms import Alarms

log = structlog.get_logger(__name__)

LOOKS_PER_ROUND: Final = 100
"""Of one rule: after a long rest a worker catches up in pieces."""

# Read in this order: whatever is recorded with a time before the statement's has a position below.
FENCE: Final = text("""
    SELECT statement_timestamp(),
        event_store_base() + (pg_snapshot_xmax(pg_current_snapshot())::text::bigint << 12)
""")
IS_READ_UP_TO: Final = text("""
    SELECT (SELECT horizon FROM event_horizon) >= :fence AND NOT EXISTS (
        SELECT FROM events WHERE position > :read AND position < :fence
    )
""")
LOOKED_AT: Final = text("""
    SELECT looked_at FROM warning_looks WHERE rule = :rule AND rule_version = :version
""")
BEGIN: Final = text("""
    INSERT INTO warning_looks (rule, rule_version, began_at, looked_at)
    VALUES (:rule, :version, :at, :at) ON CONFLICT DO NOTHING
""")
NOTE: Final = text("""
    UPDATE warning_looks SET looked_at = :at WHERE rule = :rule AND rule_version = :version
""")
MINE: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")


@dataclass(frozen=True)
class Fence:
    """Everything recorded before `at` has a position below `position`."""

    at: datetime
    position: int


class Left(Enum):
    """Why a rule was not followed: it failed, or another worker is at it and tells how it goes."""

    FAILED = auto()
    ELSEWHERE = auto()


@dataclass
class WarningWatch:
    """Takes the looks that are due. `clock`: tells the time instead of the database, for tests."""

    database: Engine
    alarms: Alarms
    rules: Sequence[WarningRule] = field(default_factory=lambda: tuple(rules_of().values()))
    clock: Callable[[], datetime] | None = None
    _fence: Fence | None = field(default=None, init=False)
    _looked: dict[str, datetime] = field(default_factory=dict, init=False)
    _rests_until: float = field(default=0.0, init=False)
    _went_well: bool = field(default=False, init=False)
    pulse: Pulse = field(default_factory=lambda: Pulse("warnings"), init=False)

    def round(self) -> bool:
        """Take the looks that are due; whether none is left until `due_seconds` have passed."""
        self.look()
        if self._went_well:
            self.pulse.beats()
        return self.due_seconds() > 0

    def due_seconds(self) -> float:
        """Until a rule has to look again; 0 while one is behind."""
        return max(0.0, self._rests_until - time.monotonic())

    def look(self) -> int:
        """Take every look whose time has come; returns how many alarms were raised."""
        if time.monotonic() < self._rests_until:
            return 0
        self._went_well = False
        with self.database.connect() as connection:
            reading = connection.execution_options(isolation_level="AUTOCOMMIT")
            # Kept until the read model is there: a new one each time might never be reached.
            self._fence = fence = self._fence or self._new_fence(reading)
            if not _is_read(reading, fence):
                return 0
        found = [self._try_to_follow(rule, fence.at) for rule in self.rules]
        if Left.FAILED in found:
            self._rests_until = time.monotonic() + FAILED_SECONDS
        else:
            self._rest(fence.at)
        self._went_well = set(Left).isdisjoint(found)
        self._fence = None
        return sum(each for each in found if isinstance(each, int))

    def _try_to_follow(self, rule: WarningRule, now: datetime) -> int | Left:
        """How many alarms were raised; where a rule fails, the others go on without it."""
        try:
            return self._follow(rule, now)
        except Exception as error:
            if not is_fault_of_event(error):
                raise
            log.error("rule failed", rule=rule.code, error=name_of(error))
            return Left.FAILED

    def _new_fence(self, connection: Connection) -> Fence:
        now, position = connection.execute(FENCE).one()
        return Fence(self.clock() if self.clock else now, position)

    def _rest(self, now: datetime) -> None:
        """Ask nothing of the database until a rule has to look again, unless one is behind."""
        last = {rule.code: rule.look_at_or_before(now) for rule in self.rules}
        if self.clock is None and self._looked == last:
            soonest = min(last[rule.code] + rule.every for rule in self.rules)
            self._rests_until = time.monotonic() + (soonest - now).total_seconds()

    def _follow(self, rule: WarningRule, now: datetime) -> int | Left:
        """Take the looks of one rule that are due, unless another worker is at it."""
        last = rule.look_at_or_before(now)
        if self._looked.get(rule.code) == last:
            return 0
        this = {"rule": rule.code, "version": rule.version}
        with self.database.begin() as connection:
            if not connection.execute(MINE, {"name": f"{NAME} {this}"}).scalar():
                return Left.ELSEWHERE
            found = connection.execute(LOOKED_AT, this).scalar()
            due = _looks(rule, found or last, last)
            raised = sum(self._look(connection, rule, at) for at in due)
            looked = due[-1] if due else found or last
            # At the end: a transaction that has written holds back the readers of the log.
            if looked != found:
                connection.execute(NOTE if found else BEGIN, {**this, "at": looked})
        self._looked[rule.code] = looked
        return raised

    def _look(self, connection: Connection, rule: WarningRule, at: datetime) -> int:
        raised = 0
        ask = score_windows_at if rule.kind is Kind.SCORE else windows_at
        windows = ask(connection, rule, at)
        silent = self.alarms.last_raised(connection, rule, at) if windows else {}
        for value in sorted(windows.keys() - silent.keys(), key=str):
            finding = judge(rule, windows[value])
            if finding is not None and self.alarms.raise_once(rule, value, at, finding):
                raised += 1
                log.warning("alarm raised", rule=rule.code, at=at.isoformat())
        return raised


def _looks(rule: WarningRule, after: datetime, last: datetime) -> list[datetime]:
    """The times to look after one look, up to another; no more than a round takes."""
    number = max(0, (last - after) // rule.every)
    return [after + step * rule.every for step in range(1, min(number, LOOKS_PER_ROUND) + 1)]


def _is_read(connection: Connection, fence: Fence) -> bool:
    """Whether the read model knows everything below the fence, and is of this version."""
    build = builds.find(connection, NAME)
    if build is None or build.version != READ_MODEL.version:
        return False
    return _knows(connection, build, fence)


def _knows(connection: Connection, build: Build, fence: Fence) -> bool:
    values: dict[str, Any] = {"fence": fence.position, "read": build.position}
    return bool(connection.execute(IS_READ_UP_TO, values).scalar())
