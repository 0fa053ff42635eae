"""Making receipts for events, and proofs of growth, from the stored tree."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection

from projections.ledger import statements
from projections.ledger.leaves import read_at
from projections.ledger.merkle import consistency_proof, inclusion_proof
from projections.ledger.receipt import Receipt
from projections.ledger.signing import newest_checkpoint
from projections.ledger.tree import Tree, index_of, newest


class NotCovered(Exception):
    """No checkpoint covers the event yet; the next one will, within a second or so."""


class NoSuchEvent(Exception):
    """There is no event at this position."""


class NoSuchSize(Exception):
    """The tree does not have so many leaves, or fewer than the older one."""


def receipt_for(connection: Connection, position: int) -> Receipt:
    """The receipt of an event under the newest checkpoint.

    Raises NoSuchEvent, NotCovered, LedgerBroken.
    """
    with closing(connection.connection.cursor()) as cursor:
        leaf = read_at(cursor, position)
    if leaf is None:
        raise NoSuchEvent
    index = index_of(connection, position)
    signed = newest_checkpoint(connection)
    if index is None or signed is None or signed[0] <= index:
        raise NotCovered
    size, note = signed
    path = inclusion_proof(index, size, Tree(connection).hash_of)
    return Receipt(leaf, index, tuple(path), note)


@dataclass(frozen=True)
class Growth:
    """That the tree over `size` leaves begins with the one over `old_size`."""

    old_size: int
    old_root: bytes
    size: int
    root: bytes
    path: list[bytes]


def growth(connection: Connection, old_size: int, size: int) -> Growth:
    """The consistency proof between two sizes. Raises NoSuchSize, LedgerBroken."""
    if not 0 < old_size <= size <= newest(connection)[0]:
        raise NoSuchSize
    tree = Tree(connection)
    path = consistency_proof(old_size, size, tree.hash_of)
    return Growth(old_size, tree.hash_of(0, old_size), size, tree.hash_of(0, size), path)


def position_of_version(connection: Connection, case_id: object, version: int) -> int | None:
    """The position of one event of a case."""
    words = {"case_id": case_id, "version": version}
    return connection.execute(statements.POSITION_OF_VERSION, words).scalar()
