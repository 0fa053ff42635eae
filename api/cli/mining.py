"""`amends export --format xes|ocel2`: whole cases for process mining, and which of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import click
from sqlalchemy import text

from api.cli.exits import CommandError, Exit
from api.cli.finding import find_case
from api.cli.output import progress, say
from api.readers import known_codes
from domain.values import Status
from projections.mining.cases import MinedCase, MinedLog
from projections.mining.ocel import ocel
from projections.mining.pseudonyms import Pseudonyms
from projections.mining.selection import ORIGINS, Selection
from projections.mining.xes import xes
from service.assembly import Service
from service.progress import TellInWords

FORMATS: Final = {"xes": xes, "ocel2": ocel}
DAY: Final = click.DateTime(["%Y-%m-%d"])
OPTIONS: Final = (
    click.option("--language", type=click.Choice(["en", "zh"]), help="Of the activities' names."),
    click.option("--from", "began_from", type=DAY, help="Cases that began on this day or later."),
    click.option("--to", "began_to", type=DAY, help="Cases that began before this day (UTC)."),
    click.option(
        "--status",
        "statuses",
        multiple=True,
        type=click.Choice([each.value for each in Status]),
        help="Only cases in this status; may stand several times.",
    ),
    click.option(
        "--type",
        "conflict_types",
        multiple=True,
        type=click.Choice(sorted(known_codes("conflict_types"))),
        help="Only conflicts of this type; may stand several times.",
    ),
    click.option("--customer", help="Only the cases of this customer's reference."),
    click.option("--case", "cases", multiple=True, help="Only this case: its id or reference."),
    click.option(
        "--origin",
        type=click.Choice(ORIGINS),
        help="Only cases reported here, or only what another system told.",
    ),
)
"""What chooses cases and names activities; none of it is for the stored events."""

Options = dict[str, Any]
Write = Callable[[bytes], object]


def mining_options(function: Any) -> Any:
    """Add the options to a command."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def require_period(begin: datetime | None, end: datetime | None) -> None:
    """Raise CommandError where both are given and the end does not lie after the beginning."""
    if begin and end and end <= begin:
        raise CommandError(
            Exit.USAGE, "--to must lie after --from", "The two may have changed places."
        )


def require_none(options: Options) -> None:
    """Raise CommandError where an option was given that the stored events do not know."""
    if any(options.values()):
        raise CommandError(
            Exit.USAGE,
            "cases can be chosen for process mining only",
            "Add --format xes or --format ocel2.",
        )


def count_events(service: Service) -> int:
    """How many events the store has, those that readers do not see yet among them."""
    with service.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM events")).scalar_one())


def export_cases(service: Service, write: Write, form: str, options: Options) -> int:
    """Write the log of the chosen cases, part by part."""
    wanted = _selection(service, options)
    names, language = Pseudonyms.of(service.settings), options["language"] or "en"
    told = _Told(count_events(service))
    with progress("Exporting") as tell:
        cases = told.passing(MinedLog(service.recorder, service.mapper).cases(wanted), tell)
        for part in FORMATS[form](cases, names, language):
            write(part)
    say(f"Exported {told.cases:,} cases with {told.events:,} events.")
    held_back = max(0, told.total - told.events) if wanted == Selection() else 0
    if held_back:
        say(f"{held_back:,} newer events are held back; `amends doctor` names who does it.")
    return Exit.FOUND if held_back else Exit.OK


class _Told:
    """Counts what passes, and tells how far it is."""

    def __init__(self, total: int) -> None:
        self.cases = self.events = 0
        self.total = total

    def passing(self, cases: Iterator[MinedCase], tell: TellInWords) -> Iterator[MinedCase]:
        for case in cases:
            self.cases += 1
            self.events += len(case.events)
            tell(self.events, self.total, f"{self.events:,} events")
            yield case


def _selection(service: Service, options: Options) -> Selection:
    return Selection(
        began_from=_midnight(options["began_from"]),
        began_to=_midnight(options["began_to"]),
        statuses=frozenset(options["statuses"]),
        conflict_types=frozenset(options["conflict_types"]),
        case_ids=_case_ids(service, options),
        origin=options["origin"],
    )


def _case_ids(service: Service, options: Options) -> frozenset[UUID] | None:
    """The cases that are named, by themselves or by their customer; None where none are."""
    chosen = None
    if options["cases"]:
        chosen = frozenset(find_case(each, service) for each in options["cases"])
    if options["customer"] is None:
        return chosen
    theirs = frozenset(service.subjects.cases_of(options["customer"]))
    return theirs if chosen is None else chosen & theirs


def _midnight(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None
