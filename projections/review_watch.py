"""The watch over the calendar: opens each review once, and records what was missed.

Which reviews are due follows from their book and from what is on record, so any number of workers
may look: ids name kind and day, and whoever comes second finds it done. After a standstill every
review of that time is opened, in order, with its own day and period.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import Engine

from domain.records import ReviewRhythmBegan
from domain.reference_books import CURRENT_EDITION
from domain.reviews.corrective import ActionState
from domain.reviews.review import ReviewState
from domain.reviews.rhythm import Occurrence, ReviewKind, due_between, kinds_of, next_after
from projections.faults import is_fault_of_event, name_of
from projections.timers import system_clock
from projections.watches import WATCHES, Pulse
from service.reviews import Reviews

log = structlog.get_logger(__name__)

LOOK_AGAIN: Final = timedelta(seconds=WATCHES["reviews"].every_seconds)
"""What is missed, and what a broken request left, is found within it."""
OPENED_PER_ROUND: Final = 200
"""After a long standstill a worker catches up in pieces."""
T = TypeVar("T")
Rhythms = Mapping[str, Sequence[ReviewRhythmBegan]]


@dataclass
class ReviewWatch:
    """Opens what is due. `clock` tells the time, so that tests can move years in a moment.

    `edition_number`: the newest edition that this worker knows. `kinds_of`: the kinds of one.
    """

    database: Engine
    reviews: Reviews
    clock: Callable[[], datetime] = system_clock
    edition_number: int = CURRENT_EDITION
    kinds_of: Callable[[int], Mapping[str, ReviewKind]] = kinds_of
    _rests_until: float = field(default=0.0, init=False)
    _failed: int = field(default=0, init=False)
    pulse: Pulse = field(default_factory=lambda: Pulse("reviews"), init=False)

    def round(self) -> bool:
        """Look, if it is time to; whether nothing is left until `due_seconds` have passed."""
        if time.monotonic() >= self._rests_until:
            now = self.clock()
            if self.look() < OPENED_PER_ROUND:
                self._rests_until = time.monotonic() + self._rest(now).total_seconds()
        return self.due_seconds() > 0

    def due_seconds(self) -> float:
        """Until it is time to look again."""
        return max(0.0, self._rests_until - time.monotonic())

    def look(self) -> int:
        """Open every review that is due, and record what was missed; how many were opened."""
        now = self.clock()
        self._failed = 0
        rhythms = self._rhythms(now)
        due = sorted(self._due(rhythms, now), key=lambda each: (each.opens_at, each.kind.code))
        now_due = islice(due, OPENED_PER_ROUND)
        opened = sum(
            bool(self._apart(each.kind.code, partial(self._open, each))) for each in now_due
        )
        self._miss(now)
        if not self._failed:
            self.pulse.beats()
        return opened

    def _rest(self, now: datetime) -> timedelta:
        kinds = self.kinds_of(self.edition_number).values()
        soonest = [next_after(kind, now).opens_at - now for kind in kinds]
        return min([*soonest, LOOK_AGAIN])

    def _rhythms(self, now: datetime) -> Rhythms:
        """Since when each kind has which rhythm; those of this edition begin, or end, now."""
        rhythms, number = self.reviews.rhythms(), self.edition_number
        known = {code: since[-1].edition for code, since in rhythms.items()}
        new = [code for code in {*known, *self.kinds_of(number)} if known.get(code, 0) < number]
        for code in sorted(new):
            self.reviews.begin_rhythm(code, number, len(rhythms.get(code, ())) + 1, now)
        return self.reviews.rhythms() if new else rhythms

    def _due(self, rhythms: Rhythms, now: datetime) -> Iterator[Occurrence]:
        with self.database.connect() as connection:
            newest = {
                kept.standing.opened.kind: kept.standing.opened.scheduled_on
                for kept in self.reviews.newest(connection)
            }
        for code, since in rhythms.items():
            of_kind = partial(self._due_of_kind, since, newest.get(code), now)
            yield from self._apart(code, of_kind) or ()

    def _due_of_kind(
        self, since: Sequence[ReviewRhythmBegan], last: date | None, now: datetime
    ) -> list[Occurrence]:
        return [
            each
            for kind, begins, until in self._spans(since, now)
            for each in due_between(kind, _not_before(kind, last, begins), until)
            if last is None or each.scheduled_on > last
        ]

    def _spans(
        self, rhythms: Sequence[ReviewRhythmBegan], now: datetime
    ) -> Iterator[tuple[ReviewKind, datetime, datetime]]:
        """Each rhythm of a kind with the time in which it held.

        None where a worker of a newer edition has taken the kind over.
        """
        if rhythms[-1].edition > self.edition_number:
            return
        ends = [*(each.occurred_at for each in rhythms[1:]), now]
        for each, until in zip(rhythms, ends, strict=True):
            kind = self.kinds_of(each.edition).get(each.kind)
            if kind is not None:
                yield kind, each.occurred_at, until

    def _open(self, occurrence: Occurrence) -> bool:
        is_new = self.reviews.open_once(occurrence)
        if is_new:
            log.info(
                "review opened", kind=occurrence.kind.code, day=occurrence.scheduled_on.isoformat()
            )
        return is_new

    def _miss(self, now: datetime) -> None:
        unreadable: list[UUID] = []
        with self.database.connect() as connection:
            reading = connection.execution_options(isolation_level="AUTOCOMMIT")
            for review in self.reviews.running(reading, unreadable):
                is_open = review.standing.state is ReviewState.OPEN
                if is_open and review.standing.opened.due_at < now:
                    self._apart(review.standing.id, partial(self.reviews.miss, review))
            actions = self.reviews.actions
            for audit in self.reviews.audited(reading, unreadable):
                open_left = partial(actions.open_left, reading, audit.standing)
                self._apart(audit.standing.id, open_left)
            for action in actions.not_closed(reading, unreadable):
                standing = action.standing
                if standing.state is ActionState.OPEN and standing.due_at < now:
                    self._apart(standing.id, partial(actions.miss, action))
        self._failed += len(unreadable)

    def _apart(self, about: object, do: Callable[[], T]) -> T | None:
        """Do it; where its own records or books fail, the others go on without it."""
        try:
            return do()
        except Exception as error:
            if not is_fault_of_event(error):
                raise
            self._failed += 1
            log.error("review failed", about=str(about), error=name_of(error))
            return None


def _not_before(kind: ReviewKind, last: date | None, since: datetime) -> datetime:
    """Two reviews that a holiday moves to one day open at the same time."""
    if last is None:
        return since
    opened_at = Occurrence(kind=kind, scheduled_on=last).opens_at
    return max(since, opened_at - timedelta(microseconds=1))
