"""Builds: which tables a read model stands in, under which version, and how far they have read.

The build in use is named after its read model, as is the PostgreSQL schema that holds its tables.
One that is being made beside it has `_next` behind its name. A build's row is its lock too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    func,
    select,
)

BUILDS = Table(
    "projection_builds",
    MetaData(),
    Column("build", Text, primary_key=True),
    Column("projection", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("fed_at", DateTime(timezone=True), nullable=False),
    Column("folds_to", BigInteger),
)


@dataclass(frozen=True)
class Build:
    """One build: every event up to `position`, inclusive, has been applied or parked.

    `folds_to`: where the position will be once whole cases have been folded; None when they are.
    """

    name: str
    projection: str
    version: int
    position: int
    fed_at: datetime
    folds_to: int | None = None

    @property
    def in_use(self) -> bool:
        """Whether readers see it; else it is being made."""
        return self.name == self.projection


def next_of(projection: str) -> str:
    """The name of the build that will replace the one in use."""
    return f"{projection}_next"


def old_of(projection: str) -> str:
    """The name of the schema that was replaced and waits to be dropped."""
    return f"{projection}_old"


def find_all(connection: Connection) -> dict[str, Build]:
    """Every build by its name."""
    return {row.build: _build(row) for row in connection.execute(select(BUILDS))}


def find(connection: Connection, name: str) -> Build | None:
    """The build of that name, or None."""
    row = connection.execute(select(BUILDS).where(BUILDS.c.build == name)).first()
    return _build(row) if row else None


def start(
    connection: Connection, name: str, projection: str, version: int, folds_to: int | None
) -> None:
    """Note a build that has read nothing yet."""
    row = {"build": name, "projection": projection, "version": version, "position": 0}
    connection.execute(BUILDS.insert().values(**row, folds_to=folds_to, fed_at=func.now()))


def end_folding(connection: Connection, name: str) -> None:
    """Let the build follow the log from where folding has brought it."""
    folded = BUILDS.update().where(BUILDS.c.build == name, BUILDS.c.folds_to.is_not(None))
    connection.execute(folded.values(position=BUILDS.c.folds_to, folds_to=None))


def take_turn(connection: Connection, build: Build) -> bool:
    """Lock the build until the transaction ends; False when another worker feeds it, or has.

    What is written with the position may be lost in a crash of the server together with it, and
    is then read again: so the commit need not wait for the disk.
    """
    unsynced = func.set_config("synchronous_commit", "off", True)
    turn = (
        select(unsynced)
        .where(BUILDS.c.build == build.name)
        .where(BUILDS.c.version == build.version)
        .where(BUILDS.c.position == build.position)
        .with_for_update(skip_locked=True)
    )
    return connection.execute(turn).first() is not None


def lock(connection: Connection, *names: str) -> dict[str, Build]:
    """Wait for these builds and lock them until the transaction ends; those that exist."""
    chosen = select(BUILDS).where(BUILDS.c.build.in_(names)).order_by(BUILDS.c.build)
    rows = connection.execute(chosen.with_for_update()).all()
    return {row.build: _build(row) for row in rows}


def advance(connection: Connection, name: str, position: int) -> None:
    """Note how far the build has read."""
    moved = BUILDS.update().where(BUILDS.c.build == name)
    connection.execute(moved.values(position=position, fed_at=func.now()))


def rename(connection: Connection, name: str, new_name: str) -> None:
    """Let a build take the place of another."""
    drop(connection, new_name)
    connection.execute(BUILDS.update().where(BUILDS.c.build == name).values(build=new_name))


def drop(connection: Connection, name: str) -> None:
    """Forget a build."""
    connection.execute(BUILDS.delete().where(BUILDS.c.build == name))


def _build(row: Row[tuple[str, str, int, int, datetime, int | None]]) -> Build:
    return Build(row.build, row.projection, row.version, row.position, row.fed_at, row.folds_to)
