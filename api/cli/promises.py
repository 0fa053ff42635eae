"""`amends promises`: what was promised over all cases, and in one of them."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import click
from sqlalchemy import Connection

from api.case_labels import name_owners, name_states
from api.cli.asking import Page, built, first_rows, limit_option
from api.cli.finding import case_then
from api.cli.headings import how_many_listed
from api.cli.looking import looked_at, reader_of, reveal_options
from api.cli.opening import open_service
from api.cli.output import (
    json_option,
    line_of,
    say,
    show,
    show_json,
    show_list_json,
    show_table,
    time_of,
)
from api.cli.period_reports import period_report_command
from api.cli.values import REFERENCE, TIME, ReadAs, language_option, two_clocks
from api.cli.words import line
from api.commitments import STATES, commitment_json, owner
from api.promise_json import promise_parts
from api.promise_report import REPORT
from api.rendering import Reader
from domain.conflict_case import ConflictCase
from projections.commitment_questions import CommitmentFilter, list_commitments
from projections.deadline_tables import NAME
from projections.past_lists import past_promises, rewinding_deadlines
from service.instants import Instants

LISTED_COLUMNS = (
    "Due", "State", "Case", "Promise", "Kind", "Owner", "Handler", "Confirmed", "Kept",
)  # fmt: skip
CASE_COLUMNS = ("Promise", "State", "Kind", "Owner", "Due", "Made", "Confirmed")


@click.group("promises")
def command() -> None:
    """Show what was promised, and what became of it."""


@command.command("list")
@click.option("--owner", type=ReadAs("OWNER", owner), help="Only what this team or person owes.")
@click.option("--handler", type=REFERENCE, help="Only this handler's cases.")
@click.option("--state", type=click.Choice(STATES), help="Only promises in this state.")
@click.option("--due-before", type=TIME, help="Only what is due before.")
@limit_option
@two_clocks
@language_option
@json_option
def list_promises(
    as_of: datetime | None,
    known_at: datetime | None,
    limit: int,
    language: str,
    as_json: bool,
    **asked: Any,
) -> None:
    """List promises of all cases, the next due first. Texts stand in the cases.

    Unlike over HTTP, however much has happened since --as-of or --known-at is folded.
    """
    instants = Instants(as_of, known_at)
    wanted = CommitmentFilter(now=instants.seen_at or datetime.now(UTC), **asked)

    def ask(connection: Connection, most: int, cursor: str | None) -> Page:
        page = list_commitments(connection, wanted, limit=most, cursor=cursor)
        return page.commitments, page.next_cursor

    with open_service(gives_up=True) as service, built(service, NAME) as connection:
        past = past_promises(rewinding_deadlines(service.mapper, most_events=None), wanted)
        found = first_rows(connection, past, instants, limit, ask)
    listed = [commitment_json(each, language) for each in found.rows]
    if as_json:
        show_list_json("promises", listed, more=found.more)
        return
    if listed:
        show_table(LISTED_COLUMNS, [_line(each) for each in listed], language)
    say(found.how_many("promise", language))


def _line(promise: dict[str, Any]) -> tuple[Any, ...]:
    names = ("state_label", "reference", "commitment_id", "kind_label")
    told = (promise[name] for name in names)
    whose = (promise["owner_label"], promise["handler"])
    after = (promise["confirmed"], time_of(promise["kept_at"]))
    return (time_of(promise["due_at"]), *told, *whose, *after)


@command.command("show")
@click.argument("case")
@reveal_options
@two_clocks
@language_option
@json_option
def show_promises(
    case: str,
    reveal: bool,
    reason: str | None,
    as_of: datetime | None,
    known_at: datetime | None,
    language: str,
    as_json: bool,
) -> None:
    """Show the promises of a case, with what was said of each.

    CASE is its id or its reference. Personal text is hidden unless --reveal is given; then the
    rights are those of the same key over HTTP, and the access log says who looked.
    """
    instants = Instants(as_of, known_at)
    with open_service(gives_up=True) as service:
        found = case_then(service, case, instants)
        token = reader_of(service, reveal=reveal)
        made = partial(_promises, found, instants.seen_at or datetime.now(UTC), language)
        promises = looked_at(service, "promises", found.id, token, reason, made)
    if as_json:
        show_json({"case_id": str(found.id), "reference": found.reference, "promises": promises})
        return
    if promises:
        show_table(CASE_COLUMNS, [_told(each) for each in promises], language)
    for each in promises:
        text = line_of(each["text"], language)
        show(line("promise", language, commitment_id=each["commitment_id"], text=text))
    say(how_many_listed(len(promises), "promise", language))


def _promises(
    case: ConflictCase, seen_at: datetime, language: str, reader: Reader
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = promise_parts(case, reader, seen_at)["commitments"]
    name_states("commitments", found, language)
    name_owners(found, language)
    for each in found:
        each["kind_label"] = case.edition.label("commitment_kinds", each["kind"], language)
    return found


def _told(promise: dict[str, Any]) -> tuple[Any, ...]:
    names = ("commitment_id", "state_label", "kind_label", "owner_label")
    times = (time_of(promise["due_at"]), time_of(promise["occurred_at"]))
    return (*(promise[name] for name in names), *times, promise["confirmed"])


command.add_command(
    period_report_command(
        REPORT,
        lambda service: rewinding_deadlines(service.mapper, most_events=None),
        "Show promises kept and broken, delays told in time, and targets met, of a period.",
    )
)
