"""`amends scores`: what customers gave as scores, one by one and summed up."""

from datetime import datetime
from typing import Any

import click
from sqlalchemy import Connection

from api.cli.asking import Page, built, first_rows, limit_option
from api.cli.finding import find_case
from api.cli.mining import require_period
from api.cli.opening import open_service
from api.cli.output import json_option, say, show_list_json, show_table, time_of
from api.cli.period_reports import period_report_command
from api.cli.values import SUBJECT, TIME, language_option, two_clocks
from api.orders import score_json
from api.readers import known_codes
from api.satisfaction_report import REPORT
from domain.reference_books import CURRENT_EDITION, edition
from projections.past_lists import past_scores, rewinding_satisfaction
from projections.satisfaction_questions import ScoreFilter, list_scores
from projections.satisfaction_tables import NAME
from service.instants import Instants

COLUMNS = ("Given", "Case", "Customer", "Scale", "Value", "Low", "Counts", "Channel", "Touchpoint")


@click.group("scores")
def command() -> None:
    """Show what customers gave as scores."""


@command.command("list")
@click.option("--customer", "subject_ref", type=SUBJECT, help="Only scores of this customer.")
@click.option("--case", help="Only scores of this case: its id or its reference.")
@click.option(
    "--scale",
    type=click.Choice(sorted(known_codes("score_scales"))),
    help="Only scores on this scale.",
)
@click.option("--low/--not-low", default=None, help="Only those below 4 of 5, or the others.")
@click.option("--valid/--invalid", default=None, help="Only those that count, or the others.")
@click.option("--from", "given_from", type=TIME, help="Given at this time or later.")
@click.option("--to", "given_to", type=TIME, help="Given before this time.")
@limit_option
@two_clocks
@language_option
@json_option
def list_all(
    case: str | None,
    as_of: datetime | None,
    known_at: datetime | None,
    limit: int,
    language: str,
    as_json: bool,
    **asked: Any,
) -> None:
    """List scores of all cases, the newest first; invalid ones are kept and marked.

    Unlike over HTTP, however much has happened since --as-of or --known-at is folded.
    """
    require_period(asked["given_from"], asked["given_to"])
    with open_service(gives_up=True) as service, built(service, NAME) as connection:
        wanted = ScoreFilter(case_id=find_case(case, service) if case else None, **asked)

        def ask(at: Connection, most: int, cursor: str | None) -> Page:
            page = list_scores(at, wanted, limit=most, cursor=cursor)
            return page.rows, page.next_cursor

        past = past_scores(rewinding_satisfaction(service.mapper, most_events=None), wanted)
        found = first_rows(connection, past, Instants(as_of, known_at), limit, ask)
    listed = [score_json(each, language) for each in found.rows]
    if as_json:
        show_list_json("scores", listed, more=found.more)
        return
    if listed:
        show_table(COLUMNS, [_line(each, language) for each in listed], language)
    say(found.how_many("score", language))


def _line(score: dict[str, Any], language: str) -> tuple[Any, ...]:
    told = [score[name] for name in ("reference", "customer_ref", "scale_label", "value")]
    where = (_label(book, score[book[:-1]], language) for book in ("channels", "touchpoints"))
    return (time_of(score["given_at"]), *told, score["low"], score["valid"], *where)


def _label(book: str, code: str | None, language: str) -> str | None:
    return code and edition(CURRENT_EDITION).label_or_code(book, code, language)


command.add_command(
    period_report_command(
        REPORT,
        lambda service: rewinding_satisfaction(service.mapper, most_events=None),
        "Show scores, surveys, repeat complaints and directors' orders of a period.",
    )
)
