"""Publishing checkpoints to places outside the database, and never two histories to one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

from sqlalchemy import Connection, Engine

from projections.faults import name_of
from projections.ledger import statements
from projections.ledger.merkle import EMPTY_ROOT
from projections.ledger.notes import Checkpoint, MalformedNote, Note, VerifierKey
from projections.ledger.tree import LedgerBroken, Tree, newest

CONTRADICTED: Final = "published checkpoints contradict the ledger"


class PublishedDiffers(Exception):
    """What was published before is no part of the tree: events were cut off or changed."""

    def __init__(self, place: str) -> None:
        super().__init__(f"what was published to {place} is not part of the ledger")
        self.place = place


class PlaceUnusable(Exception):
    """A place does not take a checkpoint now; the message is fit for operators."""


class Place(Protocol):
    """Where checkpoints are kept out of reach of the database's administrators."""

    name: str

    def newest(self) -> Checkpoint | None:
        """The checkpoint over most events that lies there. Raises PlaceUnusable, MalformedNote."""

    def put(self, size: int, note: Note, keys: list[str]) -> None:
        """Keep a checkpoint, and the keys that ever signed. Raises PlaceUnusable."""

    def checkpoints(self) -> Iterator[tuple[int, str]]:
        """Every checkpoint there with its size, the smallest first. Raises PlaceUnusable."""

    def keys(self) -> list[VerifierKey]:
        """The public keys that were published there. Raises PlaceUnusable."""


def require_consistent(connection: Connection, place: Place) -> None:
    """Raise PublishedDiffers unless the tree begins with what was published there last."""
    last = place.newest()
    if last is None:
        return
    size, _ = newest(connection)
    if last.size > size or root_over(connection, last.size) != last.root:
        raise PublishedDiffers(place.name)


def root_over(connection: Connection, size: int) -> bytes:
    """The root of the stored tree over its first events. Raises LedgerBroken."""
    return Tree(connection).hash_of(0, size) if size else EMPTY_ROOT


class Publisher:
    """Brings the newest checkpoint to one place, and notes in the database whether it could."""

    def __init__(self, database: Engine, place: Place) -> None:
        self._database = database
        self._place = place
        self._known: Checkpoint | None = None  # published here, and by us

    def publish(self) -> int | None:
        """Publish the newest checkpoint unless it is there; its size, or None.

        Raises what went wrong, after it was noted.
        """
        try:
            return self._publish()
        except Exception as error:
            self.failed(error)
            raise

    def failed(self, error: Exception) -> None:
        """Note why nothing can be published here."""
        note_failure(self._database, self._place.name, error)

    def _publish(self) -> int | None:
        with self._database.connect() as connection:
            row = connection.execute(statements.NEWEST_CHECKPOINT).first()
            if row is None:
                return None
            note = Note.parse(row.note)
            checkpoint, last = Checkpoint.parse(note.text), self._place.newest()
            if last == checkpoint:
                return None
            if last != self._known:  # else the signer has seen to it
                require_consistent(connection, self._place)
            keys = [each.verifier_key for each in connection.execute(statements.KEYS)]
        self._place.put(row.tree_size, note, keys)
        self._known = checkpoint
        with self._database.begin() as connection:
            words = {"place": self._place.name, "size": row.tree_size}
            connection.execute(statements.PUBLISHED, words)
        return int(row.tree_size)


def note_failure(database: Engine, place: str, error: Exception) -> None:
    """Note why nothing can be published to a place, for `doctor`, /readyz and /metrics."""
    with database.begin() as connection:
        connection.execute(statements.FAILING, {"place": place, "fault": _fault(error)})


def _fault(error: Exception) -> str:
    if isinstance(error, PublishedDiffers):
        return CONTRADICTED
    if isinstance(error, LedgerBroken):
        return "the ledger lacks rows"
    if isinstance(error, MalformedNote):
        return "what lies there is no checkpoint"
    return str(error) if isinstance(error, PlaceUnusable) else name_of(error)
