"""Adding events to the ledger: a page of them and how far it got, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Final

from sqlalchemy import Connection, Engine

from projections.ledger import statements
from projections.ledger.edge import Edge
from projections.ledger.leaves import leaf_hashes, position_of, positions_of, read_leaves
from projections.ledger.tree import Tree, newest

PAGE_SIZE: Final = 4_096
RUN_LENGTH: Final = 1_024
"""So many events and records, or a page of more, are summed up together."""


class LedgerFeeder:
    """Adds events below the horizon to the tree, in order of position; one worker at a time.

    The position is part of the rows it adds, so a crash, or two workers at once, adds nothing
    twice and leaves nothing out.
    """

    def __init__(self, database: Engine, page_size: int = PAGE_SIZE) -> None:
        self._database = database
        self._page_size = page_size
        self._edge = Edge()
        self.edges_read = 0
        """How often the edge came from the tables, and did not grow from what was known."""
        self.met_another = False
        """Whether another worker had the turn at the last try."""

    def catch_up(self, after_page: Callable[[], object] = lambda: None) -> int:
        """Add every event that may be read; their number, 0 where another worker has the turn.

        `after_page` is called after each one behind which more are left.
        """
        added = 0
        while page := self.feed():
            added += page
            if page < self._page_size:
                break
            after_page()
        return added

    def feed(self) -> int:
        """Add the next page; the number of its events. Raises LedgerBroken."""
        with self._database.begin() as connection:
            self.met_another = not take_turn(connection, synchronous=False)
            if self.met_another:
                return 0
            size, last_position = newest(connection)
            leaves = self._read(connection, last_position)
            if not leaves:
                return 0
            edge = self.edge_at(connection, size)
            self._edge = Edge()  # until the commit nobody knows what is stored
            self._add(connection, edge, leaves)
        self._edge = edge
        return len(leaves)

    def edge_at(self, connection: Connection, size: int) -> Edge:
        """The edge of the tree over so many leaves, as kept in memory or as stored."""
        if self._edge.size != size:
            self._edge = Tree(connection).edge(size)
            self.edges_read += 1
        return self._edge

    def _read(self, connection: Connection, after: int) -> Sequence[bytes]:
        with closing(connection.connection.cursor()) as cursor:
            return read_leaves(cursor, after, self._page_size)

    def _add(self, connection: Connection, edge: Edge, leaves: Sequence[bytes]) -> None:
        hashes = leaf_hashes(leaves)
        size, last_position = edge.size, position_of(leaves[-1])
        row = {
            "first_index": size,
            "leaf_count": len(leaves),
            "last_position": last_position,
            "positions": positions_of(leaves),
            "hashes": b"".join(hashes),
        }
        connection.execute(statements.ADD_LEAVES, row)
        if nodes := edge.append(hashes):
            connection.execute(statements.ADD_NODE, [node._asdict() for node in nodes])
        if edge.size // RUN_LENGTH > size // RUN_LENGTH:
            _sum_up(connection, last_position)


def _sum_up(connection: Connection, up_to: int) -> None:
    """Note of the next run of events when they were recorded and whose cases began."""
    for run in connection.execute(statements.ADD_RUN, {"up_to": up_to}).mappings():
        connection.execute(statements.ADD_SUBJECTS, dict(run))


def take_turn(connection: Connection, *, synchronous: bool) -> bool:
    """Whether this transaction may add to the ledger; no other one may until it ends."""
    words = {"lock": statements.LEDGER_LOCK, "synchronous": "on" if synchronous else "off"}
    return bool(connection.execute(statements.TAKE_TURN, words).one()[0])
