"""The public keys that an auditor trusts, from a file; nothing here knows a database."""

from pathlib import Path
from typing import Any

import click

from api.cli.exits import CommandError, Exit
from projections.ledger.notes import MalformedNote, VerifierKey, parse_keys


def keys_option(function: Any) -> Any:
    """`--keys FILE`."""
    return click.option(
        "--keys",
        "keys_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="File of the public keys that you trust, one a line, instead of the published ones.",
    )(function)


def keys_of(keys_file: Path | None) -> list[VerifierKey]:
    """The keys in a file; none without one. Raises CommandError."""
    try:
        return parse_keys(keys_file.read_text("utf-8").splitlines()) if keys_file else []
    except (MalformedNote, UnicodeDecodeError):
        raise CommandError(
            Exit.USAGE,
            f"{keys_file} is not a file of public keys",
            "It has one key a line: NAME+ID+KEY, as `amends ledger keys` says.",
        ) from None
