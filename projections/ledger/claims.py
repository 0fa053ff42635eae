"""Checkpoints as claims about the tree: those published and those in the database, verified."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection

from projections.ledger import statements
from projections.ledger.findings import Kind, Verified, Wrong
from projections.ledger.notes import (
    Checkpoint,
    MalformedNote,
    Note,
    NoteRefused,
    Signature,
    UnknownSigners,
    VerifierKey,
    opened,
)
from projections.ledger.places import Place

PUBLISHED, STORED = "the published checkpoint", "the database's checkpoint"
ROWS_AHEAD = 1_000


class Claim(NamedTuple):
    """What checkpoints say about the root over so many leaves; one root, unless they disagree."""

    size: int
    roots: frozenset[bytes]


class _Found(NamedTuple):
    size: int
    where: str
    note: str


@dataclass
class Claims:
    """Every checkpoint there is, by size, one after the other: there may be millions.

    `wrong` fills while one iterates. Without a key that is trusted, signatures are not looked at.
    """

    connection: Connection
    places: Sequence[Place]
    keys: Collection[VerifierKey]
    found: Verified
    wrong: list[Wrong] = field(default_factory=list)

    def __iter__(self) -> Iterator[Claim]:
        """The claims, smallest size first. Raises PlaceUnusable."""
        sources = [*map(self._published, self.places), self._stored()]
        everything = heapq.merge(*sources, key=lambda each: each.size)
        for size, group in groupby(everything, key=lambda each: each.size):
            notes = {each.where: each.note for each in group}
            roots = frozenset(self._roots(size, notes))
            if STORED not in notes:
                says = f"the checkpoint over {size} events was published but is not stored"
                self._refuse(size, says)
            if roots:
                yield Claim(size, roots)

    def _published(self, place: Place) -> Iterator[_Found]:
        for size, note in place.checkpoints():
            self.found.published += 1
            yield _Found(size, f"{PUBLISHED} ({place.name})", note)

    def _stored(self) -> Iterator[_Found]:
        options = {"stream_results": True, "max_row_buffer": ROWS_AHEAD}
        stream = self.connection.execution_options(**options)
        with stream.execute(statements.CHECKPOINTS) as rows:
            for row in rows:
                yield _Found(row.tree_size, STORED, row.note)

    def _roots(self, size: int, notes: dict[str, str]) -> Iterator[bytes]:
        """The roots in these notes, each of which is verified once."""
        for note in dict.fromkeys(notes.values()):
            where = next(where for where, each in notes.items() if each == note)
            try:
                checkpoint = self._opened(note)
            except (MalformedNote, NoteRefused) as problem:
                self._refuse(size, f"{where} over {size} events is refused: {problem}")
                continue
            if checkpoint.size != size:
                self._refuse(size, f"{where} over {size} events speaks of {checkpoint.size}")
                continue
            yield checkpoint.root

    def _opened(self, note: str) -> Checkpoint:
        if not self.keys:
            return Checkpoint.parse(Note.parse(note).text)
        self.found.signatures += 1
        return opened(note, self.keys)

    def _refuse(self, size: int, says: str) -> None:
        self.wrong.append(Wrong(Kind.CHECKPOINT, None, size - 1, says))

    def check_cosignatures(self, witnesses: Collection[VerifierKey]) -> None:
        """Verify what these witnesses signed, as it is stored."""
        for row in self.connection.execute(statements.ALL_COSIGNATURES):
            try:
                note = Note.parse(row.note)
                signed = replace(note, signatures=(Signature.parse(row.line),))
                self.found.cosignatures += len(signed.signers(witnesses))
            except UnknownSigners:
                continue
            except (MalformedNote, NoteRefused):
                self._refuse(row.tree_size, f"a cosignature over {row.tree_size} events is wrong")

    def check_keys(self) -> None:
        """Hold the keys in the database against those that are trusted."""
        trusted = {str(key) for key in self.keys}
        for row in self.connection.execute(statements.KEYS):
            if self.keys and row.verifier_key not in trusted:
                says = "the database names a signing key that is not trusted"
                self.wrong.append(Wrong(Kind.KEY, None, None, says))


def trusted_keys(places: Sequence[Place], given: Collection[VerifierKey]) -> list[VerifierKey]:
    """The keys given, or else those of the first place that has some. Never the database's.

    Raises PlaceUnusable.
    """
    published = (place.keys() for place in places)
    return list(given) or next((keys for keys in published if keys), [])
