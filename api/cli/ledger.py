"""`amends ledger`: verify the whole history, or one receipt without any database."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from api.cli.exits import CommandError, Exit
from api.cli.opening import open_service, read_settings
from api.cli.output import json_option, progress, say, show, show_json, show_table
from projections.ledger.claims import trusted_keys
from projections.ledger.directory import CheckpointDirectory
from projections.ledger.findings import Verified, Wrong
from projections.ledger.leaves import LeafEvent, MalformedLeaf
from projections.ledger.merkle import ProofRefused
from projections.ledger.notes import (
    Checkpoint,
    MalformedNote,
    NoteRefused,
    VerifierKey,
    parse_keys,
)
from projections.ledger.places import PlaceUnusable
from projections.ledger.receipts import Receipt
from projections.ledger.verification import verify_ledger

SHOWN = 20
COLUMNS = ("position", "index", "what", "")
REFUSALS = (MalformedNote, MalformedLeaf, NoteRefused, ProofRefused)


@click.group("ledger")
def command() -> None:
    """Prove that nothing was edited, dropped or cut off."""


def _keys_option(function: Any) -> Any:
    return click.option(
        "--keys",
        "keys_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="File of the public keys that you trust, one a line, instead of the published ones.",
    )(function)


@command.command("verify")
@_keys_option
@json_option
def verify(keys_file: Path | None, as_json: bool) -> int:
    """Recompute the ledger from every stored event, and compare it with every checkpoint.

    Reads the database in one snapshot and the published checkpoints in AMENDS_CHECKPOINT_DIR.
    Names the first position at which something is wrong. The exit code is 0 where nothing is,
    else 1.
    """
    with open_service() as service, progress("Verifying") as tell:
        directory = CheckpointDirectory(service.settings.published_dir)
        keys = _trusted(directory, keys_file)
        try:
            found = verify_ledger(
                service.engine,
                directory,
                keys,
                lambda done, total: tell(done, total, f"{done:,} events"),
            )
        except PlaceUnusable as problem:
            raise _unusable(problem) from None
    if as_json:
        show_json(_as_json(found))
    else:
        _show(found, keys)
    return Exit.OK if found.ok else Exit.FOUND


def _trusted(directory: CheckpointDirectory, keys_file: Path | None) -> list[VerifierKey]:
    try:
        given = parse_keys(keys_file.read_text("utf-8").splitlines()) if keys_file else []
        return trusted_keys(directory, given)
    except (MalformedNote, UnicodeDecodeError):
        raise CommandError(
            Exit.USAGE,
            f"{keys_file} is not a file of public keys",
            "It has one key a line: NAME+ID+KEY, as `GET /v1/ledger/keys` says in `verifier_key`.",
        ) from None
    except PlaceUnusable as problem:
        raise _unusable(problem) from None


def _unusable(problem: PlaceUnusable) -> CommandError:
    return CommandError(
        Exit.CONFIGURATION,
        f"the published checkpoints {problem}",
        "AMENDS_CHECKPOINT_DIR names their directory.",
    )


def _as_json(found: Verified) -> dict[str, Any]:
    counts = asdict(found)
    wrong = counts.pop("wrong")
    return {"ok": found.ok, **counts, "first": asdict(found.first) if found.first else None} | {
        "wrong": wrong
    }


def _show(found: Verified, keys: Sequence[VerifierKey]) -> None:
    show(
        f"{found.events:,} events, {found.checkpoints:,} signed roots, "
        f"{found.published:,} published checkpoints looked at."
    )
    if not keys:
        say("No public key is known here, so no signature was verified: use --keys.")
    if found.waiting:
        say(f"The newest {found.waiting:,} events are not in the ledger yet.")
    if found.first is None:
        show("Nothing is wrong.")
        return
    show_table(COLUMNS, [_row(wrong) for wrong in sorted(found.wrong, key=_place)[:SHOWN]])
    show(f"{found.wrong_count:,} things are wrong; the first one: {found.first.says}.")


def _place(wrong: Wrong) -> tuple[float, float]:
    return wrong.place


def _row(wrong: Wrong) -> tuple[Any, ...]:
    return wrong.position, wrong.index, wrong.kind.value, wrong.says


@command.command("verify-receipt")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_keys_option
@json_option
def verify_receipt(file: Path, keys_file: Path | None, as_json: bool) -> int:
    """Check that the event in a receipt is in the ledger. Needs no database and no service.

    FILE is what `GET /v1/ledger/inclusion` answered. The exit code is 1 where it proves nothing.
    """
    keys = _trusted(CheckpointDirectory(read_settings().published_dir), keys_file)
    if not keys:
        raise CommandError(Exit.USAGE, "no public key is known here", "Name a file with --keys.")
    try:
        event, checkpoint = Receipt.parse(file.read_text("utf-8")).verify(keys)
    except REFUSALS as refusal:
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
