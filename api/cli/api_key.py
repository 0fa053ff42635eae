"""The API key of whoever types a command that may show personal text."""

import sys
from datetime import UTC, datetime

import click

from api.cli.exits import CommandError, Exit
from service.access_tokens import AccessToken, AccessTokens, parse
from service.assembly import Service


def given_api_key(service: Service) -> AccessToken:
    """The key on standard input, which must be in force. Raises CommandError."""
    clear = _given_key()
    if not clear.strip():
        raise CommandError(
            Exit.REFUSED,
            "no API key was given",
            "Type it on a terminal when asked, or give it on standard input: put `< key.txt` "
            "behind the command. `amends token create` makes one.",
        )
    parsed = parse(clear.strip())
    token = AccessTokens(service.engine).find(parsed[0]) if parsed else None
    if not (parsed and token and token.has_secret(parsed[1]) and token.in_force(datetime.now(UTC))):
        raise CommandError(
            Exit.REFUSED, "this API key is not in force", "`amends token create` makes one."
        )
    return token


def _given_key() -> str:
    """A line of standard input; asked for, and not shown, where that is a terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    return str(click.prompt("API key", hide_input=True, err=True, default="", show_default=False))
