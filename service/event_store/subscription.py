"""Waiting for new events by asking: often while there are some, seldom at rest."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from threading import Event
from typing import Protocol

from eventsourcing.persistence import ApplicationRecorder, Notification, Subscription

from service.event_store.records import Page

SHORTEST_PAUSE_SECONDS = 0.002
LONGEST_PAUSE_SECONDS = 0.2
PAGE_LIMIT = 500


class Pacing:
    """How long to wait before asking again: doubled while nothing comes, reset when it does.

    At rest this is five questions a second, well below a hundredth of one core.
    """

    def __init__(
        self,
        shortest_seconds: float = SHORTEST_PAUSE_SECONDS,
        longest_seconds: float = LONGEST_PAUSE_SECONDS,
    ) -> None:
        self._shortest_seconds = shortest_seconds
        self._longest_seconds = longest_seconds
        self._next_seconds = shortest_seconds

    def found(self) -> None:
        """Something came: more is likely to follow soon."""
        self._next_seconds = self._shortest_seconds

    def wait(self, stop: Event) -> bool:
        """Wait for the next question; True when `stop` was set meanwhile."""
        seconds = self._next_seconds
        self._next_seconds = min(seconds * 2, self._longest_seconds)
        return stop.wait(seconds)


class _PageReader(Protocol):
    def read_page(self, after: int, limit: int, *, topics: Sequence[str] = ()) -> Page: ...


class PollingSubscription(Subscription[ApplicationRecorder]):
    """Iterates over the log for ever; `stop` ends it, also from another thread.

    No NOTIFY wakes it: that would make every append in the server wait for every other one.
    """

    def __init__(
        self, recorder: ApplicationRecorder, gt: int | None, topics: Sequence[str]
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._reader: _PageReader = recorder  # type: ignore[assignment]
        self._after = -1 if gt is None else gt
        self._waiting: deque[Notification] = deque()
        self._stopped = Event()
        self._pacing = Pacing()

    def stop(self) -> None:
        """End the iteration, at once if it is waiting."""
        super().stop()
        self._stopped.set()

    def __next__(self) -> Notification:
        """The next event; waits for one. Raises StoreUnavailable, after which it may go on."""
        while not self._stopped.is_set():
            if self._waiting:
                return self._waiting.popleft()
            self._read()
            if not self._waiting:
                self._pacing.wait(self._stopped)
        raise StopIteration

    def _read(self) -> None:
        page = self._reader.read_page(self._after, PAGE_LIMIT, topics=self._topics)
        self._waiting.extend(page.events)
        self._after = page.read_to
        if page.events:
            self._pacing.found()
