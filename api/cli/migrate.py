"""`amends migrate`: bring the database to the schema of this version."""

import click

from api.cli.opening import open_database
from api.cli.output import json_option, say, show_json
from service.migrating import migrate_database


@click.command("migrate")
@json_option
def command(as_json: bool) -> None:
    """Bring the database to the newest schema.

    Runs as the owner (AMENDS_OWNER_DATABASE_URL) where one is set, and grants the service's own
    role what it needs. Running it twice changes nothing.
    """
    with open_database() as settings:
        applied = migrate_database(settings)
    if as_json:
        show_json({"applied": applied})
    else:
        say(f"Applied {', '.join(applied)}." if applied else "Nothing to do: it is up to date.")
