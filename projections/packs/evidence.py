"""The evidence for a pack: which events, proven by which checkpoint; read case by case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, bindparam, text

from projections.ledger import statements
from projections.ledger.leaves import read_events_of, read_records_of
from projections.ledger.notes import Checkpoint, Note, VerifierKey
from projections.ledger.receipt import Receipt
from projections.ledger.receipts import NotCovered
from projections.ledger.signing import checkpoint_over, newest_checkpoint, signing_keys
from projections.ledger.tree import index_of
from projections.packs.layout import StoredRow
from projections.packs.moved_reviews import KeptRecords, moved_in
from projections.packs.proving import Prover
from projections.packs.scope import Scope
from projections.packs.streams import ACTIONS, REVIEWS

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
    """How much one pack may hold: cases, events, bytes of stored events.

    Reviews and corrective actions count as cases, their records as events.
    """

    cases: int
    events: int
    state_bytes: int


class PackTooLarge(Exception):
    """The evidence is more than a pack may hold here."""

    def __init__(self, most: Limits) -> None:
        super().__init__("too large for one pack")
        self.most = most


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
    """What goes into a pack, fixed once: a checkpoint, the keys, and versions that it covers.

    `reviews`: those that moved in a period, and corrective actions; then the pack is of version 2.
    """

    engine: Engine
    scope: Scope
    note: Note
    keys: tuple[VerifierKey, ...]
    slices: tuple[Slice, ...]
    reviews: tuple[KeptRecords, ...]
    prover: Prover

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint.parse(self.note.text)

    @property
    def case_ids(self) -> list[UUID]:
        return [each.case_id for each in self.slices]

    @property
    def counts_of_reviews(self) -> tuple[int, int, int]:
        """How many reviews it has, corrective actions, and records of both."""
        kinds = [kept.streams for kept in self.reviews]
        records = sum(kept.last_version for kept in self.reviews)
        return kinds.count(REVIEWS), kinds.count(ACTIONS), records

    def events(self, part: Slice) -> list[bytes]:
        """The stored events of one slice, as their leaves hold them."""
        with self._cursor() as cursor:
            return read_events_of(cursor, *part)

    def records(self, part: KeptRecords) -> list[bytes]:
        """The stored records of one review or action, as their leaves hold them."""
        with self._cursor() as cursor:
            return read_records_of(cursor, part.originator_id, 1, part.last_version)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        with self.engine.connect() as connection, closing(connection.connection.cursor()) as cursor:
            yield cursor

    def receipts(self, leaves: Sequence[bytes]) -> list[Receipt]:
        """A receipt for each of them, under the pack's checkpoint.

        Raises NotCovered, LedgerBroken.
        """
        with self.engine.connect() as connection:
            return self.prover.receipts(connection, leaves)


def stored(receipts: Sequence[Receipt]) -> list[StoredRow]:
    return [StoredRow(each.leaf, each.index) for each in receipts]


def gather(engine: Engine, scope: Scope, most: Limits) -> Evidence:
    """What the pack will hold.

    Raises NothingToPack, PackTooLarge, NotCovered (its newest event is not signed yet).
    """
    with engine.connect() as connection:
        rows = _rows(connection, scope, most)
        reviews = _reviews(connection, scope, most)
        parts = [*rows, *reviews]
        _require_fits(parts, most)
        note = _covering(connection, max(part.last_position for part in parts))
        keys = tuple(key for key, _ in signing_keys(connection))
    slices = tuple(Slice(row.originator_id, row.first_version, row.last_version) for row in rows)
    prover = Prover(note, Checkpoint.parse(note.text).size)
    return Evidence(engine, scope, note, keys, slices, tuple(reviews), prover)


def _reviews(connection: Connection, scope: Scope, most: Limits) -> list[KeptRecords]:
    """Only a pack of a period has any: a review is about no case."""
    if scope.recorded_from is None or scope.recorded_to is None:
        return []
    return moved_in(connection, scope.recorded_from, scope.recorded_to, most.cases + 1)


def _require_fits(parts: Sequence[Any], most: Limits) -> None:
    if not parts:
        raise NothingToPack
    events = sum(part.last_version - part.first_version + 1 for part in parts)
    state_bytes = sum(part.state_bytes for part in parts)
    if (len(parts), events, state_bytes) != (
        min(len(parts), most.cases),
        min(events, most.events),
        min(state_bytes, most.state_bytes),
    ):
        raise PackTooLarge(most)


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
