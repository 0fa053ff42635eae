"""A store that was restored into another cluster: noticing it, and putting it right."""

from __future__ import annotations

from sqlalchemy import Engine

from service.event_store import statements
from service.event_store.connections import connections_of
from service.event_store.errors import StoreFromAnotherCluster


def check_cluster(engine: Engine) -> None:
    """Refuse to work where a new event would get a position below an old one.

    Raises StoreFromAnotherCluster. Every process calls this once, before it serves.
    """
    ((next_position, newest),) = connections_of(engine).read(statements.NEXT_POSITION)
    if newest is not None and newest >= next_position:
        raise StoreFromAnotherCluster(
            "this store comes from another PostgreSQL cluster: its newest event has position "
            f"{newest}, the next one would get {next_position}, and no reader would see it. "
            "Stop every Amends process and run: amends store adopt"
        )


def was_adopted(engine: Engine) -> bool:
    """Whether the store was ever adopted: it was restored or recovered, and goes on since."""
    ((base,),) = connections_of(engine).read(statements.BASE)
    return int(base) > 0


def adopt_store(engine: Engine) -> int:
    """Raise the base of new positions above every old one; the base from now on.

    Nothing changes where nothing is wrong. `engine` connects as the owner of the tables. Waits
    for running appends to end; appends that come meanwhile wait and then use the new base.
    """
    ((base,),) = connections_of(engine).write(statements.ADOPT)
    return int(base)


def pass_lost_positions(engine: Engine) -> int:
    """Raise the base of new positions beyond all that a recovery has lost; the base from now on.

    For a cluster that was recovered to an earlier moment, before anything is appended: it would
    give out positions again that readers have seen other events at. As `engine` and waiting:
    see `adopt_store`. Each call raises the base by 2 ** 42; positions have room for a million.
    """
    ((base,),) = connections_of(engine).write(statements.RISE_ABOVE_LOST)
    return int(base)
