"""Signing checkpoints: what the tree was when, in the name of this ledger."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, Row

from projections.ledger import statements
from projections.ledger.feeding import LedgerFeeder, take_turn
from projections.ledger.notes import Checkpoint, MalformedNote, Note, Signature, VerifierKey
from projections.ledger.places import Place, PlaceUnusable, require_consistent
from projections.ledger.tree import newest


class CheckpointSigner:
    """Signs the tree of a database; only the worker whose turn it is does.

    With several keys a checkpoint bears a signature of each: the newest key comes first.
    """

    def __init__(
        self,
        database: Engine,
        feeder: LedgerFeeder,
        origin: str,
        keys: Sequence[Ed25519PrivateKey],
        places: Sequence[Place],
    ) -> None:
        self._database = database
        self._feeder = feeder
        self._origin = origin
        self._keys = list(keys)
        self._places = places
        self._checked_at = -1  # the reading of the edge since which it only grew
        self.met_another = False
        """Whether another worker had the turn at the last try."""

    def sign(self) -> int | None:
        """Sign the tree if it grew since the last checkpoint; its size, or None.

        Raises PublishedDiffers where the tree contradicts what was published before: a log never
        signs two histories (tlog-checkpoint, "Signatures").
        """
        with self._database.begin() as connection:
            self.met_another = not take_turn(connection, synchronous=True)
            if self.met_another:
                return None
            size, _ = newest(connection)
            signed = newest_checkpoint(connection)
            if size == 0 or (signed and signed[0] >= size):
                return None
            root = self._feeder.edge_at(connection, size).root()
            if self._checked_at != self._feeder.edges_read:
                self._require_consistent(connection)
                self._checked_at = self._feeder.edges_read
            note = Checkpoint(self._origin, size, root).signed(*self._keys)
            for key in reversed(self._keys):
                verifier = str(VerifierKey.of(self._origin, key))
                connection.execute(statements.ADD_KEY, {"key": verifier})
            connection.execute(statements.ADD_CHECKPOINT, {"size": size, "note": str(note)})
        return size

    def _require_consistent(self, connection: Connection) -> None:
        """Raise PublishedDiffers where the tree contradicts a place.

        The first place must be readable. One of the others that is not is no reason to sign
        nothing: its own publisher tells of it, and publishes nothing there that contradicts it.
        """
        first, *others = self._places
        require_consistent(connection, first)
        for place in others:
            with suppress(PlaceUnusable, MalformedNote):
                require_consistent(connection, place)


def newest_checkpoint(connection: Connection) -> tuple[int, Note] | None:
    """The size and the note of the newest checkpoint, with what witnesses signed since."""
    row = connection.execute(statements.NEWEST_CHECKPOINT).first()
    return (row.tree_size, _with_cosignatures(connection, row)) if row else None


def checkpoint_over(connection: Connection, size: int) -> Note | None:
    """The checkpoint over exactly so many events, if there is one."""
    row = connection.execute(statements.CHECKPOINT_OVER, {"size": size}).first()
    return _with_cosignatures(connection, row) if row else None


def signing_keys(connection: Connection) -> list[tuple[VerifierKey, datetime]]:
    """The public keys that ever signed, and since when, the first one first."""
    rows = connection.execute(statements.KEYS)
    return [(VerifierKey.parse(row.verifier_key), row.first_used_at) for row in rows]


def _with_cosignatures(connection: Connection, row: Row[Any]) -> Note:
    note = Note.parse(row.note)
    lines = connection.execute(statements.COSIGNATURES, {"size": row.tree_size}).scalars()
    return Note(note.text, (*note.signatures, *(Signature.parse(line) for line in lines)))
