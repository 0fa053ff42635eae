"""Lists over all cases on the command line: read models asked of now or of the past."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
from sqlalchemy import Connection

from api.cli.exits import CommandError, Exit
from api.cli.headings import how_many_listed
from projections.cursors import LIMIT_MAX
from projections.health import ReadModelNotReady, read_state
from projections.rewinding import Past
from service.assembly import Service
from service.instants import Instants

Page = tuple[Sequence[Any], str | None]
limit_option = click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=50,
    show_default=True,
    help="At most so many rows.",
)


@dataclass(frozen=True)
class Rows:
    """The first rows of a list. `more`: whether it goes on behind them."""

    rows: Sequence[Any]
    more: bool

    def how_many(self, what: str, language: str) -> str:
        """The line that ends the list: 2 pieces of work. A part is never told as the whole."""
        return how_many_listed(len(self.rows), what, language, more=self.more)


def cut(rows: Sequence[Any], limit: int) -> Rows:
    """The first so many of rows that were asked for with one above the limit."""
    return Rows(rows[:limit], len(rows) > limit)


@contextmanager
def built(service: Service, name: str) -> Iterator[Connection]:
    """A connection to ask a read model by. Raises CommandError where it is not built yet."""
    with service.engine.connect() as connection:
        try:
            read_state(connection, name)
        except ReadModelNotReady:
            raise CommandError(
                Exit.REFUSED,
                f"the read model {name} is not built yet",
                "A running `amends worker` builds it.",
            ) from None
        # The past is read in a snapshot of its own, which no earlier statement may have begun.
        connection.rollback()
        yield connection


def first_rows(
    connection: Connection,
    past: Past,
    instants: Instants,
    limit: int,
    ask: Callable[[Connection, int, str | None], Page],
) -> Rows:
    """At most so many rows, all of one snapshot. `ask` gives a page and where the next begins."""

    def pages(snapshot: Connection) -> Rows:
        found: list[Any] = []
        cursor: str | None = None
        while len(found) < limit:
            rows, cursor = ask(snapshot, min(LIMIT_MAX, limit - len(found)), cursor)
            found += rows
            if cursor is None:
                break
        return Rows(found, cursor is not None)

    return past.ask(connection, instants, pages)
