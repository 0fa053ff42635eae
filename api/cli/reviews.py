"""`amends reviews`: when reviews fall due, which were held or missed, what came of them."""

from datetime import UTC, datetime
from typing import Any

import click

from api.cli.asking import cut, limit_option
from api.cli.exits import CommandError, Exit
from api.cli.headings import how_many_listed
from api.cli.mining import require_period
from api.cli.opening import open_service
from api.cli.output import json_option, say, show_list_json, show_table
from api.cli.review_decisions import assign, complete, list_decisions, reschedule
from api.cli.review_preview import preview_reviews
from api.cli.values import TIME, language_option, two_clocks
from api.corrective_action_json import action_json
from api.review_json import occurrence_json, review_json
from api.reviews import AHEAD, LONGEST
from api.state_labels import ACTION_STATES, REVIEW_STATES, owner_label
from domain.records import ReviewOpened
from domain.reference_books import edition_or_current
from domain.reviews.corrective import ActionState, CorrectiveAction
from domain.reviews.review import Review, ReviewState, review_id
from domain.reviews.rhythm import ReviewKind, due_between, kinds_of
from service.corrective_actions import ActionFilter
from service.instants import Instants
from service.reviews import KINDS, ReviewFilter

CALENDAR_COLUMNS = ("Opens", "Due", "Kind", "Covers from", "To", "Owner")
REVIEW_COLUMNS = ("Opened", "Due", "State", "Late", "Kind", "Covers from", "To", "Id")
ACTION_COLUMNS = ("Opened", "Due", "State", "Late", "Figure", "Expected", "Found", "Owner", "Id")


kind_option = click.option("--kind", type=click.Choice(sorted(KINDS)), help="Only this kind.")


@click.group("reviews")
def command() -> None:
    """Show reviews, the calendar they follow, what they decided, and corrective actions."""


for each in (preview_reviews, list_decisions, assign, reschedule, complete):
    command.add_command(each)


@command.command("calendar")
@kind_option
@click.option("--from", "since", type=TIME, help="After this time; by default now.")
@click.option("--to", "until", type=TIME, help="Up to this time; by default 92 days on.")
@language_option
@json_option
def show_calendar(
    kind: str | None,
    since: datetime | None,
    until: datetime | None,
    language: str,
    as_json: bool,
) -> None:
    """List when reviews fall due; holidays have moved them already. Needs no database."""
    begin = since or datetime.now(UTC)
    end = until or begin + AHEAD
    require_period(begin, end)
    if end - begin > LONGEST:
        raise CommandError(Exit.USAGE, "a calendar of more than two years", "Ask for less.")
    wanted = [each for each in kinds_of().values() if kind in (None, each.code)]
    found = [each for one in wanted for each in due_between(one, begin, end)]
    found.sort(key=lambda each: (each.opens_at, each.kind.code))
    if as_json:
        items = [occurrence_json(each, review_id(each), language) for each in found]
        show_list_json("reviews", items)
        return
    if found:
        rows = [
            (
                each.opens_at,
                each.due_at,
                _label(each.kind, language),
                *each.period,
                owner_label(each.kind.owner, language),
            )
            for each in found
        ]
        show_table(CALENDAR_COLUMNS, rows, language)
    say(how_many_listed(len(found), "review", language))


@command.command("list")
@kind_option
@click.option(
    "--state",
    type=click.Choice([state.value for state in ReviewState]),
    help="Only reviews in this state.",
)
@limit_option
@two_clocks
@language_option
@json_option
def list_reviews(
    kind: str | None,
    state: str | None,
    limit: int,
    as_of: datetime | None,
    known_at: datetime | None,
    language: str,
    as_json: bool,
) -> None:
    """List reviews that fell due, those opened last first."""
    instants = Instants(as_of, known_at)
    wanted = ReviewFilter(kind=kind, state=ReviewState(state) if state else None)
    with open_service() as service, service.engine.connect() as connection:
        page = service.reviews.page(connection, wanted, limit + 1, instants=instants)
        undone = service.reviews.undone(connection, instants)
    found = cut(page, limit)
    if as_json:
        now = instants.seen_at or datetime.now(UTC)
        listed = [review_json(each, language, now, undone) for each in found.rows]
        show_list_json("reviews", listed, more=found.more)
        return
    if found.rows:
        rows = [_review_line(each.standing, language) for each in found.rows]
        show_table(REVIEW_COLUMNS, rows, language)
    say(found.how_many("review", language))


def _label(kind: ReviewKind | ReviewOpened, language: str) -> str:
    code = kind.code if isinstance(kind, ReviewKind) else kind.kind
    return edition_or_current(kind.edition).label_or_code("review_kinds", code, language)


def _review_line(review: Review, language: str) -> tuple[Any, ...]:
    opened = review.opened
    when = (
        opened.occurred_at,
        opened.due_at,
        REVIEW_STATES[review.state].in_language(language),
        review.is_late,
    )
    return (*when, _label(opened, language), opened.period_from, opened.period_to, review.id)


@command.command("actions")
@click.option(
    "--state",
    type=click.Choice([state.value for state in ActionState]),
    help="Only corrective actions in this state.",
)
@click.option("--owner", help="Only what this team or person owns.")
@limit_option
@two_clocks
@language_option
@json_option
def list_actions(
    state: str | None,
    owner: str | None,
    limit: int,
    as_of: datetime | None,
    known_at: datetime | None,
    language: str,
    as_json: bool,
) -> None:
    """List the corrective actions that audits opened, the newest first."""
    instants = Instants(as_of, known_at)
    wanted = ActionFilter(state=ActionState(state) if state else None, owner=owner)
    with open_service() as service, service.engine.connect() as connection:
        page = service.reviews.actions.page(connection, wanted, limit + 1, instants=instants)
    found = cut(page, limit)
    if as_json:
        now = instants.seen_at or datetime.now(UTC)
        listed = [action_json(each, language, now) for each in found.rows]
        show_list_json("corrective_actions", listed, more=found.more)
        return
    if found.rows:
        rows = [_action_line(each.standing, language) for each in found.rows]
        show_table(ACTION_COLUMNS, rows, language)
    say(found.how_many("corrective action", language))


def _action_line(action: CorrectiveAction, language: str) -> tuple[Any, ...]:
    opened = action.opened
    books = edition_or_current(opened.edition)
    figure = books.label_or_code("audit_figures", opened.figure, language)
    when = (
        opened.occurred_at,
        action.due_at,
        ACTION_STATES[action.state].in_language(language),
        action.is_late,
    )
    return (
        *when,
        figure,
        opened.expected,
        opened.found,
        owner_label(action.owner, language),
        action.id,
    )
