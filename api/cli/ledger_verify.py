"""`amends ledger verify`: the whole history against the ledger and every checkpoint."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from api.cli.exits import Exit
from api.cli.ledger_published import trusted, unusable
from api.cli.ledger_trust import keys_option
from api.cli.opening import open_service
from api.cli.output import json_option, progress, say, show, show_json, show_table
from projections.ledger.findings import Verified, Wrong
from projections.ledger.known_places import places_of
from projections.ledger.notes import VerifierKey
from projections.ledger.places import PlaceUnusable
from projections.ledger.verification import verify_ledger
from projections.ledger.witnesses import witnesses_of

SHOWN = 20
COLUMNS = ("position", "index", "what", "")


@click.command("verify")
@keys_option
@json_option
def command(keys_file: Path | None, as_json: bool) -> int:
    """Recompute the ledger from every stored event, and compare it with every checkpoint.

    Reads the database in one snapshot, and the published checkpoints in AMENDS_CHECKPOINT_DIR and
    in the object store; asks each witness whether the newest one continues what it saw. Names the
    first position at which something is wrong. The exit code is 0 where nothing is, else 1.
    """
    with open_service() as service, progress("Verifying") as tell:
        places = places_of(service.settings)
        keys = trusted(places, keys_file)
        try:
            found = verify_ledger(
                service.engine,
                places,
                keys,
                lambda done, total: tell(done, total, f"{done:,} events"),
                witnesses_of(service.settings),
            )
        except PlaceUnusable as problem:
            raise unusable(problem) from None
    if as_json:
        show_json(_as_json(found))
    else:
        _show(found, keys)
    return Exit.OK if found.ok else Exit.FOUND


def _as_json(found: Verified) -> dict[str, Any]:
    counts = asdict(found)
    wrong = counts.pop("wrong")
    return {"ok": found.ok, **counts, "first": asdict(found.first) if found.first else None} | {
        "wrong": wrong
    }


def _show(found: Verified, keys: Sequence[VerifierKey]) -> None:
    show(
        f"{found.events:,} events and records, {found.checkpoints:,} signed roots, "
        f"{found.published:,} published checkpoints looked at."
    )
    if not keys:
        say("No public key is known here, so no signature was verified: use --keys.")
    if found.waiting:
        say(f"The newest {found.waiting:,} events and records are not in the ledger yet.")
    if found.witnesses:
        show(f"Witnesses that cosigned the newest checkpoint: {found.witnesses:,}.")
    for problem in found.unreached:
        say(f"Not asked: {problem}.")
    if found.first is None:
        show("Nothing is wrong.")
        return
    show_table(COLUMNS, [_row(wrong) for wrong in sorted(found.wrong, key=_place)[:SHOWN]])
    show(f"{found.wrong_count:,} things are wrong; the first one: {found.first.says}.")


def _place(wrong: Wrong) -> tuple[float, float]:
    return wrong.place


def _row(wrong: Wrong) -> tuple[Any, ...]:
    return wrong.position, wrong.index, wrong.kind.value, wrong.says
