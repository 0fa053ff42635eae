"""The stored events and records in a pack, each proven by the receipt beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from projections.ledger.leaves import LeafEvent, MalformedLeaf
from projections.ledger.merkle import ProofRefused
from projections.ledger.notes import MalformedNote, NoteRefused
from projections.ledger.receipt import Receipt
from projections.packs import layout
from projections.packs.contents import PackFiles, Refused, an_object
from projections.packs.layout import Json, Place, StoredRow
from projections.packs.trust import SignedCheckpoint

REFUSED: Final = (MalformedNote, MalformedLeaf, NoteRefused, ProofRefused)
"""What reading and checking a receipt raises."""


@dataclass(frozen=True)
class Proofs:
    """Finds what is stored in the files of a pack, and proves it under its checkpoint."""

    files: PackFiles
    signed: SignedCheckpoint

    def stored(self, place: Place) -> list[StoredRow]:
        """What is stored of one thing, each proven, versions without holes. Raises Refused."""
        name = place.file(layout.STORED)
        leaves, rows = _parsed(name, self.files.bytes_of(name), place)
        found = []
        for number, (leaf, row) in enumerate(zip(leaves, rows, strict=True)):
            version = rows[0].originator_version + number
            if (str(row.originator_id), row.table) != (place.id, place.table):
                one = place.table.removesuffix("s")
                raise Refused(name, f"{one} {number + 1} in it is not one of this {place.called}")
            if row.originator_version != version:
                raise Refused(name, f"version {version} of the {place.called} is missing")
            found.append(self._proven(place.receipt(version), version, leaf))
        return found

    def _proven(self, name: str, version: int, leaf: bytes) -> StoredRow:
        text = self.files.text(name)
        try:
            receipt = Receipt.parse(text)
            if str(receipt) != text:
                raise Refused(name, "it has not the form of a receipt")
            if receipt.leaf != leaf:
                raise Refused(name, "it is the receipt of another event")
            if str(receipt.note) != self.signed.note:
                raise Refused(name, "it stands under another checkpoint")
            receipt.check(self.signed.checkpoint)
            return StoredRow(leaf, receipt.index)
        except REFUSED as problem:
            raise Refused(name, f"version {version} is not proven: {problem}") from None


def _parsed(name: str, content: bytes, place: Place) -> tuple[Sequence[bytes], Sequence[LeafEvent]]:
    try:
        leaves = layout.parse_copied(content)
        rows = [LeafEvent.parse(leaf) for leaf in leaves]
    except MalformedLeaf:
        raise Refused(name, f"it does not hold stored {place.table}") from None
    if not rows:
        raise Refused(name, f"it holds no {place.table.removesuffix('s')}")
    return leaves, rows


def readable(name: str, row: StoredRow, called: str = "event") -> Json:
    """What the readable form in the file `name` must say. Raises Refused."""
    try:
        found = row.readable(called)
    except MalformedLeaf:
        raise Refused(name, "what is stored is no JSON, so nothing can be readable") from None
    an_object(name, found["data"])
    return found
