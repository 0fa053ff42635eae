"""Records in the store: appended, insert-only, read by topic or by originator."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from eventsourcing.persistence import StoredEvent
from sqlalchemy import Engine

from domain import records
from domain.circumstances import Circumstances
from domain.errors import IdempotencyKeyReused
from domain.records import PersonalDataAccessed, Record
from service.event_store import Command, CommandOutcome, EventRecorder, RecordedEvent
from service.event_store.connections import connections_of
from service.event_store.encoding import (
    as_place,
    one_event,
    place_in_locking_order,
    places_of,
    recorded,
    records_together,
    several_records,
    uuid_array,
)
from service.event_store.records import Place
from service.event_store.shared_commits import Append, SharedCommits
from service.known_classes import make_known
from service.topics import parted, topic_of, topics_met
from service.upcasting import UnknownSchema, upcast

APPEND: Final = "SELECT append_record(%s, %s, %s, %s, %s, %s, %s, %s)"
APPEND_TOGETHER: Final = "SELECT append_records_together(%s, %s, %s, %s, %s)"
APPEND_ALL: Final = "SELECT append_records(%s, %s, %s, %s, %s, %s, %s)"
OF_ORIGINATOR: Final = """
SELECT position, recorded_at, originator_id::text, originator_version, topic, state
FROM records WHERE originator_id = %s ORDER BY originator_version
"""
# The topic of accesses is named, so that their number costs nothing here: a partial index.
OF_TOPICS: Final = """
SELECT position, recorded_at, originator_id::text, originator_version, topic, state
FROM records WHERE topic = ANY (%s) AND topic <> 'personal_data_accessed:1' ORDER BY position
"""
# One probe of an index for each of them.
LAST_RECORDED: Final = """
SELECT asked.id::text, newest.recorded_at FROM unnest(%s::uuid[]) AS asked (id)
CROSS JOIN LATERAL (
    SELECT recorded_at FROM records WHERE originator_id = asked.id
    ORDER BY originator_version DESC LIMIT 1
) AS newest
"""
IDENTITY: Final = ("originator_id", "originator_version")
make_known(records.BY_NAME.values())


class UnreadableRecord(Exception):
    """A stored record has an unknown name or does not fit it; nothing of it is repeated."""


@dataclass(frozen=True)
class LoggedRecord:
    """A record with what the store added: its place in the log and when it was recorded."""

    record: Any
    position: int
    recorded_at: datetime


class RecordBook:
    """Appends and reads records. Threads may share it. Raises StoreUnavailable."""

    def __init__(self, engine: Engine, recorder: EventRecorder) -> None:
        self._connections = connections_of(engine)
        self._recorder = recorder
        self._commits = SharedCommits(self._append_alone, self._append_together)

    def append(
        self,
        record: Record,
        *,
        command: Command | None = None,
        used_key_ids: Collection[UUID] = (),
        destroyed_key_ids: Collection[UUID] = (),
    ) -> LoggedRecord:
        """Record one fact, and destroy keys with it, in one transaction.

        Raises VersionConflict, CommandAlreadyRecorded, SubjectKeyDestroyed (one of
        `used_key_ids` is gone), StoreBusy; each of them leaves everything as it was.
        """
        asked = Append(as_stored(record), command, used_key_ids)
        if isinstance(record, PersonalDataAccessed):
            place = self._commits.record(asked)  # the only ones that come in numbers
        else:
            place = self._append_alone(asked, destroyed_key_ids)
        (done,) = recorded([asked.event], place)
        return LoggedRecord(record, done.id, done.recorded_at)

    def _append_alone(self, asked: Append, destroyed_key_ids: Collection[UUID] = ()) -> Place:
        destroyed = uuid_array(destroyed_key_ids) if destroyed_key_ids else None
        values = (*one_event(asked.event, asked.command, asked.used_key_ids), destroyed)
        ((place,),) = self._connections.write(APPEND, values)
        return as_place(place)

    def _append_together(self, group: Sequence[Append]) -> list[Place]:
        """In the order of originators, as every group does, lest two wait for each other."""
        in_order = sorted(group, key=place_in_locking_order)
        ((place,),) = self._connections.write(APPEND_TOGETHER, records_together(in_order))
        return places_of(group, in_order, as_place(place))

    def append_all(
        self,
        records: Sequence[Record],
        *,
        command: Command | None = None,
        used_key_ids: Collection[UUID] = (),
    ) -> list[LoggedRecord]:
        """Record facts of one originator, versions in a row, all or none; raises as `append`."""
        stored = [as_stored(each) for each in records]
        values = several_records(stored, command, used_key_ids)
        ((place,),) = self._connections.write(APPEND_ALL, values)
        return [
            LoggedRecord(record, done.id, done.recorded_at)
            for record, done in zip(records, recorded(stored, as_place(place)), strict=True)
        ]

    def outcome_of(self, command: Command | None) -> CommandOutcome | None:
        """What this command led to before. Raises IdempotencyKeyReused."""
        outcome = self._recorder.find_command(command.command_id) if command else None
        if outcome and command and outcome.fingerprint != command.fingerprint:
            raise IdempotencyKeyReused
        return outcome

    def first_of(self, command: Command | None) -> UUID | None:
        """The originator of what this command led to before. Raises IdempotencyKeyReused."""
        outcome = self.outcome_of(command)
        return outcome.originator_id if outcome else None

    def of_originator(self, originator_id: UUID) -> list[LoggedRecord]:
        """The records of one hold or one subject, in order."""
        return _logged(self._connections.read(OF_ORIGINATOR, (originator_id.hex,)))

    def last_recorded(self, originator_ids: Collection[UUID]) -> dict[UUID, datetime]:
        """When the newest record of each was taken; none of an originator without records."""
        if not originator_ids:
            return {}
        rows = self._connections.read(LAST_RECORDED, (uuid_array(originator_ids),))
        return {UUID(originator_id): recorded_at for originator_id, recorded_at in rows}

    def of_kinds(self, *kinds: type[Record]) -> list[LoggedRecord]:
        """Every record of these kinds, in order of position; never accesses, which are many.

        Raises UnreadableRecord, where a newer release wrote one in its next form too.
        """
        if PersonalDataAccessed in kinds:
            raise ValueError("accesses are read in pages")
        return _logged(self._connections.read(OF_TOPICS, (topics_met(*kinds),)))


def envelope(originator_id: UUID, version: int, by: Circumstances) -> dict[str, Any]:
    """What every record says besides its own: who, when, by which door."""
    return {
        "originator_id": originator_id,
        "originator_version": version,
        "occurred_at": by.now,
        "actor": by.actor,
        "via": by.via,
        "correlation_id": by.correlation_id,
    }


def as_stored(record: Record) -> StoredEvent:
    """The record as it is stored: JSON without what stands in columns of its own."""
    state: dict[str, Any] = msgspec.to_builtins(record)
    kept = {
        name: value
        for name, value in state.items()
        if name not in IDENTITY and value is not None and value != []
    }
    return StoredEvent(
        originator_id=record.originator_id,
        originator_version=record.originator_version,
        topic=topic_of(type(record)),
        state=msgspec.json.encode(kept),
    )


def from_stored(stored: StoredEvent) -> Record:
    """The record again, in its newest form. Raises UnreadableRecord."""
    name, number = parted(stored.topic)
    kind = records.BY_NAME.get(name)
    if kind is None:
        raise UnreadableRecord(stored.topic)
    try:
        state = upcast(name, number, kind.SCHEMA, msgspec.json.decode(stored.state))
        state["originator_id"] = stored.originator_id
        state["originator_version"] = stored.originator_version
        return msgspec.convert(state, kind)
    except (UnknownSchema, ValueError, TypeError, LookupError) as fault:
        raise UnreadableRecord(stored.topic) from fault


def _logged(rows: Sequence[Any]) -> list[LoggedRecord]:
    return [logged_record(row) for row in rows]


def logged_record(row: Sequence[Any]) -> LoggedRecord:
    """A row of the table, its columns in order, as a record. Raises UnreadableRecord."""
    position, recorded_at, originator_id, version, topic, state = row
    stored = RecordedEvent.placed(
        UUID(originator_id), version, topic, bytes(state), position, recorded_at
    )
    return LoggedRecord(from_stored(stored), position, recorded_at)
