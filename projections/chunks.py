"""Chunks of a rebuild: ranges of case ids, taken one by one by whatever process comes first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Table,
    Text,
    Uuid,
    exists,
    func,
    select,
)

from projections.builds import BUILDS, Build

FIRST_ID = UUID(int=0)
LAST_ID = UUID(int=2**128 - 1)

CHUNKS = Table(
    "rebuild_chunks",
    MetaData(),
    Column("build", Text, primary_key=True),
    Column("after_case", Uuid, primary_key=True),
    Column("up_to_case", Uuid, nullable=False),
    Column("up_to_position", BigInteger, nullable=False),
)


@dataclass(frozen=True)
class Plan:
    """How to cut a long log: cases that end a chunk, and the newest position to fold."""

    boundaries: Sequence[UUID]
    up_to_position: int


@dataclass(frozen=True)
class Chunk:
    """All cases with ids above `after_case`, up to and including `up_to_case`."""

    after_case: UUID
    up_to_case: UUID
    up_to_position: int


def add(connection: Connection, build: str, plan: Plan) -> None:
    """Note that the build has to fold every chunk of the plan."""
    ends = [FIRST_ID, *plan.boundaries, LAST_ID]
    rows = [
        {
            "build": build,
            "after_case": after,
            "up_to_case": up_to,
            "up_to_position": plan.up_to_position,
        }
        for after, up_to in pairwise(ends)
    ]
    connection.execute(CHUNKS.insert(), rows)


def drop(connection: Connection, build: str) -> None:
    """Forget what a build had to fold."""
    connection.execute(CHUNKS.delete().where(CHUNKS.c.build == build))


def left(connection: Connection, names: Collection[str]) -> list[Chunk]:
    """The chunks that these builds have still to fold, in the order of the cases."""
    parts = (CHUNKS.c.after_case, CHUNKS.c.up_to_case, CHUNKS.c.up_to_position)
    chosen = select(*parts).where(CHUNKS.c.build.in_(names)).distinct()
    return [Chunk(*row) for row in connection.execute(chosen.order_by(*parts))]


def take(connection: Connection, chunk: Chunk, names: Collection[str]) -> set[str]:
    """Keep others from the chunk until the transaction ends; the builds that it is left for.

    None of them when another process folds it, or has. Writes nothing: folding takes a while,
    and a writing transaction would hold back every reader of the log meanwhile.
    """
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(str(chunk), 0))
    if not connection.execute(select(lock)).scalar_one():
        return set()
    chosen = select(CHUNKS.c.build).where(*_is(chunk), CHUNKS.c.build.in_(names))
    return set(connection.execute(chosen).scalars())


def finish(connection: Connection, chunk: Chunk, build: Build) -> bool:
    """Take the chunk off the build's list; False when it was done, or planned anew, meanwhile."""
    same_build = exists().where(BUILDS.c.build == build.name, BUILDS.c.version == build.version)
    mine = CHUNKS.delete().where(*_is(chunk), CHUNKS.c.build == build.name, same_build)
    return connection.execute(mine).rowcount > 0


def _is(chunk: Chunk) -> tuple[ColumnElement[bool], ...]:
    return (
        CHUNKS.c.after_case == chunk.after_case,
        CHUNKS.c.up_to_case == chunk.up_to_case,
        CHUNKS.c.up_to_position == chunk.up_to_position,
    )
