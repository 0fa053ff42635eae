"""Writes docs/reference/ from the code: `make docs`. A test compares what is stored with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from inspect import cleandoc
from itertools import groupby
from pathlib import Path

import click

from api.cli.exits import Exit
from api.cli.program import amends
from api.errors import PROBLEM_KINDS
from api.openapi import openapi_path
from api.plain_words import plain
from api.refusals import REFUSAL_PROBLEMS
from api.route_table import ROUTES
from api.routes import EVERY_ROLE
from docs.modules import modules
from domain.book import Entry
from domain.errors import all_refusals
from domain.kinds import (
    Between,
    CodeOf,
    EachOnce,
    HasHappened,
    Kind,
    LiesAhead,
    ListLimit,
    OfCase,
    OwnField,
    Shape,
    TextLimit,
    fields_of,
)
from domain.lifecycle import OPEN, TABLE, Step
from domain.personal import PersonalText
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import Role, Status
from projections.watches import WATCHES, Watch
from service.settings import documented_settings

REFERENCE = Path(__file__).parent / "reference"
LONGEST_DETAILS = 400
NOTE = "<!-- Written by `make docs`. Do not edit. -->\n\n"


def pages() -> dict[str, str]:
    """File name -> content, for every generated page."""
    return {name: NOTE + "\n".join(lines()) + "\n" for name, lines in PAGES.items()}


def lifecycle() -> Iterator[str]:
    yield "# Lifecycle\n"
    yield "Every step: the order, its HTTP name, the fact it records, where it is allowed,"
    yield "where it leads and who may take it. Every step takes `occurred_at` too: when it"
    yield "happened, not before the report (a contact may), at most five minutes ahead; now, if it"
    yield "is left out.\n"
    yield from table(
        ("Step", "Event", "Allowed in", "Leads to", "Roles"), (_step_row(step) for step in TABLE)
    )
    for step in TABLE:
        yield f"\n## {step.command}\n"
        yield f"{plain(cleandoc(step.event.__doc__ or ''))}\n"
        yield from _body(step)


def _step_row(step: Step) -> tuple[str, ...]:
    decided = "decided" if "leads_to" in step.decides else "as the record says"
    has_own = any(own.name == "leads_to" for own in fields_of(step.event))
    leads_to = decided if has_own else step.leads_to or "–"
    roles = ", ".join(sorted(step.roles))
    return f"`{step.command}`", step.event.__name__, _statuses(step), leads_to, roles


def _statuses(step: Step) -> str:
    if step.begins_a_case:
        return "(new)"
    if step.allowed_in == frozenset(Status):
        return "any"
    if step.allowed_in >= OPEN:
        return ", ".join(["any open", *sorted(step.allowed_in - OPEN)])
    return ", ".join(status for status in Status if status in step.allowed_in)


def _body(step: Step) -> Iterator[str]:
    if not step.body_fields:
        yield "No fields."
        return
    yield from table(("Field", "Kind", ""), _field_rows(step.body_fields))
    if step.decides:
        yield f"\nDecided by the domain: {', '.join(f'`{name}`' for name in step.decides)}."


def _field_rows(own_fields: Iterable[OwnField], path: str = "") -> Iterator[tuple[str, ...]]:
    for own in own_fields:
        name = f"{path}{own.name}{'[]' if own.kind.many else ''}"
        yield f"`{name}`", _kind(own.kind), "required" if own.required else ""
        if nested := _nested(own.kind):
            yield from _field_rows(nested, f"{name}.")


def _nested(kind: Kind) -> tuple[OwnField, ...]:
    return fields_of(kind.base) if hasattr(kind.base, "__dataclass_fields__") else ()


def _kind(kind: Kind) -> str:
    limit = kind.mark(ListLimit)
    many = f"list of at most {limit.most}: " if limit and kind.many else ""
    if each := kind.mark(EachOnce):
        many = f"each code of [{each.book}](reference-books.md#{each.book}) once: "
    if code := kind.mark(CodeOf):
        return f"{many}code of [{code.book}](reference-books.md#{code.book})"
    text = kind.mark(TextLimit)
    size = f" up to {text.most}" if text else ""
    personal = " ●" if issubclass(kind.base, PersonalText) else ""
    return f"{many}{kind.base.__name__}{size}{personal}{_bounds(kind)}"


def _bounds(kind: Kind) -> str:
    """What else holds of a value: its shape, its range, its time."""
    between, shape = kind.mark(Between), kind.mark(Shape)
    told = [
        f" from {between.least} to {between.most}" if between else "",
        f": {shape.about or f'`{shape.pattern}`'}" if shape else "",
        ", not in the future" if kind.mark(HasHappened) else "",
        ", after the step" if kind.mark(LiesAhead) else "",
        " of a case, or its reference" if kind.mark(OfCase) else "",
    ]
    return "".join(told)


def refusals() -> Iterator[str]:
    yield "# Refusals\n"
    yield "What the domain refuses. The code is stable; nothing is recorded.\n"
    yield from table(
        ("Code", "Status", "English", "中文", "When"),
        (
            (f"`{refusal.code}`", str(words.status), words.title.en, words.title.zh, _doc(refusal))
            for refusal in all_refusals()
            for words in [REFUSAL_PROBLEMS[refusal.code]]
        ),
    )


def _doc(documented: object) -> str:
    return " ".join(plain(documented.__doc__).split())


def settings() -> Iterator[str]:
    yield "# Settings\n"
    yield "Read once from the environment. A wrong value is refused at start."
    for group, rows in groupby(documented_settings(), lambda row: row.group):
        yield f"\n## {group}\n"
        yield from table(
            ("Variable", "Default", "Meaning"),
            ((f"`{row.env}`", f"`{row.default}`", row.meaning) for row in rows),
        )


def watches() -> Iterator[str]:
    yield "# Watches\n"
    yield "What every worker does again and again. Where none of them has done it well for longer"
    yield "than it may be silent, `/readyz` is `degraded` (`watch NAME`), `amends_watch_failing` is"
    yield "1 and `amends doctor` has a fault. The worker's log says why.\n"
    yield from table(
        ("Watch", "At least every", "Silent at most", "Meanwhile", "In the log"),
        map(_watch_row, WATCHES.values()),
    )


def _watch_row(watch: Watch) -> tuple[str, ...]:
    where = f" (only with {watch.only_where})" if watch.only_where else ""
    logged = " or ".join(f"`{event}`" for event in watch.logged)
    rhythm, limit = f"{watch.every_seconds:g} s", f"{watch.silent_seconds_max:g} s"
    return f"`{watch.name}`{where}", rhythm, limit, watch.meanwhile, logged


def reference_books() -> Iterator[str]:
    books = edition(CURRENT_EDITION)
    yield "# Reference books\n"
    yield f"Edition {books.number}. Each code with its label in English and Chinese, and what else"
    yield "the book says of it; longer details are in `GET /v1/reference-books/{name}`.\n"
    for name, book in sorted(books.books.items()):
        yield f"\n## {name}\n"
        yield f"{book.title.en} · {book.title.zh} · version {book.version}\n"
        yield from table(
            ("Code", "English", "中文", "Under", "Details"),
            (
                (f"`{e.code}`", e.labels.en, e.labels.zh, e.parent or "", _details(e))
                for e in book.entries
            ),
        )


def _details(entry: Entry) -> str:
    """What a book says of a code, as long as it is short."""
    said = json.dumps(entry.details, default=dict, ensure_ascii=False)
    return f"`{said[1:-1]}`" if 2 < len(said) <= LONGEST_DETAILS else ""


def http() -> Iterator[str]:
    yield "# HTTP\n"
    yield "Every route and who may call it. Bodies, answers and examples: `/openapi.json`, shown"
    yield "at `/docs`. Every error is a problem (RFC 9457) with a stable `code`.\n"
    yield "`updated_at` of a case is the newest time at which any of its events occurred, which"
    yield "need not be the last event's: what is recorded late may have occurred before.\n"
    yield from table(
        ("Method", "Path", "Roles", "Does"),
        ((r.method, f"`{openapi_path(r.path)}`", _roles(r.roles), r.summary) for r in ROUTES),
    )
    yield "\n## Problems\n"
    yield "Besides the [refusals](refusals.md) of the domain:\n"
    yield from table(
        ("Code", "Status", "English", "中文"),
        (
            (f"`{code}`", str(kind.status), kind.title.en, kind.title.zh)
            for code, kind in PROBLEM_KINDS.items()
            if code not in REFUSAL_PROBLEMS
        ),
    )


def _roles(roles: frozenset[Role] | None) -> str:
    if roles is None:
        return "open"
    return "every role" if roles == EVERY_ROLE else ", ".join(sorted(roles))


def cli() -> Iterator[str]:
    yield "# Command line\n"
    yield "`amends COMMAND --help` shows the same.\n"
    for path, command in _commands("amends", amends):
        yield f"\n## {path}\n"
        yield f"{' '.join((command.help or '').split())}\n"
        yield from table(("Argument or option", "Meaning"), _parameters(command))
    yield "\n## JSON\n"
    yield "With `--json` a list is one object: its rows under their name, and whether it goes on"
    yield 'behind them, such as `{"promises": [...], "more": false}`. Rows are those that HTTP'
    yield "answers, where it has the same list; times are UTC and end with `Z`.\n"
    yield "\n## Exit codes\n"
    yield from table(("Code", "Meaning"), ((str(int(code)), code.meaning) for code in Exit))


def _commands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        if (found := command.get_command(context, name)) is not None:
            yield from _commands(f"{path} {name}", found)


def _parameters(command: click.Command) -> Iterator[tuple[str, ...]]:
    for each in command.params:
        if isinstance(each, click.Option) and not each.hidden:
            yield f"`{' / '.join([*each.opts, *each.secondary_opts])}`", each.help or ""
        elif isinstance(each, click.Argument):
            yield f"`{each.make_metavar(click.Context(command))}`", each.help or ""


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "lifecycle.md": lifecycle,
    "modules.md": modules,
    "refusals.md": refusals,
    "settings.md": settings,
    "watches.md": watches,
    "http.md": http,
    "cli.md": cli,
    "reference-books.md": reference_books,
}


def main() -> None:
    """Write every page."""
    REFERENCE.mkdir(exist_ok=True)
    for name, content in pages().items():
        (REFERENCE / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
