"""The event recorder: appends in one statement, and knows each command that it recorded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import AggregateRecorder, StoredEvent
from sqlalchemy import Engine

from service.event_store import statements
from service.event_store.encoding import (
    as_place,
    events_spelt_out,
    events_together,
    many_events,
    one_event,
    place_in_locking_order,
    places_of,
    recorded,
)
from service.event_store.errors import StoreBusy, StoreUnavailable
from service.event_store.log_reader import LogReader
from service.event_store.records import Command, CommandOutcome, NewKey, Place, RecordedEvent
from service.event_store.shared_commits import Append, SharedCommits

APPEND_ARGUMENTS: Final = ("command", "new_keys", "used_key_ids")
PURGED_AT_ONCE: Final = 2_000
"""Few enough for tens of milliseconds: a writing transaction holds back every reader."""


class EventRecorder(LogReader):
    """Records events in one log per database, each append in one statement and one commit.

    Several threads may share it. Raises StoreUnavailable when the database cannot be asked.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._commits = SharedCommits(self._append_alone, self._append_together)
        self._failed_at: float | None = None

    def append(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        command: Command | None = None,
        new_keys: Sequence[NewKey] = (),
        used_key_ids: Collection[UUID] = (),
    ) -> list[RecordedEvent]:
        """Record 1 to 4,096 events together with their command and the keys first used here.

        Raises VersionConflict, CommandAlreadyRecorded, SubjectKeyDestroyed (one of
        `used_key_ids` is gone), TooManyEvents, StoreBusy; each of them records nothing. After
        StoreUnavailable only `find_command` tells whether the append was committed.
        """
        try:
            place = self._append(stored_events, command, new_keys, used_key_ids)
        except StoreBusy:
            raise
        except StoreUnavailable:
            self._failed_at = monotonic()
            raise
        self._failed_at = None
        return recorded(stored_events, place)

    def _append(
        self,
        stored_events: Sequence[StoredEvent],
        command: Command | None,
        new_keys: Sequence[NewKey],
        used_key_ids: Collection[UUID],
    ) -> Place:
        if len(stored_events) == 1 and not new_keys:
            return self._commits.record(Append(stored_events[0], command, used_key_ids))
        values = many_events(stored_events, command, used_key_ids, new_keys)
        ((place,),) = self._connections.write(statements.APPEND_EVENTS, values)
        return as_place(place)

    def _append_alone(self, append: Append) -> Place:
        ((place,),) = self._connections.write(
            statements.APPEND_EVENT,
            one_event(append.event, append.command, append.used_key_ids),
            preparation=statements.PREPARE_APPEND_EVENT,
        )
        return as_place(place)

    def _append_together(self, group: Sequence[Append]) -> list[Place]:
        """In the order of cases and versions, as all groups do, lest two wait for each other."""
        in_order = sorted(group, key=place_in_locking_order)
        if sized := statements.APPEND_TOGETHER_BY_SIZE.get(len(group)):
            preparation, statement = sized
            values = events_spelt_out(in_order)
        else:
            preparation, statement = statements.PREPARE_APPEND_TOGETHER, statements.APPEND_TOGETHER
            values = events_together(in_order)
        ((place,),) = self._connections.write(statement, values, preparation=preparation)
        return places_of(group, in_order, as_place(place))

    def append_failed_seconds_ago(self) -> float | None:
        """Since an append by this recorder last failed, unless one has gone well after it."""
        failed_at = self._failed_at
        return None if failed_at is None else monotonic() - failed_at

    def find_command(self, command_id: UUID) -> CommandOutcome | None:
        """What this command led to when it was recorded, or None if it never was."""
        for row in self._connections.read(statements.FIND_COMMAND, (command_id.hex,)):
            fingerprint, originator_id, version, position, recorded_at = row
            return CommandOutcome(
                command_id, bytes(fingerprint), UUID(originator_id), version, position, recorded_at
            )
        return None

    def purge_commands(self, older_than: datetime) -> int:
        """Forget commands recorded before an instant; their number. Their events stay."""
        values = (older_than, PURGED_AT_ONCE)
        purged = 0
        while rows := self._connections.write(statements.PURGE_COMMANDS, values):
            purged += len(rows)
        return purged

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """The library's door to `append`; takes its keyword arguments, returns positions."""
        if not stored_events:
            return []
        known = {name: kwargs[name] for name in APPEND_ARGUMENTS if name in kwargs}
        return [each.id for each in self.append(stored_events, **known)]


class AggregateEventRecorder(AggregateRecorder):
    """The same log for callers that do not want positions."""

    def __init__(self, engine: Engine) -> None:
        self._events = EventRecorder(engine)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> None:
        """Record events; see `EventRecorder.append`."""
        self._events.insert_events(stored_events, **kwargs)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Events of one originator by version."""
        found = self._events.select_events(originator_id, gt=gt, lte=lte, desc=desc, limit=limit)
        return [
            StoredEvent(each.originator_id, each.originator_version, each.topic, each.state)
            for each in found
        ]
