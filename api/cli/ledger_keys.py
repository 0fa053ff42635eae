"""`amends ledger keys`: the public keys that signed checkpoints, old ones too."""

import click

from api.cli.opening import open_service
from api.cli.output import json_option, say, show, show_list_json
from api.ledger import key_json
from projections.ledger.signing import signing_keys


@click.command("keys")
@json_option
def command(as_json: bool) -> None:
    """Print every public key that ever signed a checkpoint, the first one first, one a line.

    The lines are what --keys of the verifying commands reads. A key that no longer signs stays:
    what it signed is verified with it for ever. Compare them with what is published outside of
    the database, since its administrator could add a key here.
    """
    with open_service() as service, service.engine.connect() as connection:
        keys = signing_keys(connection)
    if as_json:
        show_list_json("keys", [key_json(key, first_used_at) for key, first_used_at in keys])
        return
    for key, _ in keys:
        show(str(key))
    if not keys:
        say("Nothing is signed yet, so no key is known.")
