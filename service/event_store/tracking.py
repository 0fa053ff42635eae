"""Following another application's log: how far a follower has read, kept with what it made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventsourcing.persistence import ProcessRecorder, StoredEvent, Tracking, TrackingRecorder
from sqlalchemy import Engine

from service.event_store import statements
from service.event_store.connections import connections_of
from service.event_store.encoding import many_events
from service.event_store.recorder import EventRecorder


class PositionTracker(TrackingRecorder):
    """Remembers one position per followed application."""

    def __init__(self, engine: Engine) -> None:
        self._connections = connections_of(engine)

    def insert_tracking(self, tracking: Tracking) -> None:
        """Remember a position. Raises AlreadyTracked unless it is above the last one."""
        self._connections.write(statements.TRACK, _tracked(tracking))

    def max_tracking_id(self, application_name: str) -> int | None:
        """The position reached in this application's log."""
        for (position,) in self._connections.read(statements.TRACKED, (application_name,)):
            return int(position)
        return None


class TrackingEventRecorder(PositionTracker, EventRecorder, ProcessRecorder):
    """Records events and the position they were made from in one transaction."""

    def __init__(self, engine: Engine) -> None:
        EventRecorder.__init__(self, engine)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """Record events with `tracking`, if given. Raises AlreadyTracked, VersionConflict."""
        tracking: Tracking | None = kwargs.get("tracking")
        if tracking is None:
            return super().insert_events(stored_events, **kwargs)
        if not stored_events:
            self.insert_tracking(tracking)
            return []
        values = (*_tracked(tracking), *many_events(stored_events, None, (), ()))
        ((first, _),) = self._connections.write(statements.APPEND_AND_TRACK, values)
        return list(range(first, first + len(stored_events)))


def _tracked(tracking: Tracking) -> tuple[str, int]:
    return tracking.application_name, tracking.notification_id
