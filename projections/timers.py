"""Timers: record warnings and breaches of service clocks when their time has come.

Any number of workers may run them. A run is claimed by a row lock that others skip; the domain
computes the clock again and refuses what is on record; and the command is named after the run.
So each warning and each breach is recorded once, whatever is restarted in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Connection, Engine, Row, select, update

from domain.circumstances import Circumstances
from domain.errors import CaseHasMoved, Refusal
from domain.values import Actor, ActorKind, Role, Via
from projections import builds
from projections.deadlines import NAME, READ_MODEL, RUNS
from projections.faults import is_fault_of_event, name_of
from service.conflict_cases import ConflictCases
from service.event_store import Command

log = structlog.get_logger(__name__)

BATCH: Final = 20
"""Claimed rows hold back the readers of the log until all of them are done; so they are few."""
BATCHES_PER_ROUND: Final = 50
LOOK_AGAIN: Final = timedelta(minutes=1)
"""After a refusal: the read model was behind, and will have caught up."""
TIMER: Final = Actor(id="timer", kind=ActorKind.SYSTEM)
COMMANDS: Final = UUID("6f0f9a2c-6a0c-5a53-8f6e-0d4a7c9f1b62")
"""The namespace of the names of commands (UUID version 5)."""


def system_clock() -> datetime:
    """The time, for whoever is given no other clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Timers:
    """Fires what is due. `clock` tells the time, so that tests can move months in a moment."""

    database: Engine
    cases: ConflictCases
    clock: Callable[[], datetime] = system_clock

    def fire_due(self) -> int:
        """Record what is due now; returns how many warnings and breaches were recorded."""
        fired = 0
        for _ in range(BATCHES_PER_ROUND):
            claimed, recorded = self._fire_batch()
            fired += recorded
            if claimed < BATCH:
                break
        return fired

    def _fire_batch(self) -> tuple[int, int]:
        now = self.clock()
        with self.database.begin() as connection:
            if not _is_ready(connection):
                return 0, 0
            claimed = claim(connection, now)
            return len(claimed), sum(self._fire(connection, row, now) for row in claimed)

    def _fire(self, connection: Connection, row: Row[Any], now: datetime) -> bool:
        """Record what is due of a run, and note when to look at it next."""
        is_missed = row.due_at < now
        try:
            self._record(row, "miss_deadline" if is_missed else "warn_deadline", now)
        except CaseHasMoved:
            return False
        except Refusal as refusal:
            log.info("deadline not recorded", case_id=str(row.case_id), reason=refusal.code)
            return _look_again(connection, row, now)
        except Exception as error:
            if not is_fault_of_event(error):
                raise
            log.warning("deadline not recorded", case_id=str(row.case_id), error=name_of(error))
            return _look_again(connection, row, now)
        _note_next(connection, row, None if is_missed else row.due_at)
        return True

    def _record(self, row: Row[Any], step: str, now: datetime) -> None:
        by = Circumstances(
            actor=TIMER,
            roles=frozenset({Role.ADMIN}),
            now=now,
            correlation_id=f"timer:{row.clock}:{row.run}",
            via=Via.TIMER,
            occurred_at=row.next_at if step == "warn_deadline" else row.due_at,
        )
        details = {"clock": row.clock, "run": row.run}
        named = command_of(row.case_id, row.clock, row.run, step)
        self.cases.take_step(
            row.case_id, step, details, expected_version=None, by=by, command=named
        )


def claim(connection: Connection, now: datetime, limit: int = BATCH) -> list[Row[Any]]:
    """Lock runs that are due, the longest due first; those that another worker has are skipped."""
    due = select(RUNS.c.case_id, RUNS.c.clock, RUNS.c.run, RUNS.c.due_at, RUNS.c.next_at)
    due = due.where(RUNS.c.next_at < now).order_by(RUNS.c.next_at).limit(limit)
    return list(connection.execute(due.with_for_update(skip_locked=True)))


def command_of(case_id: UUID, clock: str, run: int, step: str) -> Command:
    """The command that records this about this run, the same whoever gives it."""
    name = f"{case_id}/{clock}/{run}/{step}"
    return Command(uuid5(COMMANDS, name), sha256(name.encode()).digest())


def _is_ready(connection: Connection) -> bool:
    build = builds.find(connection, NAME)
    return build is not None and build.version == READ_MODEL.version


def _look_again(connection: Connection, row: Row[Any], now: datetime) -> bool:
    _note_next(connection, row, now + LOOK_AGAIN)
    return False


def _note_next(connection: Connection, row: Row[Any], at: datetime | None) -> None:
    """Until the read model has read what was recorded, and says so itself."""
    this = (RUNS.c.case_id == row.case_id, RUNS.c.clock == row.clock, RUNS.c.run == row.run)
    connection.execute(update(RUNS).where(*this).values(next_at=at))
