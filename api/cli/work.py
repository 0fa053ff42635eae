"""`amends work`: what is due, by whom, until when and why."""

from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy import Connection

from api.cli.asking import Page, built, first_rows, limit_option
from api.cli.opening import open_service
from api.cli.output import json_option, say, show_list_json, show_table, time_of
from api.cli.values import REFERENCE, ReadAs, language_option, two_clocks
from api.commitments import owner
from api.work import KINDS, work_json, work_page
from projections.deadline_tables import NAME
from projections.past_lists import past_work, rewinding_deadlines
from projections.work_questions import WorkFilter
from service.instants import Instants

COLUMNS = ("Due", "Overdue", "Kind", "Of", "Owner", "Handler", "Unit", "Why")


@click.command("work")
@click.option("--kind", "clock", type=click.Choice(KINDS), help="Only this kind of work.")
@click.option("--handler", type=REFERENCE, help="Only the work of this handler.")
@click.option("--unit", type=REFERENCE, help="Only the work of this unit.")
@click.option("--owner", type=ReadAs("OWNER", owner), help="Only what this team or person owes.")
@click.option("--overdue/--not-overdue", default=None, help="Only what is overdue, or the rest.")
@click.option("--paused", is_flag=True, help="What waits for the customer, the longest wait first.")
@limit_option
@two_clocks
@language_option
@json_option
def command(
    as_of: datetime | None,
    known_at: datetime | None,
    limit: int,
    language: str,
    as_json: bool,
    **asked: Any,
) -> None:
    """List open work, the most urgent first: clocks, promises, escalations, alarms, reviews.

    Unlike over HTTP, however much has happened since --as-of or --known-at is folded.
    """
    instants = Instants(as_of, known_at)
    now = instants.seen_at or datetime.now(UTC)
    wanted = WorkFilter(now=now, alarms=True, instants=instants, **asked)
    with open_service(gives_up=True) as service, built(service, NAME) as connection:

        def ask(at: Connection, most: int, cursor: str | None) -> Page:
            page = work_page(at, service, wanted, limit=most, cursor=cursor, reviews=True)
            return page.work, page.next_cursor

        past = past_work(rewinding_deadlines(service.mapper, most_events=None), wanted)
        found = first_rows(connection, past, instants, limit, ask)
    listed = [work_json(each, now, language) for each in found.rows]
    if as_json:
        show_list_json("work", listed, more=found.more)
        return
    if listed:
        show_table(COLUMNS, [_line(each) for each in listed], language)
    say(found.how_many("piece of work", language))


def _line(work: dict[str, Any]) -> tuple[Any, ...]:
    why = work["why"]
    told = (work["owner_label"], work["handler"], work["unit_label"])
    clock = why["clock_label"]
    when = (time_of(work["due_at"]), work["overdue"])
    return (*when, clock, _of(work), *told, why["rule_label"])


def _of(work: dict[str, Any]) -> str:
    """A case by its reference, a decision as `REVIEW/NUMBER`, other work by its own id."""
    of = str(work["reference"] or next(work[name] for name in _IDS if work[name]))
    return of if work["decision"] is None else f"{of}/{work['decision']}"


_IDS = ("alarm_id", "corrective_action_id", "review_id")
