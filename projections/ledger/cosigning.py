"""Having the newest checkpoint cosigned by one witness, and asking it how far it knows us."""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from projections.ledger import statements
from projections.ledger.merkle import consistency_proof
from projections.ledger.notes import MalformedNote, Note
from projections.ledger.places import PlaceUnusable, PublishedDiffers, note_failure
from projections.ledger.tree import Tree
from projections.ledger.witnesses import OtherSize, Witness

MOST_TRIES = 3
"""Another worker may have been there between our question and our answer, but not for ever."""


class Cosigner:
    """Brings checkpoints to one witness, and keeps what it signs beside them."""

    def __init__(self, database: Engine, witness: Witness) -> None:
        self._database = database
        self._witness = witness

    def publish(self) -> int | None:
        """Have the newest checkpoint cosigned unless it is; its size, or None.

        Raises what went wrong, after it was noted.
        """
        try:
            return self._publish()
        except Exception as error:
            note_failure(self._database, self._witness.name, error)
            raise

    def _publish(self) -> int | None:
        with self._database.connect() as connection:
            row = connection.execute(statements.NEWEST_CHECKPOINT).first()
            known = _known_size(connection, self._witness)
        if row is None or known == row.tree_size:
            return None
        lines = cosigned(self._database, self._witness, known, row.tree_size, Note.parse(row.note))
        with self._database.begin() as connection:
            rows = [{"size": row.tree_size, "line": line} for line in lines]
            connection.execute(statements.ADD_COSIGNATURE, rows)
            words = {"place": self._witness.name, "size": row.tree_size}
            connection.execute(statements.PUBLISHED, words)
        return int(row.tree_size)


def cosigned(database: Engine, witness: Witness, known: int, size: int, note: Note) -> list[str]:
    """The witness's signatures under a checkpoint; what it knows is learned from its refusal.

    Raises PublishedDiffers where it knows more than there is or another history, PlaceUnusable.
    """
    for _ in range(MOST_TRIES):
        if known > size:
            raise PublishedDiffers(witness.name)
        # No connection is kept while the witness is asked: it may take its time.
        with database.connect() as connection:
            proof = consistency_proof(known, size, Tree(connection).hash_of)
        try:
            return witness.add(known, proof, note)
        except OtherSize as other:
            known = other.size
    raise PlaceUnusable("does not cosign: it keeps naming other sizes")


def ask(database: Engine, witness: Witness) -> bool:
    """Whether the witness cosigned the newest checkpoint; False where there is none.

    Raises PublishedDiffers, PlaceUnusable, LedgerBroken.
    """
    with database.connect() as connection:
        row = connection.execute(statements.NEWEST_CHECKPOINT).first()
    if row is None:
        return False
    # From 0 on, whatever the database says: the witness tells what it knows.
    return bool(cosigned(database, witness, 0, row.tree_size, _note(row.note, witness)))


def _note(text: str, witness: Witness) -> Note:
    try:
        return Note.parse(text)
    except MalformedNote:
        raise PublishedDiffers(witness.name) from None


def _known_size(connection: Connection, witness: Witness) -> int:
    """The size that the witness cosigned last, as far as we know; 0 for none."""
    words = {"place": witness.name}
    return int(connection.execute(statements.PUBLISHED_SIZE, words).scalar() or 0)
