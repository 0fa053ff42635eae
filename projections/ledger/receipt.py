"""A receipt: that one event is in the ledger, checked anywhere, without database or service.

The form is C2SP's tlog-proof (https://c2sp.org/tlog-proof). Its extra line holds the leaf data, so
nothing else is needed but the ledger's public key.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from projections.ledger.leaves import LeafEvent
from projections.ledger.merkle import HASH_BYTES, check_inclusion, leaf_hash
from projections.ledger.notes import (
    Checkpoint,
    MalformedNote,
    Note,
    VerifierKey,
    decoded,
    encoded,
    opened,
)

HEADER: Final = "c2sp.org/tlog-proof@v1"
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})")
_LONGEST_PATH: Final = 63


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
        self.check(checkpoint)
        return LeafEvent.parse(self.leaf), checkpoint

    def check(self, checkpoint: Checkpoint) -> None:
        """Follow the path to the root of a checkpoint that one trusts. Raises ProofRefused."""
        leaf = leaf_hash(self.leaf)
        check_inclusion(leaf, self.index, checkpoint.size, self.path, checkpoint.root)
