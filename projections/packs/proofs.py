"""The stored events in a pack, each proven by the receipt beside it."""

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
from projections.packs.layout import Json, StoredCaseEvent
from projections.packs.trust import SignedCheckpoint

REFUSED: Final = (MalformedNote, MalformedLeaf, NoteRefused, ProofRefused)
"""What reading and checking a receipt raises."""


@dataclass(frozen=True)
class Proofs:
    """Finds stored events in the files of a pack, and proves them under its checkpoint."""

    files: PackFiles
    signed: SignedCheckpoint

    def stored(self, case_id: str) -> list[StoredCaseEvent]:
        """The stored events of a case, each proven, versions without holes. Raises Refused."""
        name = layout.case_file(case_id, layout.STORED)
        leaves, events = _parsed(name, self.files.bytes_of(name))
        found = []
        for number, (leaf, event) in enumerate(zip(leaves, events, strict=True)):
            version = events[0].originator_version + number
            if (str(event.originator_id), event.table) != (case_id, "events"):
                raise Refused(name, f"event {number + 1} in it is not one of this case")
            if event.originator_version != version:
                raise Refused(name, f"version {version} of the case is missing")
            found.append(self._proven(layout.receipt_file(case_id, version), version, leaf))
        return found

    def _proven(self, name: str, version: int, leaf: bytes) -> StoredCaseEvent:
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
            return StoredCaseEvent(leaf, receipt.index)
        except REFUSED as problem:
            raise Refused(name, f"version {version} is not proven: {problem}") from None


def _parsed(name: str, content: bytes) -> tuple[Sequence[bytes], Sequence[LeafEvent]]:
    try:
        leaves = layout.parse_copied(content)
        events = [LeafEvent.parse(leaf) for leaf in leaves]
    except MalformedLeaf:
        raise Refused(name, "it does not hold stored events") from None
    if not events:
        raise Refused(name, "it holds no event")
    return leaves, events


def readable(name: str, event: StoredCaseEvent) -> Json:
    """What the readable form in the file `name` must say. Raises Refused."""
    try:
        found = event.readable()
    except MalformedLeaf:
        raise Refused(name, "what is stored is no JSON, so nothing can be readable") from None
    an_object(name, found["data"])
    return found
