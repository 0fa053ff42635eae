"""Readers who follow the log all the while, and remember in their own memory how far they are."""

from __future__ import annotations

from threading import Event

from service.event_store import EventRecorder, Pacing, RecordedEvent, StoreUnavailable

PAGE_SIZE = 100


class PagingTail:
    """Asks for page after page, from where the last one said that it had read to."""

    def __init__(self, recorder: EventRecorder) -> None:
        self._recorder = recorder
        self._read_to = 0
        self.seen: list[int] = []

    def follow(self, done: Event) -> None:
        """Read until `done` is set, through every outage."""
        pacing = Pacing()
        while not done.is_set():
            for each in self._next_page():
                self.seen.append(each.id)
                pacing.found()
            pacing.wait(done)

    def _next_page(self) -> list[RecordedEvent]:
        try:
            page = self._recorder.read_page(self._read_to, PAGE_SIZE)
        except StoreUnavailable:
            return []
        self._read_to = page.read_to
        return list(page.events)


class Subscriber:
    """Uses the library's way: a subscription, which goes on after an outage."""

    def __init__(self, recorder: EventRecorder) -> None:
        self._subscription = recorder.subscribe(gt=0)
        self.seen: list[int] = []

    def follow(self, done: Event) -> None:
        """Read until `done` is set, through every outage."""
        pacing = Pacing()
        while not done.is_set():
            try:
                for each in self._subscription:
                    self.seen.append(each.id)
            except StoreUnavailable:
                pacing.wait(done)

    def stop(self) -> None:
        """End the wait for an event that never comes."""
        self._subscription.stop()
