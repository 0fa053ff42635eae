"""One walk through the ledger and the events, in order, and what is wrong on the way.

Three things are held against each other: the events, the ledger's hash of each, and the signed
roots. Where a signed root agrees with the ledger, the ledger tells which event was changed, lost
or added. Where it agrees with the events instead, the ledger itself was changed. Where it agrees
with neither, history was rewritten since the last root that did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from projections.ledger import statements
from projections.ledger.claims import Claim, Claims
from projections.ledger.differences import Leaves, differences
from projections.ledger.edge import Edge, Node
from projections.ledger.findings import Kind, Verified, Wrong
from projections.ledger.leaf_batches import LEAVES_AT_ONCE, Batch, batches
from projections.ledger.leaves import (
    as_position,
    leaf_hashes,
    position_of,
    positions_of,
    read_stored,
)
from projections.ledger.merkle import HASH_BYTES
from projections.ledger.tree import POSITION_BYTES, split
from service.progress import Tell

LOWEST: Final = -(2**63)
"""Positions begin at 0; what somebody put below must be found."""

EVERY_SIZE: Final = 2**63 - 1


def placed(connection: Connection, wrong: Wrong) -> Wrong:
    """The same with the position of the event at its index, where the ledger tells it."""
    if wrong.index is None or wrong.position is not None:
        return wrong
    found = connection.execute(statements.POSITION_AT, {"index": wrong.index}).scalar()
    return wrong if found is None else replace(wrong, position=as_position(bytes(found)))


class Walk:
    """One walk through the ledger and the events, in order."""

    def __init__(self, connection: Connection, claims: Claims, found: Verified, tell: Tell) -> None:
        self._connection = connection
        self._claims = iter(claims)
        self._claim = next(self._claims, None)
        self._found = found
        self._tell = tell
        self._ledger = Edge()
        self._events: Edge | None = None  # where the events differ from the ledger in content only
        self._suspects: list[Wrong] = []
        self._after = LOWEST
        self._agreed = 0
        self._rewritten = False
        self._nodes = _stored_nodes(connection)

    def run(self) -> None:
        """Walk through it all; what is wrong is in `found` afterwards."""
        total = self._total()
        for batch in batches(self._connection, self._note_gap):
            self._compare(batch)
            self._tell(self._ledger.size, total)
        self._settle(Kind.CHANGED, self._ledger.size)
        self._look_for_nodes()
        self._look_beyond()

    def _total(self) -> int:
        return int(self._connection.execute(statements.NEWEST).scalar() or 0)

    def _read(self, up_to: int) -> Sequence[bytes]:
        with closing(self._connection.connection.cursor()) as cursor:
            return read_stored(cursor, self._after, up_to)

    def _note_gap(self, size: int) -> None:
        self._note(Kind.TREE, size, "the ledger has a gap or a doubled row")

    def _compare(self, batch: Batch) -> None:
        leaves = self._read(batch.last_position)
        hashes = leaf_hashes(leaves)
        positions = positions_of(leaves)
        self._found.events += len(leaves)
        ledger = hashes
        if (positions, b"".join(hashes)) != batch:
            ledger = split(batch.hashes, HASH_BYTES)
            known = Leaves(split(batch.positions, POSITION_BYTES), ledger)
            self._tell_apart(known, Leaves(split(positions, POSITION_BYTES), hashes))
        for part in self._parts(len(ledger)):
            self._add(ledger[part], hashes[part])
        self._after = batch.last_position

    def _tell_apart(self, ledger: Leaves, events: Leaves) -> None:
        """Note each difference; those of content stay suspects until a signed root tells more."""
        if ledger.positions == events.positions:
            self._events = self._events or deepcopy(self._ledger)
        for wrong in differences(ledger, events, self._ledger.size):
            if wrong.kind is Kind.CHANGED:
                self._suspects.append(wrong)
            else:
                self._found.add(wrong)

    def _parts(self, leaf_count: int) -> Iterator[slice]:
        """The next leaves, parted at each size that a checkpoint speaks of.

        The checkpoint is held against the tree once the part before it was added.
        """
        first, begin = self._ledger.size, 0
        for claim in self._claims_up_to(first + leaf_count):
            end = claim.size - first
            yield slice(begin, end)
            self._hold_against(claim)
            begin = end
        yield slice(begin, None)

    def _claims_up_to(self, size: int) -> Iterator[Claim]:
        while self._claim is not None and self._claim.size <= size:
            yield self._claim
            self._claim = next(self._claims, None)

    def _add(self, ledger: list[bytes], events: list[bytes]) -> None:
        nodes = self._ledger.append(ledger)
        others = nodes if self._events is None else self._events.append(events)
        for node, other in zip(nodes, others, strict=False):
            self._check_node(node, other)

    def _hold_against(self, claim: Claim) -> None:
        """Compare the root over so many leaves with what checkpoints say."""
        size, claimed = claim
        self._found.checkpoints += len(claimed)
        if self._ledger.root() in claimed:
            self._settle(Kind.CHANGED, size)
            self._agreed = size
        elif self._events is not None and self._events.root() in claimed:
            self._settle(Kind.TREE, size)
            self._ledger = deepcopy(self._events)
            self._agreed = size
        elif not self._rewritten:
            self._settle(Kind.CHANGED, size)
            self._rewrite(size)
            return
        if not self._suspects:
            self._events = None
        if len(claimed) > 1:
            says = f"checkpoints over {size} events contradict each other"
            self._note(Kind.CHECKPOINT, size - 1, says)

    def _rewrite(self, size: int) -> None:
        self._rewritten = True
        says = (
            f"events {self._agreed + 1} to {size} do not lead to the root that was signed over "
            f"{size} events; one of them was changed, and the ledger with it"
        )
        self._note(Kind.REWRITTEN, self._agreed, says)

    def _settle(self, kind: Kind, size: int) -> None:
        """Decide what the differences of content among the first events were."""
        says = {Kind.TREE: "the ledger's hash of this event was changed"}
        while self._suspects and (self._suspects[0].index or 0) < size:
            suspect = self._suspects.pop(0)
            self._found.add(replace(suspect, kind=kind, says=says.get(kind, suspect.says)))

    def _check_node(self, node: Node, other: Node) -> None:
        """It must agree with the ledger's leaves, or with the events where those differ."""
        if self._nodes.pop((node.height, node.number), None) not in (node.hash, other.hash):
            self._note(Kind.TREE, node.number << node.height, "a node of the ledger was changed")

    def _look_for_nodes(self) -> None:
        for height, number in sorted(self._nodes):
            self._note(Kind.TREE, number << height, "the ledger has a node too many")

    def _look_beyond(self) -> None:
        """Events behind the ledger's end: normal while they are new, unless a root covers them."""
        covered = self._ledger.size
        first: int | None = None
        while leaves := self._read_next():
            first = first or position_of(leaves[0])
            self._found.events += len(leaves)
            self._found.waiting += len(leaves)
            if self._claim is not None:
                hashes = leaf_hashes(leaves)
                for part in self._parts(len(hashes)):
                    self._ledger.append(hashes[part])
            self._after = position_of(leaves[-1])
        if self._agreed > covered and first is not None:
            says = f"the ledger ends after {covered} events, and {self._agreed} were signed"
            self._found.add(Wrong(Kind.TREE, first, covered, says))
        claimed = [claim.size for claim in self._claims_up_to(EVERY_SIZE)]
        if claimed and not self._rewritten:
            self._cut_off(claimed[-1])

    def _read_next(self) -> Sequence[bytes]:
        with closing(self._connection.connection.cursor()) as cursor:
            return read_stored(cursor, self._after, limit=LEAVES_AT_ONCE)

    def _cut_off(self, signed: int) -> None:
        size = self._ledger.size
        says = (
            f"behind position {self._after} events were cut off: {signed} were signed, "
            f"and there are {size}"
        )
        self._found.add(Wrong(Kind.MISSING, None, size, says))

    def _note(self, kind: Kind, index: int, says: str) -> None:
        self._found.add(placed(self._connection, Wrong(kind, None, index, says)))


def _stored_nodes(connection: Connection) -> dict[tuple[int, int], bytes]:
    rows = connection.execute(statements.ALL_NODES)
    return {(row.height, row.number): bytes(row.hash) for row in rows}
