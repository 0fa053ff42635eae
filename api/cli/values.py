"""Values of options that are read as HTTP reads the same parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from api import params
from api.field_errors import sentence
from api.parsing import Fault
from api.two_clocks import past_instant


class ReadAs(click.ParamType[Any]):
    """An option whose text is read by a function that raises Fault."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value; fails with the sentence that HTTP would answer."""
        try:
            return self._read(value)
        except Fault as fault:
            code, _, limit = fault.code.partition(" ")
            self.fail(sentence(code, limit, "en"), param, ctx)


TIME = ReadAs("TIME", params.instant_or_day)
"""A time, or a day for the midnight (UTC) at which it begins."""
REFERENCE = ReadAs("ID", params.reference)
SUBJECT = ReadAs("REF", params.subject)
ONE_LINE = ReadAs("TEXT", params.one_line)
TICKET = ReadAs("TICKET", params.reference)
"""Why somebody looks, as the access log keeps it and the header of a request gives it."""

language_option = click.option(
    "--language",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Of headings, and of what codes are called.",
)


def two_clocks(command: Any) -> Any:
    """Add `--as-of` and `--known-at` to a command."""
    instant = ReadAs("TIME", past_instant)
    as_of = click.option(
        "--as-of", type=instant, help="As it was then: only what had occurred by this time."
    )
    known_at = click.option(
        "--known-at",
        type=instant,
        help="As it was known then: only what was recorded by then.",
    )
    return as_of(known_at(command))
