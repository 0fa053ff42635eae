"""Verifying everything: the tree anew from the stored bytes, against the ledger and checkpoints.

Three things are held against each other: the events, the ledger's hash of each, and the signed
roots. Where a signed root agrees with the ledger, the ledger tells which event was changed, lost
or added. Where it agrees with the events instead, the ledger itself was changed. Where it agrees
with neither, history was rewritten since the last root that did.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine, Row, text

from projections.ledger import statements
from projections.ledger.claims import Claim, Claims
from projections.ledger.cosigning import ask
from projections.ledger.edge import Edge, Node
from projections.ledger.findings import Kind, Verified, Wrong
from projections.ledger.leaves import (
    as_position,
    leaf_hashes,
    position_of,
    positions_of,
    read_stored,
)
from projections.ledger.merkle import HASH_BYTES
from projections.ledger.notes import VerifierKey
from projections.ledger.places import Place, PlaceUnusable, PublishedDiffers
from projections.ledger.tree import POSITION_BYTES, LedgerBroken, split
from projections.ledger.witnesses import Witness

LOWEST: Final = -(2**63)
"""Positions begin at 0; what somebody put below must be found."""

MOST: Final = 2**63 - 1

BATCH: Final = 8_000
"""Few enough that the server sorts them in memory."""
ROWS_AHEAD: Final = 200

Tell = Callable[[int, int], object]
"""Told how many events of how many were looked at."""


class Batch(NamedTuple):
    """Neighbouring leaves of the ledger: 8 bytes of position and 32 of hash for each."""

    positions: bytes
    hashes: bytes

    @property
    def last_position(self) -> int:
        return as_position(self.positions[-POSITION_BYTES:])


def verify_ledger(
    database: Engine,
    places: Sequence[Place],
    keys: Collection[VerifierKey],
    tell: Tell = lambda done, total: None,
    witnesses: Collection[Witness] = (),
) -> Verified:
    """Look at every event, every row of the ledger and every checkpoint, in one snapshot.

    `keys` are trusted; without any, signatures are not looked at. Afterwards each witness is
    asked to cosign the newest checkpoint once more: it does if that continues all it ever saw.
    Raises PlaceUnusable where a place cannot be read.
    """
    snapshot = database.execution_options(isolation_level="REPEATABLE READ")
    with snapshot.connect() as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        found = Verified()
        claims = Claims(connection, places, keys, found)
        claims.check_keys()
        claims.check_cosignatures([each.key for each in witnesses])
        _Verification(connection, claims, found, tell).run()
        for wrong in claims.wrong:
            found.add(_placed(connection, wrong))
    for witness in witnesses:
        _ask(database, witness, found)
    return found


def _ask(database: Engine, witness: Witness, found: Verified) -> None:
    try:
        found.witnesses += ask(database, witness)
    except PlaceUnusable as problem:
        found.unreached.append(f"{witness.name} {problem}")
    except PublishedDiffers:
        says = f"{witness.name} saw more events, or others, than the ledger begins with"
        found.add(Wrong(Kind.WITNESS, None, None, says))
    except LedgerBroken:
        pass  # what is missing was found above


class _Verification:
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
        for batch in self._batches():
            self._compare(batch)
            self._tell(self._ledger.size, total)
        self._settle(Kind.CHANGED, self._ledger.size)
        self._look_for_nodes()
        self._look_beyond()

    def _total(self) -> int:
        return int(self._connection.execute(statements.NEWEST).scalar() or 0)

    def _batches(self) -> Iterator[Batch]:
        """The ledger's leaves without a gap; a gap ends them, and is noted."""
        positions, hashes, size = bytearray(), bytearray(), 0
        options = {"stream_results": True, "max_row_buffer": ROWS_AHEAD}
        stream = self._connection.execution_options(**options)
        with stream.execute(statements.ALL_LEAVES) as rows:
            for row in rows:
                if not _fits(row, size):
                    self._note(Kind.TREE, size, "the ledger has a gap or a doubled row")
                    break
                positions += row.positions
                hashes += row.hashes
                size += row.leaf_count
                if len(hashes) >= BATCH * HASH_BYTES:
                    yield Batch(bytes(positions), bytes(hashes))
                    positions, hashes = bytearray(), bytearray()
        if hashes:
            yield Batch(bytes(positions), bytes(hashes))

    def _read(self, up_to: int) -> Sequence[bytes]:
        with closing(self._connection.connection.cursor()) as cursor:
            return read_stored(cursor, self._after, up_to)

    def _compare(self, batch: Batch) -> None:
        leaves = self._read(batch.last_position)
        hashes = leaf_hashes(leaves)
        positions = positions_of(leaves)
        self._found.events += len(leaves)
        ledger = hashes
        if (positions, b"".join(hashes)) != batch:
            ledger = split(batch.hashes, HASH_BYTES)
            self._tell_apart(batch, ledger, positions, hashes)
        self._grow(ledger, hashes)
        self._after = batch.last_position

    def _tell_apart(
        self, batch: Batch, ledger: list[bytes], positions: bytes, hashes: list[bytes]
    ) -> None:
        """Note each difference between the ledger and the events of the same positions."""
        known = split(batch.positions, POSITION_BYTES)
        there = split(positions, POSITION_BYTES)
        if known == there:
            self._events = self._events or deepcopy(self._ledger)
        elif ledger == hashes:
            at = next(
                n for n, (one, other) in enumerate(zip(known, there, strict=True)) if one != other
            )
            self._wrong(Kind.TREE, there[at], at, "the ledger has another position for this event")
            return
        stored = dict(zip(there, hashes, strict=True))
        for at, (position, hashed) in enumerate(zip(known, ledger, strict=True)):
            if (now := stored.pop(position, None)) is None:
                self._wrong(Kind.MISSING, position, at, "the event is gone")
            elif now != hashed:
                place = as_position(position), self._ledger.size + at
                self._suspects.append(Wrong(Kind.CHANGED, *place, "the event was changed"))
        for position in stored:
            self._wrong(Kind.INSERTED, position, None, "the event was added afterwards")

    def _grow(self, ledger: list[bytes], events: list[bytes]) -> None:
        """Add leaves, and stop at each size that a checkpoint speaks of."""
        begin, first = 0, self._ledger.size
        for claim in self._claims_up_to(first + len(ledger)):
            self._add(ledger[begin : claim.size - first], events[begin : claim.size - first])
            begin = claim.size - first
            self._hold_against(claim)
        self._add(ledger[begin:], events[begin:])

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
                self._beyond(leaf_hashes(leaves))
            self._after = position_of(leaves[-1])
        if self._agreed > covered and first is not None:
            says = f"the ledger ends after {covered} events, and {self._agreed} were signed"
            self._found.add(Wrong(Kind.TREE, first, covered, says))
        claimed = [claim.size for claim in self._claims_up_to(MOST)]
        if claimed and not self._rewritten:
            self._cut_off(claimed[-1])

    def _beyond(self, hashes: list[bytes]) -> None:
        begin, first = 0, self._ledger.size
        for claim in self._claims_up_to(first + len(hashes)):
            self._ledger.append(hashes[begin : claim.size - first])
            begin = claim.size - first
            self._hold_against(claim)
        self._ledger.append(hashes[begin:])

    def _read_next(self) -> Sequence[bytes]:
        with closing(self._connection.connection.cursor()) as cursor:
            return read_stored(cursor, self._after, limit=BATCH)

    def _cut_off(self, signed: int) -> None:
        size = self._ledger.size
        says = (
            f"behind position {self._after} events were cut off: {signed} were signed, "
            f"and there are {size}"
        )
        self._found.add(Wrong(Kind.MISSING, None, size, says))

    def _wrong(self, kind: Kind, position: bytes, at: int | None, says: str) -> None:
        index = None if at is None else self._ledger.size + at
        self._found.add(Wrong(kind, as_position(position), index, says))

    def _note(self, kind: Kind, index: int, says: str) -> None:
        self._found.add(_placed(self._connection, Wrong(kind, None, index, says)))


def _fits(row: Row[Any], size: int) -> bool:
    """Whether a row of leaves follows the ones before it and says the same in all its columns."""
    columns = (row.first_index, row.leaf_count, row.last_position)
    leaf_count = len(row.hashes) // HASH_BYTES
    return columns == (size, leaf_count, as_position(bytes(row.positions[-POSITION_BYTES:])))


def _placed(connection: Connection, wrong: Wrong) -> Wrong:
    """The same with the position of the event at its index, where the ledger tells it."""
    if wrong.index is None or wrong.position is not None:
        return wrong
    found = connection.execute(statements.POSITION_AT, {"index": wrong.index}).scalar()
    return wrong if found is None else replace(wrong, position=as_position(bytes(found)))


def _stored_nodes(connection: Connection) -> dict[tuple[int, int], bytes]:
    rows = connection.execute(statements.ALL_NODES)
    return {(row.height, row.number): bytes(row.hash) for row in rows}
