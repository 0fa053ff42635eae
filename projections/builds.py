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
    Engine,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    func,
    select,
    text,
)

from service.event_store.connections import connections_of

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


_PREPARE_ALL = """
    PREPARE all_builds AS SELECT build, projection, version, position, fed_at, folds_to
    FROM projection_builds
"""
_ALL = "EXECUTE all_builds"


@dataclass(frozen=True)
class Build:
    """One build: every event up to `position`, inclusive, has been applied or parked.

    `fed_at`: when it last moved on. `folds_to`: where the position will be once whole cases have
    been folded; None when they are.
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


def find_all(database: Engine) -> dict[str, Build]:
    """Every build by its name. Raises StoreUnavailable."""
    rows = connections_of(database).read(_ALL, preparation=_PREPARE_ALL)
    return {row[0]: Build(*row) for row in rows}


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
    """Let the build follow the log from where folding has brought it, and note that it moved."""
    folded = BUILDS.update().where(BUILDS.c.build == name, BUILDS.c.folds_to.is_not(None))
    moved = {"position": BUILDS.c.folds_to, "folds_to": None, "fed_at": func.now()}
    connection.execute(folded.values(moved))


_MOVED_ON = text("""
    UPDATE projection_builds SET fed_at = clock_timestamp()
    FROM (
        SELECT build FROM projection_builds WHERE build = :build FOR UPDATE SKIP LOCKED
    ) AS mine
    WHERE projection_builds.build = mine.build
""")


def move_on(connection: Connection, name: str) -> None:
    """Note that work on the build goes on where its position does not yet tell.

    Never waits: whoever holds the row moves the build on too, or takes it away.
    """
    connection.execute(_MOVED_ON, {"build": name})


# One statement for what each page begins with. A case is parked with the position of its build, or
# where others are parked: so whether any is can be asked before the lock is there.
_TAKE_TURN = text("""
    WITH unsynced AS (SELECT set_config('synchronous_commit', 'off', true)),
    mine AS (
        SELECT build FROM projection_builds
        WHERE build = :build AND version = :version AND position = :position
        FOR UPDATE SKIP LOCKED
    )
    UPDATE projection_builds SET position = :read_to, fed_at = now()
    FROM mine, unsynced WHERE projection_builds.build = mine.build
    RETURNING EXISTS (SELECT FROM parked_cases WHERE parked_cases.build = :build) AS holds_back
""")


@dataclass(frozen=True)
class Turn:
    """This transaction alone moves a build on. `holds_back`: some cases of it may be parked."""

    holds_back: bool


def take_turn(connection: Connection, build: Build, read_to: int) -> Turn | None:
    """Lock the build until the transaction ends, and note that it has then read up to `read_to`.

    None when another worker feeds it, or has. What is written with the position may be lost in a
    crash of the server together with it, and is then read again: so the commit need not wait for
    the disk.
    """
    words = {"build": build.name, "version": build.version, "position": build.position}
    row = connection.execute(_TAKE_TURN, {**words, "read_to": read_to}).first()
    return None if row is None else Turn(row.holds_back)


def lock(connection: Connection, *names: str) -> dict[str, Build]:
    """Wait for these builds and lock them until the transaction ends; those that exist."""
    chosen = select(BUILDS).where(BUILDS.c.build.in_(names)).order_by(BUILDS.c.build)
    rows = connection.execute(chosen.with_for_update()).all()
    return {row.build: _build(row) for row in rows}


def rename(connection: Connection, name: str, new_name: str) -> None:
    """Let a build take the place of another."""
    drop(connection, new_name)
    connection.execute(BUILDS.update().where(BUILDS.c.build == name).values(build=new_name))


def drop(connection: Connection, name: str) -> None:
    """Forget a build."""
    connection.execute(BUILDS.delete().where(BUILDS.c.build == name))


def _build(row: Row[tuple[str, str, int, int, datetime, int | None]]) -> Build:
    return Build(row.build, row.projection, row.version, row.position, row.fed_at, row.folds_to)
