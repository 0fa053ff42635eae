"""Appends of several threads share a commit: whoever finds one under way goes with the next.

One transaction for all that wait costs the server and this process a fraction of one for each;
see docs/decisions/0072-threads-share-a-commit.md. Who goes first, and for whom it waits:
docs/decisions/0171-the-last-to-come-back-leads.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic, sleep
from uuid import UUID
from weakref import WeakSet

from eventsourcing.persistence import PersistenceError, StoredEvent

from service.event_store.errors import StoreBusy, StoreUnavailable
from service.event_store.records import Command, Place

MOST_APPENDS = 64
"""In one transaction: few enough to be over in a moment."""

LONGEST_WAIT_SECONDS = 0.1
"""For a transaction that is held up, by a lock or a slow disk: then everybody goes alone."""

RETURN_SECONDS = 0.00005
"""For each who has shared a commit: those who come back within that share the next one, too."""


def _closed() -> Lock:
    lock = Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class Append:
    """One event that a thread wants recorded, and what has become of it."""

    event: StoredEvent
    command: Command | None = None
    used_key_ids: Collection[UUID] = ()
    place: Place | None = None
    error: Exception | None = None
    is_over: bool = False
    _gate: Lock = field(default_factory=_closed)
    _is_awake: bool = False

    def wait(self, seconds: float = -1) -> bool:
        """Until another thread has recorded it, or leaves it to this one; False: not in time."""
        self._is_awake = self._is_awake or self._gate.acquire(timeout=seconds)
        return self._is_awake

    def wake(self) -> None:
        """Let the thread that waits go on."""
        self._gate.release()


class SharedCommits:
    """Gathers appends while a transaction is under way. Threads share one; processes do not.

    `alone` records one append in a transaction of its own, `together` several in one. Both raise
    the errors of `service.event_store.errors`.
    """

    def __init__(
        self,
        alone: Callable[[Append], Place],
        together: Callable[[Sequence[Append]], Sequence[Place]],
    ) -> None:
        self._alone = alone
        self._together = together
        self.forget()
        _ALL.add(self)

    def forget(self) -> None:
        """Drop what is under way: it belongs to another process."""
        self._mutex = Lock()
        self._waiting: list[Append] = []
        self._is_busy = False
        self._has_just_told = False
        self._returning = 0
        self._returning_until = 0.0

    def record(self, append: Append) -> Place:
        """Where the append was recorded. Raises what it would have raised alone."""
        if not self._takes_the_lead(append) and self._goes_alone(append):
            return self._alone(append)
        if not append.is_over:
            self._lead(append)
        if append.error is not None:
            raise append.error
        return append.place or self._alone(append)

    def _takes_the_lead(self, append: Append) -> bool:
        """Whether it records this append and all that wait; otherwise it waits with them."""
        with self._mutex:
            seconds = 0.0 if self._is_busy else self._seconds_for_others()
            if seconds <= 0 and not self._is_busy:
                return self._begin()
            self._waiting.append(append)
        return seconds > 0 and not append.wait(seconds) and self._leads_after_all(append)

    def _begin(self) -> bool:
        self._returning, self._has_just_told = 0, False
        self._is_busy = True
        return True

    def _seconds_for_others(self) -> float:
        """How long more of those who were just told may come: the last one leads them all."""
        self._returning -= 1
        return self._returning_until - monotonic() if self._returning > 0 else 0.0

    def _leads_after_all(self, append: Append) -> bool:
        """Whether nobody took the lead while this one waited for others to come back."""
        with self._mutex:
            if self._is_busy or append not in self._waiting:
                return False
            self._waiting.remove(append)
            return self._begin()

    def _goes_alone(self, append: Append) -> bool:
        """Wait for a turn; whether it took too long, so that the append has left the others."""
        if append.wait(LONGEST_WAIT_SECONDS):
            return False
        with self._mutex:
            if append in self._waiting:
                self._waiting.remove(append)
                return True
        append.wait()
        return False

    def _lead(self, append: Append) -> None:
        """Record this append and all that wait; then let one that came meanwhile do the same."""
        followers: list[Append] = []
        try:
            if self._has_just_told:
                sleep(0)  # the interpreter's lock goes to those: they may append at once, too
            followers = self._followers()
            if followers:
                self._record_group([append, *followers])
            else:
                append.place = self._alone(append)
        finally:
            self._hand_over(len(followers))
            for each in followers:
                each.is_over = True
                each.wake()

    def _followers(self) -> list[Append]:
        with self._mutex:
            followers = self._waiting[: MOST_APPENDS - 1]
            del self._waiting[: MOST_APPENDS - 1]
            return followers

    def _hand_over(self, told: int) -> None:
        with self._mutex:
            self._has_just_told = told > 0
            self._returning = told + 1 if told else 0
            self._returning_until = monotonic() + self._returning * RETURN_SECONDS
            if self._waiting:
                self._waiting.pop(0).wake()
            else:
                self._is_busy = False

    def _record_group(self, group: Sequence[Append]) -> None:
        """Give each its place, or the error that leaves open whether it was recorded.

        After any other error nothing was recorded, and whose fault it was each finds out alone.
        """
        for each in group:
            each.error = StoreUnavailable("the append was interrupted")
        places: Sequence[Place | None] = [None] * len(group)
        error: Exception | None = None
        try:
            places = self._together(group)
        except PersistenceError as refusal:
            if isinstance(refusal, StoreUnavailable) and not isinstance(refusal, StoreBusy):
                error = refusal
        for each, place in zip(group, places, strict=True):
            each.place, each.error = place, error


_ALL: WeakSet[SharedCommits] = WeakSet()


def _after_fork() -> None:
    for commits in list(_ALL):
        commits.forget()


os.register_at_fork(after_in_child=_after_fork)
