"""Reading the tree: the hash of any run of leaves, the edge to go on from, an event's place."""

from __future__ import annotations

from bisect import bisect_left

from sqlalchemy import Connection

from projections.ledger import statements
from projections.ledger.edge import TILE_HEIGHT, TILE_WIDTH, Edge
from projections.ledger.merkle import HASH_BYTES, largest_power_below, node_hash, root_of

POSITION_BYTES = 8


class LedgerBroken(Exception):
    """Rows are missing or were edited that must be whole: `amends ledger verify` tells more."""


class Tree:
    """The nodes of the stored tree, tile by tile; one for each question, since it keeps them."""

    def __init__(
        self, connection: Connection, tiles: dict[tuple[int, int], list[bytes]] | None = None
    ) -> None:
        """`tiles`: what was read before of complete tiles, and is kept for later questions."""
        self._connection = connection
        self._tiles = {} if tiles is None else tiles

    def hash_of(self, start: int, end: int) -> bytes:
        """The root over the leaves from `start` up to `end`, not included. Raises LedgerBroken."""
        width = end - start
        if width & (width - 1) == 0 and start % width == 0:
            return self._complete(start, width)
        middle = start + largest_power_below(width)
        return node_hash(self.hash_of(start, middle), self.hash_of(middle, end))

    def _complete(self, start: int, width: int) -> bytes:
        level, remainder = divmod(width.bit_length() - 1, TILE_HEIGHT)
        number, offset = divmod(start >> (TILE_HEIGHT * level), TILE_WIDTH)
        found = self.tile(level, number)[offset : offset + (1 << remainder)]
        if len(found) != 1 << remainder:
            raise LedgerBroken
        return root_of(found)

    def tile(self, level: int, number: int) -> list[bytes]:
        """Up to 256 neighbouring hashes of height `8 * level`."""
        place = (level, number)
        if place not in self._tiles:
            start = number * TILE_WIDTH
            read = _leaf_hashes if level == 0 else _node_hashes
            self._tiles[place] = read(self._connection, level, start, start + TILE_WIDTH)
        return self._tiles[place]

    def edge(self, size: int) -> Edge:
        """What is needed to add leaves behind the first `size`. Raises LedgerBroken."""
        tiles: list[list[bytes]] = []
        count, level = size, 0
        while count or not tiles:
            number, width = divmod(count, TILE_WIDTH)
            tile = self.tile(level, number)[:width] if width else []
            if len(tile) != width:
                raise LedgerBroken
            tiles.append(tile)
            count, level = number, level + 1
        return Edge(size, tiles)


def _leaf_hashes(connection: Connection, level: int, start: int, end: int) -> list[bytes]:
    found: list[bytes] = []
    between = {"start": start, "end": end}
    for row in connection.execute(statements.LEAVES_BETWEEN, between):
        found.extend(split(bytes(row.hashes), HASH_BYTES))
    return found


def _node_hashes(connection: Connection, level: int, start: int, end: int) -> list[bytes]:
    between = {"height": TILE_HEIGHT * level, "start": start, "end": end}
    rows = connection.execute(statements.NODES_BETWEEN, between)
    return [bytes(row.hash) for row in rows]


def split(joined: bytes, width: int) -> list[bytes]:
    """The pieces of equal width that were joined."""
    return [joined[at : at + width] for at in range(0, len(joined), width)]


def newest(connection: Connection) -> tuple[int, int]:
    """How many events the ledger holds, and the position of the last one; (0, -1) for none."""
    row = connection.execute(statements.NEWEST).first()
    return (row.size, row.last_position) if row else (0, -1)


def index_of(connection: Connection, position: int) -> int | None:
    """The place of the event at a position among the leaves; None where there is none yet."""
    row = connection.execute(statements.LEAVES_AT, {"position": position}).first()
    if row is None:
        return None
    place = place_in(bytes(row.positions), position)
    return None if place is None else int(row.first_index) + place


def place_in(positions: bytes, position: int) -> int | None:
    """The place of a position among others in order, 8 bytes each; None where it is not there."""
    wanted = position.to_bytes(POSITION_BYTES)
    count = len(positions) // POSITION_BYTES
    place = bisect_left(range(count), wanted, key=lambda n: _nth(positions, n))
    return place if place < count and _nth(positions, place) == wanted else None


def _nth(positions: bytes, place: int) -> bytes:
    return positions[POSITION_BYTES * place : POSITION_BYTES * (place + 1)]
