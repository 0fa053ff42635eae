"""`amends ledger rotate-key`: a new signing key, with the old one beside it for a while."""

import click
from sqlalchemy import Connection

from api.cli.exits import CommandError, Exit
from api.cli.opening import open_service, read_settings
from api.cli.output import say, show
from projections.ledger.notes import VerifierKey
from projections.ledger.signing import newest_checkpoint
from service.assembly import Service
from service.ledger_key import (
    ChangeoverGoesOn,
    begin_changeover,
    end_changeover,
    ensure_ledger_key,
    parse_ledger_key,
)
from service.settings import Settings


@click.command("rotate-key")
@click.option("--finish", is_flag=True, help="End the changeover: the old key signs no more.")
def command(finish: bool) -> None:
    """Put a new signing key into the data directory; until --finish both keys sign.

    Restart the workers afterwards. Give the new public key, which is printed, to auditors and
    witnesses while what they have still verifies. What the old key signed is verified with it for
    ever: its public half stays in the published keys. Where the key is set by AMENDS_LEDGER_KEY or
    its file, change it there and name the old one in AMENDS_LEDGER_OLD_KEY.
    """
    _require_own_key(read_settings())
    with open_service() as service:
        if finish:
            _finish(service)
        else:
            _begin(service)


def _require_own_key(settings: Settings) -> None:
    if not settings.embedded or settings.ledger_key or settings.ledger_old_key:
        raise CommandError(
            Exit.CONFIGURATION,
            "the ledger's key is not kept in the data directory",
            "Put the new key where AMENDS_LEDGER_KEY_FILE points, the old one where "
            "AMENDS_LEDGER_OLD_KEY_FILE does, and restart the workers.",
        )


def _begin(service: Service) -> None:
    try:
        begin_changeover(service.settings.data_dir)
    except ChangeoverGoesOn:
        raise CommandError(
            Exit.REFUSED,
            "the last changeover is not finished: the key before the present one still signs",
            "`amends ledger rotate-key --finish` ends it.",
        ) from None
    show(str(_present(service.settings)))
    say("Restart the workers. From then on the new key signs, and the old one beside it.")


def _finish(service: Service) -> None:
    """The new key must have signed: else nothing that auditors have would verify."""
    with service.engine.connect() as connection:
        if not _has_signed(connection, _present(service.settings)):
            raise CommandError(
                Exit.REFUSED,
                "the newest checkpoint is not signed by the new key",
                "Restart the workers, and wait until something was recorded.",
            )
    ended = end_changeover(service.settings.data_dir)
    say(
        "Restart the workers. From then on the new key signs alone."
        if ended
        else "There is no old key: nothing was changed."
    )


def _present(settings: Settings) -> VerifierKey:
    text = ensure_ledger_key(settings.data_dir)
    return VerifierKey.of(settings.ledger_origin, parse_ledger_key(text))


def _has_signed(connection: Connection, key: VerifierKey) -> bool:
    newest = newest_checkpoint(connection)
    return newest is not None and key.key_id in {each.key_id for each in newest[1].signatures}
