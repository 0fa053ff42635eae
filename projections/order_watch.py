"""The watch over customers: raises a director's order where scores or complaints ask for one.

The read model says which customers to look at, so it may be behind, ahead of what was looked at,
or made anew; the log alone says whether an order is due, and `service.director_orders` raises it
once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, exists, func, or_, select, tuple_, update

from domain.order_triggers import BOOK, REPEAT_COMPLAINT
from domain.reference_books import EDITIONS, edition
from projections import builds
from projections.faults import is_fault_of_event, name_of
from projections.resting import FAILED_SECONDS
from projections.satisfaction import READ_MODEL
from projections.satisfaction_tables import CASES, NAME, ORDERS, SCORES
from projections.timers import system_clock
from projections.watches import Pulse
from service.director_orders import DirectorOrders
from service.event_store.connections import connections_of

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 2.0
BATCH: Final = 500
BATCHES_PER_ROUND: Final = 20
MOST_PASSED_OVER: Final = 10_000
"""Where more fail than that, something else is wrong: the watch waits, and begins again."""
RAISING_EDITIONS: Final = [number for number in EDITIONS if BOOK in edition(number).books]
LONGEST_WINDOW: Final = max(
    timedelta(days=edition(number).entry(BOOK, REPEAT_COMPLAINT).details["within_days"])
    for number in RAISING_EDITIONS
)

# Nothing of another version: its watch runs beside its own code. In order, so that no plan looks at
# every row to find that none is marked.
_FLAGS: Final = f"""
SELECT case_id::text, subject_ref, check_from FROM {CASES.fullname}
WHERE check_from IS NOT NULL AND subject_ref <> ALL ($3)
    AND EXISTS (SELECT FROM projection_builds WHERE build = '{NAME}' AND version = $1)
ORDER BY check_from LIMIT $2
"""  # noqa: S608
_PREPARE: Final = f"PREPARE cases_to_check (integer, integer, text[]) AS {_FLAGS}"
_FLAGGED: Final = "EXECUTE cases_to_check (%s, %s, %s)"


class Flagged(NamedTuple):
    """A case that the read model marks, and the version for which it does."""

    case_id: UUID
    subject_ref: str
    check_from: int


@dataclass
class OrderWatch:
    """Looks at the customers of whom something new is known, every two seconds at most."""

    database: Engine
    orders: DirectorOrders
    clock: Callable[[], datetime] = system_clock
    _next_look: float = field(default=0.0, init=False)
    _built: bool = field(default=False, init=False)
    _found_none: bool = field(default=False, init=False)
    _failed: dict[str, float] = field(default_factory=dict, init=False)
    pulse: Pulse = field(default_factory=lambda: Pulse("orders"), init=False)

    def round(self) -> bool:
        """Look, if it is time; whether there was nothing to look at."""
        if time.monotonic() < self._next_look:
            return False
        self._next_look = time.monotonic() + LOOK_SECONDS
        self.look()
        return self._found_none and not self._failed

    def look(self) -> int:
        """Raise every order that is due; how many this call raised."""
        raised = 0
        for _ in range(BATCHES_PER_ROUND):
            flagged = self._flagged()
            self._found_none = not flagged
            raised += self._look_at(flagged)
            if not self._failed:
                self.pulse.beats()
            if len(flagged) < BATCH or len(self._failed) > MOST_PASSED_OVER:
                break
        return raised

    def _flagged(self) -> list[Flagged]:
        """The cases of which something new is known; none while the read model is not there.

        One statement without a transaction: nearly always there is nothing to do.
        """
        if not self._built:
            with self.database.connect() as connection:
                self._built = builds.find(connection, NAME) is not None
        if not self._built:
            return []
        values = (READ_MODEL.version, BATCH, self._passed_over())
        found = connections_of(self.database).read(_FLAGGED, values, preparation=_PREPARE)
        return [Flagged(UUID(case_id), ref, check_from) for case_id, ref, check_from in found]

    def _passed_over(self) -> list[str]:
        """Who failed a moment ago; the others among them have their turn again."""
        now = time.monotonic()
        self._failed = {ref: until for ref, until in self._failed.items() if until > now}
        return list(self._failed)

    def _look_at(self, flagged: Sequence[Flagged]) -> int:
        """How many orders it raised. Whoever fails keeps their flags for a later look."""
        if not flagged:
            return 0
        with self.database.connect() as connection:
            suspects = candidates(connection, [row.case_id for row in flagged])
        raised = 0
        for subject_ref in suspects:
            try:
                raised += self.orders.raise_due(subject_ref, self.clock()) is not None
            except Exception as error:
                if not is_fault_of_event(error):
                    raise
                self._failed[subject_ref] = time.monotonic() + FAILED_SECONDS
                log.warning("order not raised", error=name_of(error))
        with self.database.begin() as connection:
            _take_back(connection, [row for row in flagged if row.subject_ref not in self._failed])
        return raised


def candidates(connection: Connection, case_ids: Sequence[Any]) -> list[str]:
    """Whose cases these are, where an order can be due at all: a wide sieve, in one statement.

    Not where one is open: closing it marks the case again.
    """
    other = CASES.alias("other")
    apart = func.abs(func.extract("epoch", other.c.reported_at - CASES.c.reported_at))
    complained_again = exists().where(
        other.c.subject_ref == CASES.c.subject_ref,
        other.c.channel == CASES.c.channel,
        other.c.case_id != CASES.c.case_id,
        apart <= LONGEST_WINDOW.total_seconds(),
    )
    low = select(func.count()).where(SCORES.c.subject_ref == CASES.c.subject_ref, SCORES.c.is_low)
    has_open = exists().where(
        ORDERS.c.subject_ref == CASES.c.subject_ref, ORDERS.c.state != "closed"
    )
    own = CASES.alias("own")
    may_raise = exists().where(
        own.c.subject_ref == CASES.c.subject_ref, own.c.edition.in_(RAISING_EDITIONS)
    )
    wanted = select(CASES.c.subject_ref).where(CASES.c.case_id.in_(case_ids), may_raise, ~has_open)
    sieved = wanted.where(or_(complained_again, low.scalar_subquery() > 1)).distinct()
    return list(connection.execute(sieved.order_by(CASES.c.subject_ref)).scalars())


def _take_back(connection: Connection, rows: Sequence[Flagged]) -> None:
    """Take the flags back, but for those of which something newer is known, or just coming in."""
    seen = [(row.case_id, row.check_from) for row in rows]
    as_seen = tuple_(CASES.c.case_id, CASES.c.check_from).in_(seen)
    free = select(CASES.c.case_id).where(as_seen).with_for_update(skip_locked=True)
    connection.execute(update(CASES).where(CASES.c.case_id.in_(free)).values(check_from=None))
