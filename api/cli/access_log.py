"""`amends access-log`: who was shown personal data, when, of which cases, and why."""

from collections.abc import Iterator
from datetime import datetime

import click

from api.cli.asking import cut
from api.cli.finding import find_case
from api.cli.opening import open_service
from api.cli.output import json_option, say, show_list_json, show_table
from api.cli.values import TIME
from api.who_looked import access_json
from service.access_log import AccessFilter
from service.assembly import Service
from service.record_book import LoggedRecord

PAGE_SIZE = 1_000
COLUMNS = ("Recorded", "Actor", "Via", "What", "Texts", "Cases", "Reason")


@click.command("access-log")
@click.option("--actor", help="Only what this actor was shown.")
@click.option("--case", help="Only where texts of this case were: its id or its reference.")
@click.option("--subject", "subject_ref", help="Only where this person's cases were.")
@click.option("--since", type=TIME, help="Recorded at this time or later; a day begins in UTC.")
@click.option("--until", type=TIME, help="Recorded before this time; a day begins in UTC.")
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="At most so many rows.",
)
@json_option
def command(
    actor: str | None,
    case: str | None,
    subject_ref: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List who was shown personal data, the newest first. No text is repeated here."""
    with open_service(gives_up=True) as service:
        wanted = AccessFilter(
            actor_id=actor,
            case_id=find_case(case, service) if case else None,
            subject_ref=subject_ref,
            since=since,
            until=until,
        )
        found = cut(list(_accesses(service, wanted, limit + 1)), limit)
    if as_json:
        show_list_json("accesses", [access_json(each) for each in found.rows], more=found.more)
        return
    if found.rows:
        show_table(COLUMNS, [_row(each) for each in found.rows])
    say(found.how_many("access", "en"))


def _accesses(service: Service, wanted: AccessFilter, limit: int) -> Iterator[LoggedRecord]:
    before, left = None, limit
    with service.engine.connect() as connection:
        while left > 0:
            page = service.access_log.page(connection, wanted, min(left, PAGE_SIZE), before)
            yield from page
            if len(page) < min(left, PAGE_SIZE):
                return
            before, left = page[-1].position, left - len(page)


def _row(logged: LoggedRecord) -> tuple[object, ...]:
    found = logged.record
    cases = str(found.cases[0]) if len(found.cases) == 1 else f"{len(found.cases)} cases"
    return (
        logged.recorded_at,
        found.actor.id,
        found.via.value,
        found.what,
        found.texts,
        cases,
        found.reason,
    )
