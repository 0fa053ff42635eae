"""`amends ledger verify-pack`: an audit pack, without any database or service."""

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from api.cli.exits import CommandError, Exit
from api.cli.ledger_trust import keys_of, keys_option
from api.cli.output import json_option, progress, say, show, show_json
from api.cli.pack_counts import pack_counts
from projections.ledger.notes import MalformedNote, VerifierKey
from projections.packs.contents import Flaw
from projections.packs.verification import PackVerified, verify_pack

SHOWN = 20


@click.command("verify-pack")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@keys_option
@click.option("--key", "key_texts", multiple=True, help="A public key you trust: NAME+ID+KEY.")
@click.option(
    "--checkpoint",
    "published",
    type=click.Path(exists=True, path_type=Path),
    help="A published checkpoint over as many events, or the directory where they are published.",
)
@json_option
def command(
    file: Path,
    keys_file: Path | None,
    key_texts: Sequence[str],
    published: Path | None,
    as_json: bool,
) -> int:
    """Check every byte of the audit pack in FILE. Needs no database and no service.

    What is stored is held against its receipt, the receipts against the signed checkpoint, and
    what is readable against what is stored; no file may be added, missing or edited. Without
    --keys or --key the keys in the pack are used: that shows only that it agrees with itself. The
    exit code is 1 where something is wrong.
    """
    keys = [*keys_of(keys_file), *_given(key_texts)]
    with progress("Verifying") as tell:
        found = verify_pack(
            _content(file),
            keys,
            _published(published) if published else None,
            lambda done, total: tell(done, total, f"{done:,} cases"),
        )
    if as_json:
        show_json(_as_json(found, keys))
    else:
        _show(found, keys)
    return Exit.OK if found.ok else Exit.FOUND


def _given(texts: Sequence[str]) -> list[VerifierKey]:
    try:
        return [VerifierKey.parse(text) for text in texts]
    except MalformedNote:
        advice = "It has the form NAME+ID+KEY, as `amends ledger keys` says."
        raise CommandError(Exit.USAGE, "--key is no public key", advice) from None


def _content(file: Path) -> memoryview:
    """The file's bytes, read as they are looked at."""
    with file.open("rb") as opened:
        if not file.stat().st_size:
            return memoryview(b"")
        return memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))


def _published(place: Path) -> Any:
    """Finds the published checkpoint over so many events: this file, or one in this directory."""

    def find(size: int) -> str | None:
        found = sorted(place.glob(f"*/{size:020d}")) if place.is_dir() else [place]
        return found[0].read_text("utf-8", "replace") if found else None

    return find


def _as_json(found: PackVerified, keys: Sequence[VerifierKey]) -> dict[str, Any]:
    checkpoint = found.checkpoint
    return {
        "ok": found.ok,
        "of": found.of,
        "cases": found.cases,
        "events": found.events,
        "reviews": found.reviews,
        "corrective_actions": found.corrective_actions,
        "records": found.records,
        "files": found.files,
        "checkpoint": checkpoint
        and {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()},
        "signed_by": [str(key) for key in found.signed_by],
        "keys_given": bool(keys),
        "first": _flaw(found.wrong[0]) if found.wrong else None,
        "wrong": [_flaw(each) for each in found.wrong],
    }


def _flaw(flaw: Flaw) -> dict[str, Any]:
    return {"file": flaw.file, "says": flaw.says}


def _show(found: PackVerified, keys: Sequence[VerifierKey]) -> None:
    if found.wrong:
        for flaw in found.wrong[:SHOWN]:
            show(f"{flaw.file or 'the ZIP'}: {flaw.says}")
        first = found.wrong[0]
        count = len(found.wrong)
        things = "One thing is wrong" if count == 1 else f"{count:,} things are wrong"
        show(f"{things}; the first one is in {first.file or 'the ZIP itself'}.")
        return
    checkpoint = found.checkpoint
    assert checkpoint is not None  # noqa: S101, there is none only where something is wrong
    others = (found.reviews, found.corrective_actions, found.records)
    held = pack_counts(found.cases, found.events, *others)
    show(f"{held} in {found.files:,} files looked at.")
    show(f"Each is in the ledger {checkpoint.origin} of {checkpoint.size:,} events and records.")
    for key in found.signed_by:
        show(f"Signed by {key}")
    if not keys:
        say("That key came with the pack: compare it with one from somebody you trust (--key).")
    show("Nothing is wrong.")
