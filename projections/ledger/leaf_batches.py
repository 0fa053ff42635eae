"""The ledger's leaves as verification reads them: in order, in batches, up to the first gap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row

from projections.ledger import statements
from projections.ledger.leaves import as_position
from projections.ledger.merkle import HASH_BYTES
from projections.ledger.tree import POSITION_BYTES

LEAVES_AT_ONCE: Final = 8_000
"""Few enough that the server sorts their events in memory."""
ROWS_AHEAD: Final = 200


class Batch(NamedTuple):
    """Neighbouring leaves of the ledger: 8 bytes of position and 32 of hash for each."""

    positions: bytes
    hashes: bytes

    @property
    def last_position(self) -> int:
        return as_position(self.positions[-POSITION_BYTES:])


def batches(connection: Connection, note_gap: Callable[[int], object]) -> Iterator[Batch]:
    """The ledger's leaves up to the first gap; `note_gap` is told how many lie before it."""
    positions, hashes, size = bytearray(), bytearray(), 0
    stream = connection.execution_options(stream_results=True, max_row_buffer=ROWS_AHEAD)
    with stream.execute(statements.ALL_LEAVES) as rows:
        for row in rows:
            if not _fits(row, size):
                note_gap(size)
                break
            positions += row.positions
            hashes += row.hashes
            size += row.leaf_count
            if len(hashes) >= LEAVES_AT_ONCE * HASH_BYTES:
                yield Batch(bytes(positions), bytes(hashes))
                positions, hashes = bytearray(), bytearray()
    if hashes:
        yield Batch(bytes(positions), bytes(hashes))


def _fits(row: Row[Any], size: int) -> bool:
    """Whether a row of leaves follows the ones before it and says the same in all its columns."""
    columns = (row.first_index, row.leaf_count, row.last_position)
    leaf_count = len(row.hashes) // HASH_BYTES
    return columns == (size, leaf_count, as_position(bytes(row.positions[-POSITION_BYTES:])))
