"""Verifying everything: the tree anew from the stored bytes, against the ledger and checkpoints."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Engine, text

from projections.ledger.claims import Claims
from projections.ledger.cosigning import ask
from projections.ledger.findings import Kind, Verified, Wrong
from projections.ledger.notes import VerifierKey
from projections.ledger.places import Place, PlaceUnusable, PublishedDiffers
from projections.ledger.tree import LedgerBroken
from projections.ledger.walk import Walk, placed
from projections.ledger.witnesses import Witness
from service.progress import Tell, tell_nobody


def verify_ledger(
    database: Engine,
    places: Sequence[Place],
    keys: Collection[VerifierKey],
    tell: Tell = tell_nobody,
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
        Walk(connection, claims, found, tell).run()
        for wrong in claims.wrong:
            found.add(placed(connection, wrong))
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
