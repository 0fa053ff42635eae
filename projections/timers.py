"""Timers: record warnings, breaches and reminders when their time has come.

Any number of workers may run them. A run is claimed by a lock that others skip; the domain
computes the clock again and refuses what is on record; and the command is named after the run.
So each warning and each breach is recorded once, whatever is restarted in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import inf
from typing import Any, Final
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Connection, Engine, Row, func, select, update

from domain.circumstances import Circumstances
from domain.errors import CaseHasMoved, Refusal
from domain.values import Actor, ActorKind, Role, Via
from projections import builds
from projections.deadline_tables import NAME, RUNS
from projections.deadlines import READ_MODEL
from projections.faults import is_fault_of_event, name_of
from projections.timer_orders import Order, order_of
from projections.watches import Pulse
from service.conflict_cases import ConflictCases
from service.event_store import Command
from service.event_store.connections import connections_of

log = structlog.get_logger(__name__)

BATCH: Final = 20
LOOKED_AT: Final = 10 * BATCH
"""So many due runs are looked at to find some that no other worker has claimed."""
BATCHES_PER_ROUND: Final = 50
LOOK_AGAIN: Final = timedelta(minutes=1)
"""After a refusal: the read model was behind, and will have caught up."""
TIMER: Final = Actor(id="timer", kind=ActorKind.SYSTEM)
COMMANDS: Final = UUID("6f0f9a2c-6a0c-5a53-8f6e-0d4a7c9f1b62")
"""The namespace of the names of commands (UUID version 5)."""


# No rows of another version: its timers run beside its own code. A rebuild that is put in use
# renames schemas, upon which the server reads the names anew. The first one is asked for, since a
# plan that is made before the time is known would look at every row to find that none is due.
LOOK: Final = f"""
SELECT (SELECT min(next_at) FROM {RUNS.fullname})
WHERE EXISTS (SELECT FROM projection_builds WHERE build = '{NAME}' AND version = $1)
"""  # noqa: S608
_PREPARE: Final = f"PREPARE first_due (integer) AS {LOOK}"
_FIRST_DUE: Final = "EXECUTE first_due (%s)"


def system_clock() -> datetime:
    """The time, for whoever is given no other clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a claimed run; not settled where the case moved on under our hands."""

    is_recorded: bool = False
    is_settled: bool = True
    look_again_at: datetime | None = None


@dataclass
class Timers:
    """Fires what is due. `clock` tells the time, so that tests can move months in a moment."""

    database: Engine
    cases: ConflictCases
    clock: Callable[[], datetime] = system_clock
    _built: bool = field(default=False, init=False)
    pulse: Pulse = field(default_factory=lambda: Pulse("timers"), init=False)
    _first_due: datetime | None = field(default=None, init=False)

    def round(self) -> bool:
        """Record what is due now; whether nothing was."""
        looked_at = self.clock()
        self.fire_due()
        return self._first_due is None or self._first_due >= looked_at

    def due_seconds(self) -> float:
        """Until the first of what was seen in the last look is due; infinite for nothing."""
        if self._first_due is None:
            return inf
        return max(0.0, (self._first_due - self.clock()).total_seconds())

    def fire_due(self) -> int:
        """Record what is due now; returns how many warnings and breaches were recorded."""
        if not self._is_any_due():
            self.pulse.beats()
            return 0
        fired = 0
        for _ in range(BATCHES_PER_ROUND):
            claimed, recorded = self._fire_batch()
            if claimed:  # else another worker has what is due, and tells how it goes
                self.pulse.beats()
            fired += recorded
            if claimed < BATCH:
                break
        return fired

    def _is_any_due(self) -> bool:
        """One look without a transaction: nearly always there is nothing to do.

        False also while the read model is made for the first time, or by another version.
        """
        if not self._built:
            with self.database.connect() as connection:
                self._built = builds.find(connection, NAME) is not None
        if not self._built:
            return False
        values = (READ_MODEL.version,)
        looked = connections_of(self.database).read(_FIRST_DUE, values, preparation=_PREPARE)
        self._first_due = looked[0][0] if looked else None  # None where no run is watched, too
        return self._first_due is not None and self._first_due < self.clock()

    def _fire_batch(self) -> tuple[int, int]:
        now = self.clock()
        with self.database.begin() as connection:
            fired = [(row, self._fire(row, now)) for row in claim(connection, now)]
            # Written at the end: a transaction that has written holds back the readers of the log.
            for row, outcome in fired:
                if outcome.is_settled:
                    _note_next(connection, row, outcome.look_again_at)
        return len(fired), sum(outcome.is_recorded for _, outcome in fired)

    def _fire(self, row: Row[Any], now: datetime) -> Outcome:
        """Record what is due of a run."""
        order = order_of(row, now)
        try:
            self._record(row, order, now)
        except CaseHasMoved:
            return Outcome(is_settled=False)
        except Refusal as refusal:
            log.info("deadline not recorded", case_id=str(row.case_id), reason=refusal.code)
            return Outcome(look_again_at=now + LOOK_AGAIN)
        except Exception as error:
            if not is_fault_of_event(error):
                raise
            log.warning("deadline not recorded", case_id=str(row.case_id), error=name_of(error))
            return Outcome(look_again_at=now + LOOK_AGAIN)
        return Outcome(is_recorded=True, look_again_at=order.then)

    def _record(self, row: Row[Any], order: Order, now: datetime) -> None:
        by = Circumstances(
            actor=TIMER,
            roles=frozenset({Role.ADMIN}),
            now=now,
            correlation_id=f"timer:{row.clock}:{row.run}",
            via=Via.TIMER,
            occurred_at=order.occurred_at,
        )
        named = command_of(row.case_id, row.clock, row.run, order.name)
        self.cases.take_step(
            row.case_id, order.step, order.details, expected_version=None, by=by, command=named
        )


CLAIMED: Final = ("case_id", "clock", "run", "due_at", "next_at", "next_step", "act_at")


def claim(connection: Connection, now: datetime, limit: int = BATCH) -> list[Row[Any]]:
    """Lock runs that are due, the longest due first; those that another worker has are skipped.

    Not by row locks: they would give the transaction an id, which holds back every reader of the
    log until it ends. Whoever finds a run that was done a moment ago is refused by the domain.
    """
    due = select(*(RUNS.c[name] for name in CLAIMED))
    first = due.where(RUNS.c.next_at < now).order_by(RUNS.c.next_at).limit(LOOKED_AT).subquery()
    name = func.concat_ws("/", first.c.case_id, first.c.clock, first.c.run)
    is_mine = func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0))
    return list(connection.execute(select(first).where(is_mine).limit(limit)))


def command_of(case_id: UUID, clock: str, run: int, step: str) -> Command:
    """The command that records this about this run, the same whoever gives it."""
    name = f"{case_id}/{clock}/{run}/{step}"
    return Command(uuid5(COMMANDS, name), sha256(name.encode()).digest())


def _note_next(connection: Connection, row: Row[Any], at: datetime | None) -> None:
    """Until the read model has read what was recorded, and says so itself.

    Where it has said something else meanwhile, that holds.
    """
    this = (RUNS.c.case_id == row.case_id, RUNS.c.clock == row.clock, RUNS.c.run == row.run)
    as_claimed = RUNS.c.next_at == row.next_at
    connection.execute(update(RUNS).where(*this, as_claimed).values(next_at=at))
