"""`amends store`: the rare work on the event store itself."""

import click

from api.cli.opening import open_service
from api.cli.output import json_option, say, show_json
from service.database import create_owner_engine
from service.event_store import StoreFromAnotherCluster, adopt_store, check_cluster


@click.group("store")
def command() -> None:
    """Take over a store that was restored from a dump."""


@command.command("adopt")
@json_option
def adopt(as_json: bool) -> None:
    """Let a store that came from another PostgreSQL cluster go on in this one.

    Stop every other Amends process first. New events then sort behind all old ones. Changes
    nothing where nothing is wrong.
    """
    with open_service() as service:
        was_foreign = False
        try:
            check_cluster(service.engine)
        except StoreFromAnotherCluster:
            was_foreign = True
        owner = create_owner_engine(service.settings)
        base = adopt_store(owner)
        owner.dispose()
    if as_json:
        show_json({"adopted": was_foreign, "base": base})
    else:
        say("Adopted." if was_foreign else "Nothing to do: the store belongs to this cluster.")
