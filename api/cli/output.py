"""What commands print: results on standard output, everything else on standard error."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from api.cli.headings import heading
from api.cli.words import STAND_INS
from domain.book import Labels
from service.progress import TellInWords

PLAIN_LINE_EVERY_SECONDS = 5.0
YES_OR_NO = {True: Labels("yes", "是"), False: Labels("no", "否")}
WIDE = 10_000  # columns of a table that no terminal has to fit


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")


def say(text: str) -> None:
    """A line for a person, on standard error."""
    click.echo(text, err=True)


def show(text: str) -> None:
    """A line of the result, on standard output."""
    click.echo(text)


def show_json(value: Any) -> None:
    """The result as one line of JSON on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def show_list_json(name: str, rows: Sequence[Any], *, more: bool = False) -> None:
    """A list as every command gives it: the rows under their name, and whether it goes on."""
    show_json({name: rows, "more": more})


def _plain(value: Any) -> Any:
    """A time as HTTP writes it: in UTC, with a Z."""
    if not isinstance(value, datetime):
        return str(value)
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def show_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], language: str = "en") -> None:
    """The result as aligned columns: in colour on a terminal, one row per line elsewhere.

    In Chinese the headings of `api.cli.headings` stand above them.
    """
    called = [heading(column, language) for column in columns]
    table = Table(*called, box=box.SIMPLE_HEAD if sys.stdout.isatty() else None, pad_edge=False)
    for row in rows:
        table.add_row(*(_cell(value, language) for value in row))
    if sys.stdout.isatty():
        Console(markup=False).print(table)
        return
    text = StringIO()
    Console(file=text, width=WIDE, markup=False).print(table)
    for line in text.getvalue().splitlines():
        show(line.rstrip())


def _cell(value: Any, language: str) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return YES_OR_NO[value].in_language(language)
    return _time(value) if isinstance(value, datetime) else str(value)


def _time(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


def line_of(value: Any, language: str = "en") -> str:
    """A value as part of one line; what stands in a text's place is named in brackets."""
    if value is None:
        return STAND_INS["none"].in_language(language)
    if isinstance(value, dict):
        return STAND_INS[next(iter(value))].in_language(language)
    # A line break or another control character in a text must not look like a line of ours.
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode()
        for each in str(value)
    )


def time_of(text: str | None) -> datetime | None:
    """A time of the JSON for a table, which shows it to the second."""
    return None if text is None else datetime.fromisoformat(text)


def short(value: Decimal | float | None) -> str | None:
    """A figure as short as it can be said: counts without decimals."""
    return None if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def how_many(count: int, what: str) -> str:
    """So many of something: 1 promise, 2 promises."""
    return f"{count:,} {what if count == 1 else f'{what}s'}"


@contextmanager
def progress(what: str) -> Iterator[TellInWords]:
    """A bar on standard error while something long goes on; to be told as often as one likes.

    Where standard error is no terminal: a plain line every few seconds, and none if it is quick.
    """
    if not sys.stderr.isatty():
        yield _plain_lines(what)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    console = Console(stderr=True, markup=False)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def tell(done: int, total: int | None, words: str) -> None:
            bar.update(task, completed=done, total=total, description=f"{what}: {words}")

        yield tell


def _plain_lines(what: str) -> TellInWords:
    said_at = time.monotonic()

    def tell(done: int, total: int | None, words: str) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= PLAIN_LINE_EVERY_SECONDS:
            said_at = time.monotonic()
            say(f"{what}: {words}" + (f" ({100 * done // total} %)" if total else ""))

    return tell
