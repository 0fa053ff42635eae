"""Parked cases: events that a read model could not take, what they hold back, what was skipped.

An event that fails parks its case, for that build only: the case's later events wait behind it,
all other cases go on. What fails is written down by its class, never by its message.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from projections.read_model import Fact

_METADATA = MetaData()

PARKED = Table(
    "parked_cases",
    _METADATA,
    Column("build", Text, primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False),
)
SKIPPED = Table(
    "skipped_events",
    _METADATA,
    Column("projection", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("event", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("skipped_at", DateTime(timezone=True), nullable=False),
)


@dataclass(frozen=True)
class ParkedCase:
    """A case that waits at an event: `version` is the event's in the case, `event` its name.

    `error` is the class of what went wrong; `attempts` counts how often the event was tried.
    """

    build: str
    case_id: UUID
    version: int
    position: int
    event: str
    error: str
    attempts: int
    parked_at: datetime


_IDS = cast(bindparam("ids", type_=ARRAY(Text)), ARRAY(Uuid))
_HELD = select(PARKED.c.case_id).where(
    PARKED.c.build == bindparam("build"), PARKED.c.case_id == any_(_IDS)
)


def held_back(connection: Connection, build: str, case_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these cases are parked for the build."""
    ids = [str(case_id) for case_id in case_ids]
    return set(connection.execute(_HELD, {"build": build, "ids": ids}).scalars())


def park(connection: Connection, build: str, fact: Fact, error: str, attempts: int = 1) -> None:
    """Let the case wait at this event, from now on; it was tried so many times."""
    values = {
        "version": fact.version,
        "position": fact.position,
        "event": fact.name,
        "error": error,
        "attempts": attempts,
    }
    row = insert(PARKED).values(build=build, case_id=fact.case_id, parked_at=func.now(), **values)
    again = row.on_conflict_do_update(index_elements=["build", "case_id"], set_=values)
    connection.execute(again)


def note_attempt(connection: Connection, parked: ParkedCase, error: str) -> None:
    """Count one more try that failed."""
    chosen = (PARKED.c.build == parked.build, PARKED.c.case_id == parked.case_id)
    tried = {"attempts": PARKED.c.attempts + 1, "error": error}
    connection.execute(PARKED.update().where(*chosen).values(**tried))


def release(connection: Connection, build: str, case_id: UUID) -> None:
    """Hold nothing back any more."""
    chosen = (PARKED.c.build == build, PARKED.c.case_id == case_id)
    connection.execute(PARKED.delete().where(*chosen))


def find(connection: Connection, build: str, case_id: UUID) -> ParkedCase | None:
    """Where the case waits, or None when it is not parked."""
    chosen = select(PARKED).where(PARKED.c.build == build, PARKED.c.case_id == case_id)
    row = connection.execute(chosen).first()
    return _parked(row) if row else None


def find_all(connection: Connection, build: str, limit: int = 1_000) -> list[ParkedCase]:
    """The build's parked cases, the one that waits longest first."""
    chosen = select(PARKED).where(PARKED.c.build == build)
    rows = connection.execute(chosen.order_by(PARKED.c.position).limit(limit))
    return [_parked(row) for row in rows]


def note_skip(
    connection: Connection, projection: str, parked: ParkedCase, reason: str, actor: str
) -> None:
    """Keep on record who passed over an event, and why; a rebuild that fails there, too."""
    row = insert(SKIPPED).values(
        projection=projection,
        position=parked.position,
        case_id=parked.case_id,
        event=parked.event,
        error=parked.error,
        reason=reason,
        actor=actor,
        skipped_at=func.now(),
    )
    connection.execute(row.on_conflict_do_nothing())


def is_skipped(connection: Connection, projection: str, position: int) -> bool:
    """Whether somebody decided to pass over the event at this position."""
    chosen = (SKIPPED.c.projection == projection, SKIPPED.c.position == position)
    return connection.execute(select(SKIPPED.c.position).where(*chosen)).first() is not None


def clear(connection: Connection, build: str) -> None:
    """Forget everything parked for a build."""
    connection.execute(PARKED.delete().where(PARKED.c.build == build))


def hand_over(connection: Connection, build: str, new_build: str) -> None:
    """Let what is parked for one build be what is parked for the build that it replaces."""
    clear(connection, new_build)
    connection.execute(PARKED.update().where(PARKED.c.build == build).values(build=new_build))


def _parked(row: Row[Any]) -> ParkedCase:
    return ParkedCase(**row._mapping)
