"""The bytes that a leaf hash covers: the stored row as PostgreSQL's binary COPY writes it.

A leaf is an event, or a record that belongs to no case (an erasure, an access): both take their
positions from one order. Everything is big-endian (PostgreSQL manual, COPY, "Binary Format"): the
number of fields (2 bytes), then each field as its length (4 bytes) and its value.

    00 07            seven fields
    00 00 00 08      position: 8 bytes, whole number
    00 00 00 08      recorded_at: 8 bytes, microseconds since 2000-01-01 00:00 UTC
    00 00 00 10      originator_id: 16 bytes, the UUID
    00 00 00 04      originator_version: 4 bytes, whole number
    length           the table it stands in: `events` or `records`
    length           topic: UTF-8
    length           state: as stored, personal text sealed
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Self
from uuid import UUID

from projections.ledger.merkle import LEAF_PREFIX

FIELDS: Final = 7
POSITION: Final = slice(6, 14)
_TWO_THOUSAND: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LENGTHS: Final = (8, 8, 16, 4)
_HEADER_BYTES: Final = 19
_END: Final = b"\xff\xff"

# The limit stands in each branch too, so that each is read by its index and no further.
_ROWS: Final = """(
    SELECT position, recorded_at, originator_id, originator_version, '{table}'::text, topic, state
    FROM {table} WHERE position > %(after)s AND position <= %(up_to)s {below}
    ORDER BY position LIMIT %(limit)s
)"""
_COPY: Final = """
    COPY ({events} UNION ALL {records} ORDER BY position LIMIT %(limit)s)
    TO STDOUT (FORMAT binary)
"""


def _statement(below: str = "") -> str:
    tables = {table: _ROWS.format(table=table, below=below) for table in ("events", "records")}
    return _COPY.format(**tables)


_STORED: Final = _statement()
_READABLE: Final = _statement("AND position < (SELECT horizon FROM event_horizon)")
# The same bytes by SELECT, made by the functions that COPY uses: where a process watches its
# connections (service/silence.py), the driver cannot copy.
_LEAF: Final = """
    SELECT '\\x0007'::bytea || int4send(8) || int8send(position)
        || int4send(8) || timestamptz_send(recorded_at)
        || int4send(16) || uuid_send(originator_id) || int4send(4) || int4send(originator_version)
        || int4send(octet_length(textsend('{table}'))) || textsend('{table}')
        || int4send(octet_length(textsend(topic))) || textsend(topic)
        || int4send(octet_length(state)) || state
    FROM {table}
"""
_EVENTS, _RECORDS = _LEAF.format(table="events"), _LEAF.format(table="records")
_OF_ORIGINATOR: Final = """
    WHERE originator_id = %(originator_id)s::uuid
        AND originator_version BETWEEN %(first)s AND %(last)s
    ORDER BY originator_version
"""
_EVENTS_OF, _RECORDS_OF = _EVENTS + _OF_ORIGINATOR, _RECORDS + _OF_ORIGINATOR
_AT: Final = f"""{_EVENTS} WHERE position = %(position)s
    UNION ALL {_RECORDS} WHERE position = %(position)s
"""
_HIGHEST: Final = 2**63 - 1
"""As in the event store, which is not imported: packs are verified without a driver."""


class MalformedLeaf(Exception):
    """These bytes are no event as a leaf covers it."""


class _Rows(list[bytes]):
    """Takes what COPY writes: one message for each row (PostgreSQL manual, CopyData)."""

    write = list.append


def read_leaves(cursor: Any, after: int, limit: int) -> Sequence[bytes]:
    """The leaf data of up to `limit` events and records, in order, below the horizon.

    They begin behind the position `after`. `cursor` is one of psycopg2.
    """
    values = {"after": after, "up_to": _HIGHEST, "limit": limit}
    return _copied(cursor, _READABLE, values)


def read_stored(
    cursor: Any, after: int, up_to: int = _HIGHEST, limit: int | None = None
) -> Sequence[bytes]:
    """The same of all that is stored, up to and including a position."""
    return _copied(cursor, _STORED, {"after": after, "up_to": up_to, "limit": limit})


def read_events_of(
    cursor: Any, originator_id: UUID, first_version: int, last_version: int
) -> list[bytes]:
    """The leaf data of one case's events, by version, both ends included."""
    values = {"originator_id": str(originator_id), "first": first_version, "last": last_version}
    return _selected(cursor, _EVENTS_OF, values)


def read_records_of(
    cursor: Any, originator_id: UUID, first_version: int, last_version: int
) -> list[bytes]:
    """The same of one originator's records, such as those of a review."""
    values = {"originator_id": str(originator_id), "first": first_version, "last": last_version}
    return _selected(cursor, _RECORDS_OF, values)


def read_at(cursor: Any, position: int) -> bytes | None:
    """The leaf data of the event or record at a position; None where there is none."""
    return next(iter(_selected(cursor, _AT, {"position": position})), None)


def _selected(cursor: Any, statement: str, values: Mapping[str, Any]) -> list[bytes]:
    cursor.execute(statement, values)
    return [bytes(leaf) for (leaf,) in cursor.fetchall()]


def _copied(cursor: Any, statement: str, values: Mapping[str, Any]) -> Sequence[bytes]:
    """What COPY gives. The header comes with the first row, the end by itself."""
    rows = _Rows()
    cursor.copy_expert(cursor.mogrify(statement, values).decode(), rows)
    rows[0] = rows[0][_HEADER_BYTES:]
    if rows.pop() != _END:
        raise MalformedLeaf
    return rows


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """The hash of each leaf (RFC 9162, 2.1.1), in one tight loop."""
    return [sha256(LEAF_PREFIX + leaf).digest() for leaf in leaves]


def positions_of(leaves: Iterable[bytes]) -> bytes:
    """The positions of leaves, 8 bytes each."""
    return b"".join([leaf[POSITION] for leaf in leaves])


def position_of(leaf: bytes) -> int:
    """The position of one leaf."""
    return as_position(leaf[POSITION])


def as_position(raw: bytes) -> int:
    """The position in its 8 bytes."""
    return int.from_bytes(raw, signed=True)


@dataclass(frozen=True)
class LeafEvent:
    """An event or a record as its leaf holds it."""

    position: int
    recorded_at: datetime
    originator_id: UUID
    originator_version: int
    table: str
    topic: str
    state: bytes

    @classmethod
    def parse(cls, leaf: bytes) -> Self:
        """Take the bytes of a leaf apart. Raises MalformedLeaf."""
        position, recorded_at, originator_id, version, table, topic, state = _fields(leaf)
        try:
            return cls(
                as_position(position),
                _TWO_THOUSAND + timedelta(microseconds=int.from_bytes(recorded_at, signed=True)),
                UUID(bytes=originator_id),
                int.from_bytes(version, signed=True),
                table.decode(),
                topic.decode(),
                state,
            )
        except (UnicodeDecodeError, OverflowError):
            raise MalformedLeaf from None


def _fields(leaf: bytes) -> list[bytes]:
    if leaf[:2] != FIELDS.to_bytes(2):
        raise MalformedLeaf
    found: list[bytes] = []
    at = 2
    while at < len(leaf):
        begin = at + 4
        at = begin + int.from_bytes(leaf[begin - 4 : begin])
        found.append(leaf[begin:at])
    lengths = tuple(len(field) for field in found)
    if len(found) != FIELDS or lengths[:4] != _LENGTHS or at != len(leaf):
        raise MalformedLeaf
    return found
