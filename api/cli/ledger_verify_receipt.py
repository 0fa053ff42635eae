"""`amends ledger verify-receipt`: one receipt, without any database."""

from pathlib import Path
from typing import Any

import click

from api.cli.exits import CommandError, Exit
from api.cli.ledger_published import trusted
from api.cli.ledger_trust import keys_option
from api.cli.opening import read_settings
from api.cli.output import json_option, show, show_json
from projections.ledger.known_places import places_of
from projections.ledger.leaves import LeafEvent
from projections.ledger.notes import Checkpoint, MalformedNote
from projections.ledger.receipt import Receipt
from projections.packs.proofs import REFUSED


@click.command("verify-receipt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@keys_option
@json_option
def command(file: Path, keys_file: Path | None, as_json: bool) -> int:
    """Check that the event in a receipt is in the ledger. Needs no database and no service.

    FILE is what `GET /v1/ledger/inclusion` answered. The exit code is 1 where it proves nothing.
    """
    keys = trusted(places_of(read_settings()), keys_file)
    if not keys:
        raise CommandError(Exit.USAGE, "no public key is known here", "Name a file with --keys.")
    try:
        event, checkpoint = Receipt.parse(file.read_text("utf-8")).verify(keys)
    except REFUSED as refusal:
        return _refused(refusal, as_json)
    except UnicodeDecodeError:
        return _refused(MalformedNote("not a receipt"), as_json)
    if as_json:
        show_json({"ok": True, "event": _described(event), "checkpoint": _signed(checkpoint)})
    else:
        for name, value in _described(event).items():
            show(f"{name:<20} {value}")
        show(f"\nThis event is in the ledger {checkpoint.origin} of {checkpoint.size:,} events.")
    return Exit.OK


def _refused(refusal: Exception, as_json: bool) -> int:
    says = str(refusal) or "its leaf is no event"
    if as_json:
        show_json({"ok": False, "says": says})
    else:
        show(f"This receipt proves nothing: {says}.")
    return Exit.FOUND


def _described(event: LeafEvent) -> dict[str, Any]:
    """The event without its state, which is sealed where it is personal."""
    return {
        "position": event.position,
        "recorded_at": event.recorded_at,
        "case_id": str(event.originator_id),
        "version": event.originator_version,
        "event": event.topic,
        "state_bytes": len(event.state),
    }


def _signed(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
    }
