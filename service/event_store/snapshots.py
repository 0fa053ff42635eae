"""Snapshots for applications of the library that want them: derived data, no part of the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from eventsourcing.persistence import AggregateRecorder, StoredEvent
from sqlalchemy import Engine

from service.event_store import statements
from service.event_store.connections import connections_of
from service.event_store.encoding import as_uuid, event_arrays, version_range


class SnapshotRecorder(AggregateRecorder):
    """Keeps snapshots by originator and version."""

    def __init__(self, engine: Engine) -> None:
        self._connections = connections_of(engine)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        """Keep snapshots. Raises IntegrityError where one of that version is kept already."""
        if stored_events:
            self._connections.write(statements.INSERT_SNAPSHOTS, event_arrays(stored_events))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Snapshots of one originator by version."""
        statement = statements.SNAPSHOTS_OF_NEWEST_FIRST if desc else statements.SNAPSHOTS_OF
        found = as_uuid(originator_id)
        rows = self._connections.read(statement, version_range(found, gt, lte, limit))
        return [StoredEvent(found, version, topic, bytes(state)) for version, topic, state in rows]
