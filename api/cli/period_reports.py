"""Reports over a period as commands: tables for people, JSON as over HTTP for scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import click

from api.cli.asking import built
from api.cli.headings import figure
from api.cli.opening import open_service
from api.cli.output import json_option, show, show_json, show_table
from api.cli.values import ReadAs, language_option, two_clocks
from api.errors import Problem
from api.lessons_report import day_or_instant, period_between
from api.period_report import Figures, PeriodReport
from projections.lessons_period import Period
from projections.rewinding import Past, Rewinding
from service.assembly import Service
from service.instants import Instants

DAY: Final = ReadAs("DAY", day_or_instant)
Rewound = Callable[[Service], Rewinding]
Moment = date | datetime
Rows = Sequence[Mapping[str, Any]]


def period_report_command(report: PeriodReport, rewound: Rewound, about: str) -> click.Command:
    """`report` for a group of commands; `rewound` makes what tells of the past."""

    @click.command("report", help=f"{about}\n\nBy default of the last twelve months.")
    @click.option("--from", "first", type=DAY, help="This day (UTC) or this time, and later.")
    @click.option("--to", "last", type=DAY, help="Up to this day, included, or before this time.")
    @two_clocks
    @language_option
    @json_option
    def command(
        first: Moment | None,
        last: Moment | None,
        as_of: datetime | None,
        known_at: datetime | None,
        language: str,
        as_json: bool,
    ) -> None:
        instants = Instants(as_of, known_at)
        now = instants.seen_at or datetime.now(UTC)
        period = _period(first, last, now.date())
        with open_service(gives_up=True) as service, built(service, report.read_model) as at:
            past = Past(rewound(service))
            figures = past.ask(at, instants, lambda seen: report.count(seen, period, now, language))
        if as_json:
            show_json(report.framed(figures, period, instants, language))
        else:
            _show(figures, language)

    return command


def _period(first: Moment | None, last: Moment | None, today: date) -> Period:
    try:
        return period_between(first, last, today) or Period.last_twelve_months(today)
    except Problem:
        raise click.UsageError("--to must lie after --from, and at most 100 years") from None


def _show(figures: Figures, language: str) -> None:
    for number, (name, rows) in enumerate(_tables(figures)):
        if number:
            show("")
        show(figure(name, "", language))
        names = [each for each in rows[0] if f"{each}_label" not in rows[0]]
        lines = [[_cell(row[each]) for each in names] for row in rows]
        show_table([figure(each, name, language) for each in names], lines)


def _tables(figures: Mapping[str, Any]) -> Iterator[tuple[str, Rows]]:
    """Every list, and every group of single figures, that holds something."""
    for name, value in figures.items():
        if isinstance(value, list):
            yield from [(name, value)] if value else []
            continue
        row = value if isinstance(value, dict) else {"count": value}
        yield name, [{each: one for each, one in row.items() if not isinstance(one, list)}]
        yield from _tables({each: one for each, one in row.items() if isinstance(one, list)})


def _cell(value: Any) -> Any:
    """A share as so many of so many."""
    return f"{value['count']}/{value['of']}" if isinstance(value, dict) else value
