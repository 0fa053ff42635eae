"""Checkpoints as claims about the tree: those published and those in the database, verified."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection

from projections.ledger import statements
from projections.ledger.directory import CheckpointDirectory, read_note
from projections.ledger.findings import Kind, Verified, Wrong
from projections.ledger.notes import Checkpoint, MalformedNote, Note, NoteRefused, VerifierKey
from projections.ledger.notes import opened as opened_note
from projections.ledger.places import PlaceUnusable

IN_DATABASE = "the database's checkpoint"


@dataclass
class Claims:
    """What checkpoints say about the roots, by size, and what is wrong with the checkpoints.

    Without a key that is trusted, signatures are not looked at.
    """

    keys: Collection[VerifierKey]
    roots: dict[int, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    wrong: list[Wrong] = field(default_factory=list)
    _seen: dict[str, Checkpoint] = field(default_factory=dict)

    def read(self, connection: Connection, directory: CheckpointDirectory, found: Verified) -> None:
        """Take in every checkpoint there is. Raises PlaceUnusable."""
        published = set(self._published(directory))
        stored = set(self._stored(connection))
        found.published, found.signatures = len(published), len(self._seen) if self.keys else 0
        for size in sorted(published - stored):
            self._refuse(size, f"the checkpoint over {size} events was published but is not stored")
        self._check_keys(connection)

    def _published(self, directory: CheckpointDirectory) -> Iterator[int]:
        for path in directory.files():
            size = int(path.name)
            if self._take(size, read_note(path), "the published checkpoint"):
                yield size

    def _stored(self, connection: Connection) -> Iterator[int]:
        for row in connection.execute(statements.CHECKPOINTS):
            self._take(row.tree_size, row.note, IN_DATABASE)
            yield row.tree_size

    def _take(self, size: int, note: str, where: str) -> bool:
        try:
            checkpoint = self._seen.get(note) or self._opened(note)
        except (MalformedNote, NoteRefused) as problem:
            self._refuse(size, f"{where} over {size} events is refused: {problem}")
            return False
        if checkpoint.size != size:
            self._refuse(size, f"{where} over {size} events speaks of {checkpoint.size}")
            return False
        self._seen[note] = checkpoint
        self.roots[size].add(checkpoint.root)
        return True

    def _opened(self, note: str) -> Checkpoint:
        if self.keys:
            return opened_note(note, self.keys)
        return Checkpoint.parse(Note.parse(note).text)

    def _refuse(self, size: int, says: str) -> None:
        self.wrong.append(Wrong(Kind.CHECKPOINT, None, size - 1, says))

    def _check_keys(self, connection: Connection) -> None:
        trusted = {str(key) for key in self.keys}
        for row in connection.execute(statements.KEYS):
            if self.keys and row.verifier_key not in trusted:
                says = "the database names a signing key that is not among the published ones"
                self.wrong.append(Wrong(Kind.KEY, None, None, says))


def trusted_keys(
    directory: CheckpointDirectory, given: Collection[VerifierKey]
) -> list[VerifierKey]:
    """The keys given, or else those that were published. Never those in the database.

    Raises PlaceUnusable.
    """
    return list(given) or directory.keys()


__all__ = ["Claims", "PlaceUnusable", "trusted_keys"]
