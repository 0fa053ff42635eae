"""The event recorder: appends in one statement, reads below the horizon."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    StoredEvent,
    Subscription,
)
from sqlalchemy import Engine

from service.event_store import statements
from service.event_store.connections import connections_of
from service.event_store.encoding import (
    as_place,
    as_uuid,
    events_spelt_out,
    events_together,
    many_events,
    one_event,
    place_in_locking_order,
    places_of,
    recorded,
    shared_uuid,
    uuid_array,
    version_range,
)
from service.event_store.errors import PositionNotInLog, StoreBusy, StoreUnavailable
from service.event_store.records import Command, CommandOutcome, NewKey, Page, Place, RecordedEvent
from service.event_store.shared_commits import Append, SharedCommits
from service.event_store.subscription import PollingSubscription

HIGHEST_POSITION: Final = 2**63 - 1
PURGED_AT_ONCE: Final = 2_000
"""Few enough for tens of milliseconds: a writing transaction holds back every reader."""


class EventRecorder(ApplicationRecorder):
    """Records events in one log per database, each append in one statement and one commit.

    Several threads may share it. Raises StoreUnavailable when the database cannot be asked.
    """

    def __init__(self, engine: Engine) -> None:
        self._connections = connections_of(engine)
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

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[RecordedEvent]:
        """Events of one originator by version, also those still beyond the horizon."""
        found = as_uuid(originator_id)
        values = version_range(found, gt, lte, limit)
        if desc:
            rows = self._connections.read(statements.EVENTS_OF_NEWEST_FIRST, values)
        else:
            rows = self._connections.read(
                statements.EVENTS_OF, values, preparation=statements.PREPARE_EVENTS_OF
            )
        return [
            RecordedEvent.placed(found, version, topic, bytes(state), position, recorded_at)
            for version, topic, state, position, recorded_at in rows
        ]

    def select_events_of(self, originator_ids: Collection[UUID]) -> list[RecordedEvent]:
        """All events of several originators, each one's by version, in one round trip."""
        return self._events_of(statements.EVENTS_OF_MANY, (uuid_array(originator_ids),))

    def select_boundaries(self, every: int) -> list[UUID]:
        """Originators, in order, that cut the store into ranges of about so many events."""
        rows = self._connections.read(statements.BOUNDARIES, (every,))
        return [UUID(originator_id) for (originator_id,) in rows]

    def select_events_between(self, after: UUID, up_to: UUID, position: int) -> list[RecordedEvent]:
        """Events of all originators in a range of ids, each one's by version, up to a position."""
        return self._events_of(statements.EVENTS_BETWEEN, (after.hex, up_to.hex, position))

    def select_events_by_case(
        self, after: tuple[UUID, int], position: int, limit: int
    ) -> list[RecordedEvent]:
        """Up to `limit` events behind a case and version, case by case, up to a position."""
        case_id, version = after
        return self._events_of(statements.EVENTS_BY_CASE, (case_id.hex, version, position, limit))

    def _events_of(self, statement: str, values: tuple[object, ...]) -> list[RecordedEvent]:
        return [
            RecordedEvent.placed(
                shared_uuid(originator_id), version, topic, bytes(state), position, recorded_at
            )
            for originator_id, version, topic, state, position, recorded_at in (
                self._connections.read(statement, values)
            )
        ]

    def read_page(
        self,
        after: int,
        limit: int,
        *,
        up_to: int | None = None,
        topics: Sequence[str] = (),
    ) -> Page:
        """Up to `limit` events in order, after a position and below the horizon."""
        named = list(topics) or None
        highest = HIGHEST_POSITION if up_to is None else up_to
        values = (highest, after, highest, named, named, limit)
        rows = self._connections.read(statements.PAGE, values)
        events = [
            RecordedEvent.placed(
                shared_uuid(originator_id), version, topic, bytes(state), position, recorded_at
            )
            for _, _, position, originator_id, version, topic, state, recorded_at in rows
            if position is not None
        ]
        horizon, newest = rows[0][:2]
        read_to = events[-1].id if len(events) == limit else max(after, newest or after)
        return Page(events, horizon, read_to)

    def horizon(self) -> int:
        """The position below which no event can appear any more."""
        ((horizon,),) = self._connections.read(statements.HORIZON)
        return int(horizon)

    def require_given_out(self, position: int) -> None:
        """Raises PositionNotInLog for a position at or above what the next append gets."""
        ((next_position, _),) = self._connections.read(statements.NEXT_POSITION)
        if position >= next_position:
            raise PositionNotInLog(position)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int]:
        """The library's door to `append`; takes its keyword arguments, returns positions."""
        if not stored_events:
            return []
        known = {name: kwargs[name] for name in _APPEND_ARGUMENTS if name in kwargs}
        return [each.id for each in self.append(stored_events, **known)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[RecordedEvent]:
        """The library's door to `read_page`."""
        after = -1 if start is None else start - 1 if inclusive_of_start else start
        return self.read_page(after, limit, up_to=stop, topics=topics).events

    def max_notification_id(self) -> int | None:
        """The newest position that readers may see: none can appear below it any more."""
        for (position,) in self._connections.read(statements.NEWEST_READABLE):
            return int(position)
        return None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Events after a position, for ever: waits for new ones by asking ever less often.

        Raises PositionNotInLog for a position that no append can have got yet.
        """
        if gt is not None:
            self.require_given_out(gt)
        return PollingSubscription(self, gt, topics)


_APPEND_ARGUMENTS = ("command", "new_keys", "used_key_ids")


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
