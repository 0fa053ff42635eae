"""The growing side of the tree: what must be known to add leaves and to tell the root."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from projections.ledger.merkle import EMPTY_ROOT, node_hash, root_of

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT
"""Nodes are kept at every eighth height only: those between are made from 256 below."""


class Node(NamedTuple):
    """A complete subtree over `2 ** height` leaves, the `number`-th of its height."""

    height: int
    number: int
    hash: bytes


@dataclass
class Edge:
    """A tree by its unfinished tiles: `tiles[k]` holds hashes of height `8 * k`, fewer than 256."""

    size: int = 0
    tiles: list[list[bytes]] = field(default_factory=lambda: [[]])

    def append(self, leaf_hashes: Sequence[bytes]) -> list[Node]:
        """Add leaves; the nodes that they complete, to be kept."""
        self.size += len(leaf_hashes)
        self.tiles[0].extend(leaf_hashes)
        return list(self._completed(0))

    def _completed(self, level: int) -> Iterator[Node]:
        waiting = self.tiles[level]
        whole = len(waiting) - len(waiting) % TILE_WIDTH
        if not whole:
            return
        if level + 1 == len(self.tiles):
            self.tiles.append([])
        self.tiles[level] = waiting[whole:]
        height = TILE_HEIGHT * (level + 1)
        first = ((self.size >> (height - TILE_HEIGHT)) - len(waiting)) >> TILE_HEIGHT
        for number, begin in enumerate(range(0, whole, TILE_WIDTH)):
            root = root_of(waiting[begin : begin + TILE_WIDTH])
            self.tiles[level + 1].append(root)
            yield Node(height, first + number, root)
        yield from self._completed(level + 1)

    def root(self) -> bytes:
        """The root over every leaf so far (RFC 9162, 2.1.1)."""
        result: bytes | None = None
        for tile in self.tiles:
            for peak in reversed(list(_peaks(tile))):
                result = peak if result is None else node_hash(peak, result)
        return EMPTY_ROOT if result is None else result


def _peaks(hashes: Sequence[bytes]) -> Iterator[bytes]:
    """The roots of the complete subtrees that a tile falls into, the largest first."""
    begin = 0
    for bit in reversed(range(TILE_HEIGHT)):
        width = 1 << bit
        if len(hashes) & width:
            yield root_of(hashes[begin : begin + width])
            begin += width
