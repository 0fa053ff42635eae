"""Receipts: that one event is in the ledger, checked anywhere, without database or service.

The form is C2SP's tlog-proof (https://c2sp.org/tlog-proof). Its extra line holds the leaf data, so
nothing else is needed but the ledger's public key.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from projections.ledger import statements
from projections.ledger.leaves import LeafEvent, read_stored
from projections.ledger.merkle import (
    HASH_BYTES,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
)
from projections.ledger.notes import (
    Checkpoint,
    MalformedNote,
    Note,
    VerifierKey,
    decoded,
    encoded,
    opened,
)
from projections.ledger.signing import newest_checkpoint
from projections.ledger.tree import Tree, index_of, newest

HEADER: Final = "c2sp.org/tlog-proof@v1"
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})")
_LONGEST_PATH: Final = 63


class NotCovered(Exception):
    """No checkpoint covers the event yet; the next one will, within a second or so."""


class NoSuchEvent(Exception):
    """There is no event at this position."""


class NoSuchSize(Exception):
    """The tree does not have so many leaves, or fewer than the older one."""


@dataclass(frozen=True)
class Receipt:
    """A proof that the leaf at `index` is under the root of a checkpoint."""

    leaf: bytes
    index: int
    path: tuple[bytes, ...]
    note: Note

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """Read a tlog-proof with our extra line. Raises MalformedNote."""
        head, separator, note = text.partition("\n\n")
        lines = head.split("\n")
        index = _INDEX.fullmatch(lines[2]) if len(lines) > 2 else None
        if lines[0] != HEADER or not separator or index is None:
            raise MalformedNote("not a receipt")
        path = tuple(decoded(line) for line in lines[3:])
        if len(path) > _LONGEST_PATH or any(len(each) != HASH_BYTES for each in path):
            raise MalformedNote("not a receipt")
        leaf = decoded(lines[1].removeprefix("extra "))
        return cls(leaf, int(index[1]), path, Note.parse(note))

    def __str__(self) -> str:
        lines = [HEADER, f"extra {encoded(self.leaf)}", f"index {self.index}"]
        return "\n".join([*lines, *map(encoded, self.path), "", str(self.note)])

    def verify(self, keys: Collection[VerifierKey]) -> tuple[LeafEvent, Checkpoint]:
        """The event and the checkpoint that proves it.

        Raises MalformedNote, MalformedLeaf, NoteRefused, ProofRefused.
        """
        checkpoint = opened(str(self.note), keys)
        leaf = leaf_hash(self.leaf)
        check_inclusion(leaf, self.index, checkpoint.size, self.path, checkpoint.root)
        return LeafEvent.parse(self.leaf), checkpoint


def receipt_for(connection: Connection, position: int) -> Receipt:
    """The receipt of an event under the newest checkpoint.

    Raises NoSuchEvent, NotCovered, LedgerBroken.
    """
    with closing(connection.connection.cursor()) as cursor:
        leaves = read_stored(cursor, position - 1, position)
    if not leaves:
        raise NoSuchEvent
    index = index_of(connection, position)
    signed = newest_checkpoint(connection)
    if index is None or signed is None or signed[0] <= index:
        raise NotCovered
    size, note = signed
    path = inclusion_proof(index, size, Tree(connection).hash_of)
    return Receipt(leaves[0], index, tuple(path), note)


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
