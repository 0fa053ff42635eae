"""Values in PostgreSQL's text forms: cheaper than adapting each one in the driver.

Ids, numbers and bytes become digits, which need no quoting; text goes to the driver as it is.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from service.event_store.connections import Values
from service.event_store.errors import TooManyEvents
from service.event_store.records import MAX_EVENTS_PER_APPEND, Command, NewKey, Place, RecordedEvent
from service.event_store.shared_commits import Append

LOWEST_VERSION = -(2**31)
HIGHEST_VERSION = 2**31 - 1


def one_event(
    event: StoredEvent, command: Command | None, used_key_ids: Collection[UUID]
) -> Values:
    """The arguments of `append_event`."""
    return (
        as_uuid(event.originator_id).hex,
        event.originator_version,
        event.topic,
        "\\x" + event.state.hex(),
        *_command(command),
        uuid_array(used_key_ids) if used_key_ids else None,
    )


def many_events(
    events: Sequence[StoredEvent],
    command: Command | None,
    used_key_ids: Collection[UUID],
    new_keys: Sequence[NewKey],
) -> Values:
    """The arguments of `append_events`. Raises TooManyEvents."""
    if not 1 <= len(events) <= MAX_EVENTS_PER_APPEND:
        raise TooManyEvents(f"an append takes 1 to {MAX_EVENTS_PER_APPEND} events")
    return (
        *event_arrays(events),
        *_command(command),
        uuid_array(used_key_ids) if used_key_ids else None,
        *key_arrays(new_keys),
    )


def several_records(
    records: Sequence[StoredEvent], command: Command | None, used_key_ids: Collection[UUID]
) -> Values:
    """The arguments of `append_records`: records of one originator, the first one first."""
    first = records[0]
    return (
        as_uuid(first.originator_id).hex,
        first.originator_version,
        [each.topic for each in records],
        bytes_array(each.state for each in records),
        *_command(command),
        uuid_array(used_key_ids) if used_key_ids else None,
    )


def events_together(appends: Sequence[Append]) -> Values:
    """The arguments of `append_together`."""
    return (*event_arrays([each.event for each in appends]), *_commands_and_keys(appends))


def events_spelt_out(appends: Sequence[Append]) -> Values:
    """The arguments of `append_together` for a group of a known size."""
    events = [each.event for each in appends]
    return (
        uuid_array([as_uuid(event.originator_id) for event in events]),
        _array([str(event.originator_version) for event in events]),
        *[event.topic for event in events],
        *["\\x" + event.state.hex() for event in events],
        *_commands_and_keys(appends),
    )


def _commands_and_keys(appends: Sequence[Append]) -> Values:
    commands = [each.command for each in appends]
    used_key_ids = {key_id for each in appends for key_id in each.used_key_ids}
    return (
        *(_command_arrays(commands) if any(commands) else (None, None)),
        uuid_array(used_key_ids) if used_key_ids else None,
    )


def records_together(appends: Sequence[Append]) -> Values:
    """The arguments of `append_records_together`."""
    used_key_ids = {key_id for each in appends for key_id in each.used_key_ids}
    return (
        *event_arrays([each.event for each in appends]),
        uuid_array(used_key_ids) if used_key_ids else None,
    )


def place_in_locking_order(append: Append) -> tuple[int, int]:
    """By what appends are sorted that share a transaction."""
    return as_uuid(append.event.originator_id).int, append.event.originator_version


def places_of(group: Sequence[Append], in_order: Sequence[Append], first: Place) -> list[Place]:
    """Where each of a group was recorded, if they were `in_order` from the `first` place on."""
    first_position, recorded_at = first
    places = {id(each): (first_position + n, recorded_at) for n, each in enumerate(in_order)}
    return [places[id(each)] for each in group]


def event_arrays(events: Sequence[StoredEvent]) -> Values:
    """Ids, versions, topics and states, each as an array."""
    return (
        uuid_array(as_uuid(event.originator_id) for event in events),
        _array(str(event.originator_version) for event in events),
        [event.topic for event in events],
        bytes_array(event.state for event in events),
    )


def key_arrays(new_keys: Sequence[NewKey]) -> Values:
    """Ids, subjects and wrapped keys, each as an array."""
    return (
        uuid_array(key.key_id for key in new_keys),
        [key.subject_ref for key in new_keys],
        bytes_array(key.wrapped_key for key in new_keys),
    )


def uuid_array(ids: Iterable[UUID]) -> str:
    """An array of ids as a literal."""
    return _array([each.hex for each in ids])


def bytes_array(values: Iterable[bytes]) -> str:
    """An array of byte strings as a literal."""
    return _array(map(_quoted_bytes, values))


@lru_cache(maxsize=4_096)
def shared_uuid(text: str) -> UUID:
    """One object for each case: a page names the same ones again and again, and compares them."""
    return UUID(text)


def as_uuid(originator_id: UUID | str) -> UUID:
    """The id as a UUID. Raises ValueError for a text that is none."""
    return originator_id if isinstance(originator_id, UUID) else UUID(originator_id)


def version_range(
    originator_id: UUID, after: int | None, up_to: int | None, limit: int | None
) -> Values:
    """The arguments of the statements that read one originator."""
    return (
        originator_id.hex,
        LOWEST_VERSION if after is None else after,
        HIGHEST_VERSION if up_to is None else up_to,
        limit,
    )


def as_place(row: str) -> Place:
    """The result of an append as PostgreSQL writes it: `(4096,"2026-01-31 12:00:00.123456+00")`."""
    position, _, moment = row[1:-2].partition(',"')
    return int(position), datetime.fromisoformat(moment)


def recorded(events: Sequence[StoredEvent], place: Place) -> list[RecordedEvent]:
    """The events of one append with the places that the store gave them."""
    first_position, recorded_at = place
    return [
        RecordedEvent.placed(
            event.originator_id,
            event.originator_version,
            event.topic,
            event.state,
            first_position + n,
            recorded_at,
        )
        for n, event in enumerate(events)
    ]


def _command(command: Command | None) -> Values:
    if command is None:
        return (None, None)
    return (command.command_id.hex, "\\x" + command.fingerprint.hex())


def _command_arrays(commands: Sequence[Command | None]) -> Values:
    return (
        _array(each.command_id.hex if each else "NULL" for each in commands),
        _array(_quoted_bytes(each.fingerprint) if each else "NULL" for each in commands),
    )


def _quoted_bytes(value: bytes) -> str:
    return f'"\\\\x{value.hex()}"'


def _array(elements: Iterable[str]) -> str:
    return "{" + ",".join(elements) + "}"
