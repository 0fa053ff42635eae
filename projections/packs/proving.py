"""Receipts for many events under one checkpoint: what was read of the ledger serves the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection

from projections.ledger import statements
from projections.ledger.leaves import position_of
from projections.ledger.merkle import HashOf, inclusion_proof
from projections.ledger.notes import Note
from projections.ledger.receipt import Receipt
from projections.ledger.receipts import NotCovered
from projections.ledger.tree import Tree, place_in

MOST_PAGES: Final = 256
MOST_TILES: Final = 1_024
MOST_HASHES: Final = 100_000
"""About 60 MB in all; then it is read anew."""


class _Page(NamedTuple):
    first_index: int
    positions: bytes

    def index_of(self, position: int) -> int | None:
        place = place_in(self.positions, position)
        return None if place is None else self.first_index + place


class Prover:
    """Makes receipts whose root is that of a checkpoint over so many events."""

    def __init__(self, note: Note, size: int) -> None:
        self._note = note
        self._size = size
        self._pages: list[_Page] = []
        self._tiles: dict[tuple[int, int], list[bytes]] = {}
        self._hashes: dict[tuple[int, int], bytes] = {}

    def receipts(self, connection: Connection, leaves: Sequence[bytes]) -> list[Receipt]:
        """A receipt for each of these stored events. Raises NotCovered, LedgerBroken."""
        self._forget_what_is_too_much()
        tree = Tree(connection, self._tiles)

        def hash_of(start: int, end: int) -> bytes:
            found = self._hashes.get((start, end))
            if found is None:
                found = self._hashes[start, end] = tree.hash_of(start, end)
            return found

        return [self._receipt(connection, leaf, hash_of) for leaf in leaves]

    def _receipt(self, connection: Connection, leaf: bytes, hash_of: HashOf) -> Receipt:
        index = self._index_of(connection, position_of(leaf))
        path = inclusion_proof(index, self._size, hash_of)
        return Receipt(leaf, index, tuple(path), self._note)

    def _index_of(self, connection: Connection, position: int) -> int:
        found = (page.index_of(position) for page in self._pages)
        index = next((each for each in found if each is not None), None)
        if index is None:
            row = connection.execute(statements.LEAVES_AT, {"position": position}).first()
            if row is not None:
                self._pages.insert(0, _Page(row.first_index, bytes(row.positions)))
                index = self._pages[0].index_of(position)
        if index is None or index >= self._size:
            raise NotCovered
        return index

    def _forget_what_is_too_much(self) -> None:
        del self._pages[MOST_PAGES:]
        if len(self._tiles) > MOST_TILES:
            self._tiles.clear()
        if len(self._hashes) > MOST_HASHES:
            self._hashes.clear()
