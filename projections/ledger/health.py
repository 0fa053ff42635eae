"""How far the ledger is, how much of it is signed, and whether publishing works."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from projections.ledger import statements
from projections.ledger.tree import newest


@dataclass(frozen=True)
class PlaceHealth:
    """One place of publication.

    `tree_size`: of the last checkpoint there. `age_seconds`: since it was published.
    `behind_seconds`: age of the oldest event that it does not cover, 0 when it covers all.
    `failing_seconds` and `fault`: since when publishing fails, and why; None while it works.
    """

    place: str
    tree_size: int | None
    age_seconds: float | None
    behind_seconds: float
    failing_seconds: float | None
    fault: str | None


@dataclass(frozen=True)
class LedgerHealth:
    """The ledger's state.

    `lag_seconds`: age of the oldest event that is not in the tree, 0 when there is none.
    `unsigned_seconds`: the same for the newest checkpoint. `signed_size` is None where nothing
    was ever signed. `signing_keys`: how many keys of the ledger signed it; two during a changeover.
    """

    size: int
    position: int
    lag_seconds: float
    signed_size: int | None
    signing_keys: int
    unsigned_seconds: float
    places: tuple[PlaceHealth, ...]


def ledger_health(connection: Connection) -> LedgerHealth:
    """The state of this database's ledger."""
    size, position = newest(connection)
    row = connection.execute(statements.NEWEST_CHECKPOINT).first()
    signed = row.tree_size if row else None
    return LedgerHealth(
        size,
        max(position, 0),
        _oldest_behind(connection, position),
        signed,
        _own_signatures(row.note) if row else 0,
        _oldest_beyond(connection, signed),
        tuple(_place(connection, *found) for found in connection.execute(statements.PLACES)),
    )


def _own_signatures(note: str) -> int:
    """How many signature lines bear the ledger's own name, which is the first line."""
    origin = note.partition("\n")[0]
    return note.count(f"\n\N{EM DASH} {origin} ")


def _place(
    connection: Connection,
    place: str,
    tree_size: int | None,
    age_seconds: float | None,
    failing_seconds: float | None,
    fault: str | None,
) -> PlaceHealth:
    behind_seconds = _oldest_beyond(connection, tree_size)
    return PlaceHealth(place, tree_size, age_seconds, behind_seconds, failing_seconds, fault)


def _oldest_beyond(connection: Connection, size: int | None) -> float:
    """Age of the oldest event that a tree of this size does not cover."""
    words = {"index": (size or 0) - 1}
    found = connection.execute(statements.POSITION_AT, words).scalar() if size else None
    return _oldest_behind(connection, -1 if found is None else int.from_bytes(found))


def _oldest_behind(connection: Connection, position: int) -> float:
    found = connection.execute(statements.OLDEST_BEHIND, {"position": position}).scalar()
    return max(0.0, found or 0.0)
