"""`amends ledger checkpoint`: a signed checkpoint, the newest or the one over so many events."""

import click

from api.cli.exits import CommandError, Exit
from api.cli.opening import open_service
from api.cli.output import json_option, show_json
from projections.ledger.notes import Checkpoint
from projections.ledger.signing import checkpoint_over, newest_checkpoint


@click.command("checkpoint")
@click.option("--size", type=click.IntRange(1), help="The one over exactly so many events.")
@json_option
def command(size: int | None, as_json: bool) -> None:
    """Print a signed checkpoint as a signed note (C2SP tlog-checkpoint): by default the newest.

    Keep it, or give it to somebody: nothing that it covers can be changed unseen afterwards.
    """
    with open_service() as service, service.engine.connect() as connection:
        newest = newest_checkpoint(connection)
        note = checkpoint_over(connection, size) if size else newest and newest[1]
    if note is None:
        says = "there is no checkpoint over so many events" if newest else "nothing is signed yet"
        raise CommandError(Exit.NOT_FOUND, says, "A worker with a ledger key signs what is new.")
    if not as_json:
        click.echo(str(note), nl=False)
        return
    checkpoint = Checkpoint.parse(note.text)
    show_json(
        {
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
            "signatures": [
                {"name": each.name, "key_id": each.key_id.hex()} for each in note.signatures
            ],
            "note": str(note),
        }
    )
