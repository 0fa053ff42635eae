"""The evidence for a pack: which events, proven by which checkpoint; read case by case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, bindparam, text

from projections.ledger import statements
from projections.ledger.leaves import read_events_of
from projections.ledger.notes import Checkpoint, Note, VerifierKey
from projections.ledger.receipt import Receipt
from projections.ledger.receipts import NotCovered
from projections.ledger.signing import checkpoint_over, newest_checkpoint, signing_keys
from projections.ledger.tree import index_of
from projections.packs.layout import Json, StoredCaseEvent, utc
from projections.packs.proving import Prover

# The runs that reach into the period, and what no worker has summed up yet; see
# docs/decisions/0150. The order inside keeps the planner at the index of positions.
_RECORDED: Final = """(
    SELECT after_position, last_position FROM ledger.runs
    WHERE highest_recorded_at >= :recorded_from AND lowest_recorded_at < :recorded_to
    UNION ALL
    SELECT coalesce(max(last_position), -1), 9223372036854775807 FROM ledger.runs
) AS run CROSS JOIN LATERAL (
    SELECT position, originator_id, originator_version, state FROM events
    WHERE position > after_position AND position <= last_position
        AND recorded_at >= :recorded_from AND recorded_at < :recorded_to
    ORDER BY position
) AS recorded
"""
# Summing a long period up would read all of it, only to say that it is too much.
_EVENTS_OF_PERIOD: Final = text(f"""
    SELECT count(*) FROM (SELECT FROM {_RECORDED} LIMIT :limit) AS counted
""")  # noqa: S608
_SLICES: Final = """
    SELECT originator_id, min(originator_version) AS first_version,
        max(originator_version) AS last_version, sum(octet_length(state)) AS state_bytes,
        max(position) AS last_position
    FROM {source}
    GROUP BY originator_id ORDER BY min(position) LIMIT :limit
"""
_OF_CASES: Final = text(
    _SLICES.format(source="events WHERE originator_id IN :case_ids")
).bindparams(bindparam("case_ids", expanding=True))
_OF_PERIOD: Final = text(_SLICES.format(source=_RECORDED))


class NothingToPack(Exception):
    """There is no such event."""


@dataclass(frozen=True)
class Limits:
    """How much one pack may hold: cases, events, bytes of stored events."""

    cases: int
    events: int
    state_bytes: int


class PackTooLarge(Exception):
    """The evidence is more than a pack may hold here."""

    def __init__(self, most: Limits) -> None:
        super().__init__("too large for one pack")
        self.most = most


@dataclass(frozen=True)
class Scope:
    """What a pack is about: the cases named, or what was recorded in a period (end excluded)."""

    kind: str
    case_ids: Sequence[UUID] = ()
    subject_ref: str | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None

    def told(self) -> Json:
        """What `pack.json` says of it."""
        if self.recorded_from and self.recorded_to:
            times = (utc(self.recorded_from), utc(self.recorded_to))
            return {"kind": self.kind, "recorded_from": times[0], "recorded_to": times[1]}
        if self.subject_ref is not None:
            return {"kind": self.kind, "subject_ref": self.subject_ref}
        return {"kind": self.kind, "case_id": str(self.case_ids[0])}


def of_case(case_id: UUID) -> Scope:
    return Scope("case", [case_id])


def of_customer(subject_ref: str, case_ids: Sequence[UUID]) -> Scope:
    return Scope("customer", case_ids, subject_ref=subject_ref)


def of_period(recorded_from: datetime, recorded_to: datetime) -> Scope:
    return Scope("period", recorded_from=recorded_from, recorded_to=recorded_to)


class Slice(NamedTuple):
    """Neighbouring versions of one case."""

    case_id: UUID
    first_version: int
    last_version: int

    @property
    def events(self) -> int:
        return self.last_version - self.first_version + 1


@dataclass(frozen=True)
class Evidence:
    """What goes into a pack, fixed once: a checkpoint, the keys, and versions that it covers."""

    engine: Engine
    scope: Scope
    note: Note
    keys: tuple[VerifierKey, ...]
    slices: tuple[Slice, ...]
    prover: Prover

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint.parse(self.note.text)

    @property
    def case_ids(self) -> list[UUID]:
        return [each.case_id for each in self.slices]

    def events(self, part: Slice) -> list[bytes]:
        """The stored events of one slice, as their leaves hold them."""
        with self.engine.connect() as connection:
            return _leaves(connection, part)

    def receipts(self, leaves: Sequence[bytes]) -> list[Receipt]:
        """A receipt for each of them, under the pack's checkpoint.

        Raises NotCovered, LedgerBroken.
        """
        with self.engine.connect() as connection:
            return self.prover.receipts(connection, leaves)


def stored(receipts: Sequence[Receipt]) -> list[StoredCaseEvent]:
    return [StoredCaseEvent(each.leaf, each.index) for each in receipts]


def gather(engine: Engine, scope: Scope, most: Limits) -> Evidence:
    """What the pack will hold.

    Raises NothingToPack, PackTooLarge, NotCovered (its newest event is not signed yet).
    """
    with engine.connect() as connection:
        rows = _slices(connection, scope, most)
        note = _covering(connection, max(row.last_position for row in rows))
        keys = tuple(key for key, _ in signing_keys(connection))
    slices = tuple(Slice(row.originator_id, row.first_version, row.last_version) for row in rows)
    prover = Prover(note, Checkpoint.parse(note.text).size)
    return Evidence(engine, scope, note, keys, slices, prover)


def _slices(connection: Connection, scope: Scope, most: Limits) -> Sequence[Any]:
    rows = _rows(connection, scope, most)
    if not rows:
        raise NothingToPack
    events = sum(row.last_version - row.first_version + 1 for row in rows)
    state_bytes = sum(row.state_bytes for row in rows)
    if (len(rows), events, state_bytes) != (
        min(len(rows), most.cases),
        min(events, most.events),
        min(state_bytes, most.state_bytes),
    ):
        raise PackTooLarge(most)
    return rows


def _rows(connection: Connection, scope: Scope, most: Limits) -> Sequence[Any]:
    values: Mapping[str, Any] = {"limit": most.cases + 1}
    if scope.kind != "period":
        return connection.execute(_OF_CASES, {**values, "case_ids": list(scope.case_ids)}).all()
    times = {"recorded_from": scope.recorded_from, "recorded_to": scope.recorded_to}
    counted = connection.execute(_EVENTS_OF_PERIOD, {**times, "limit": most.events + 1})
    if counted.scalar_one() > most.events:
        raise PackTooLarge(most)
    return connection.execute(_OF_PERIOD, {**values, **times}).all()


def _covering(connection: Connection, position: int) -> Note:
    """The checkpoint over the event at this position that was published last.

    So whoever holds the published checkpoints finds the very same one there. Where publishing
    works nowhere, the newest that was signed. Raises NotCovered.
    """
    index = index_of(connection, position)
    newest = newest_checkpoint(connection)
    if index is None or newest is None or newest[0] <= index:
        raise NotCovered
    places = connection.execute(statements.PLACES).all()
    published = [place.tree_size for place in places if place.fault is None and place.tree_size]
    if not published:
        return newest[1]
    note = checkpoint_over(connection, max(published))
    if max(published) <= index or note is None:
        raise NotCovered  # it will be published in a second
    return note


def _leaves(connection: Connection, part: Slice) -> list[bytes]:
    with closing(connection.connection.cursor()) as cursor:
        return read_events_of(cursor, *part)
