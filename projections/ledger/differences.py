"""What differs between neighbouring leaves of the ledger and the events as they are stored now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from projections.ledger.findings import Kind, Wrong
from projections.ledger.leaves import as_position


class Leaves(NamedTuple):
    """Positions, 8 bytes each, and hashes; of each as many."""

    positions: Sequence[bytes]
    hashes: Sequence[bytes]


def differences(ledger: Leaves, events: Leaves, first_index: int) -> Iterator[Wrong]:
    """Each difference, the ledger's leaves having their places in the tree from `first_index` on.

    What is told as CHANGED may be the ledger's hash that was changed: only a signed root tells.
    """
    if ledger.positions != events.positions and ledger.hashes == events.hashes:
        yield _moved(ledger.positions, events.positions, first_index)
        return
    stored = dict(zip(*events, strict=True))
    for index, (position, hashed) in enumerate(zip(*ledger, strict=True), first_index):
        now = stored.pop(position, None)
        if now is None:
            yield Wrong(Kind.MISSING, as_position(position), index, "the event is gone")
        elif now != hashed:
            yield Wrong(Kind.CHANGED, as_position(position), index, "the event was changed")
    for position in stored:
        yield Wrong(Kind.INSERTED, as_position(position), None, "the event was added afterwards")


def _moved(ledger: Sequence[bytes], events: Sequence[bytes], first_index: int) -> Wrong:
    """The first event of which the ledger names another position."""
    pairs = enumerate(zip(ledger, events, strict=True), first_index)
    index, position = next((index, there) for index, (known, there) in pairs if known != there)
    says = "the ledger has another position for this event"
    return Wrong(Kind.TREE, as_position(position), index, says)
