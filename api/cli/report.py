"""`amends report`: the lessons-learned report, now or as it was known, without a bound."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final

import click

from api.cli.exits import CommandError, Exit
from api.cli.files import writing_to
from api.cli.opening import open_service
from api.cli.output import progress
from api.cli.values import ReadAs, language_option, two_clocks
from api.errors import Problem
from api.json_body import encode
from api.lessons_report import MEDIA_TYPES, day_or_instant, period_between
from api.rendering import Reader
from api.reports.as_csv import report_csv
from api.reports.as_json import report_json
from api.reports.page import report_page
from api.reports.wording import Wording
from api.witness import Witness
from projections.health import ReadModelNotReady
from projections.lessons_report import GROUP_BY, ReportRequest
from projections.managers_report import (
    ManagersReport,
    managers_report,
    rewinding_managers_report,
)
from service.assembly import Service
from service.instants import Instants

NOBODY: Final = Reader(frozenset(), Witness())
"""The command line shows figures and no texts: those are for whom a key names."""
DAY: Final = ReadAs("DAY", day_or_instant)
Moment = date | datetime


@click.command("report")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.option("--from", "first", type=DAY, help="Cases reported on this day (UTC) or later.")
@click.option("--to", "last", type=DAY, help="Cases reported up to this day, included.")
@click.option(
    "--group-by",
    type=click.Choice(GROUP_BY),
    default="type",
    show_default=True,
    help="What the figures are broken down by.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(sorted(MEDIA_TYPES)),
    default="json",
    show_default=True,
    help="What is written.",
)
@language_option
@two_clocks
def command(
    file: str,
    first: Moment | None,
    last: Moment | None,
    as_of: datetime | None,
    known_at: datetime | None,
    **chosen: Any,
) -> None:
    """Write the lessons-learned report to FILE, by default to standard output.

    With --known-at it gives the figures that it would have given then. Unlike over HTTP, however
    much has happened since is folded. It holds no texts of the cases.
    """
    instants = Instants(as_of, known_at)
    with open_service() as service, writing_to(file) as write:
        report = _made(service, (first, last), instants, chosen["group_by"])
        wording = Wording(chosen["language"], report.lessons.edition)
        write(_rendered(report, chosen["form"], wording))


def _made(
    service: Service,
    days: tuple[Moment | None, Moment | None],
    instants: Instants,
    group_by: str,
) -> ManagersReport:
    made_at = datetime.now(UTC)
    now = instants.seen_at or made_at
    try:
        period = period_between(*days, now.date())
    except Problem:
        raise click.UsageError("--to must lie after --from, and at most 100 years") from None
    asked = ReportRequest(
        now=now, period=period, group_by=group_by, instants=instants, made_at=made_at
    )
    with progress("Folding") as tell, service.engine.connect() as connection:
        rewinding = rewinding_managers_report(
            service.mapper,
            most_events=None,
            tell=lambda done, total: tell(done, total, f"{done:,} events"),
        )
        try:
            return managers_report(connection, asked, rewinding)
        except ReadModelNotReady:
            raise CommandError(
                Exit.REFUSED,
                "the read model of the report is not built yet",
                "A running `amends worker` builds it.",
            ) from None


def _rendered(report: ManagersReport, form: str, wording: Wording) -> bytes:
    if form == "json":
        return encode(report_json(report.lessons, NOBODY, wording)) + b"\n"
    if form == "csv":
        return report_csv(report.lessons, wording)
    return report_page(report, NOBODY, wording)
