"""`amends reviews decisions`, `assign`, `reschedule`, `complete`: what reviews decided."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import click

from api import params, parsing
from api.cli.api_key import given_api_key
from api.cli.asking import cut, limit_option
from api.cli.exits import CommandError, Exit
from api.cli.headings import how_many_listed
from api.cli.looking import require_role
from api.cli.opening import open_service
from api.cli.output import json_option, say, show_json, show_list_json, show_table
from api.cli.values import REFERENCE, ReadAs, language_option, two_clocks
from api.decision_json import undone_json
from api.reviews import DOERS, REVIEWERS
from api.state_labels import DECISION_STATES, owner_label
from domain.circumstances import Circumstances
from domain.errors import ReviewDecisionNotFound, ReviewNotFound
from domain.reference_books import edition_or_current
from domain.reviews.decisions import TakenDecision, decision_of
from domain.reviews.values import ChangeReason
from domain.values import Role, Via
from service.access_tokens import AccessToken
from service.assembly import Service
from service.instants import Instants
from service.record_streams import Kept
from service.review_decisions import ReviewDecisions

COLUMNS = ("Due", "State", "Measure", "Owner", "Changes", "Of")


def place(text: str) -> tuple[UUID, int]:
    """A decision as `amends work` names it: REVIEW/NUMBER. Raises Fault."""
    review, _, number = text.partition("/")
    return parsing.uuid(review), params.whole_number(1, 50)(number)


DECISION = ReadAs("REVIEW/NUMBER", place)
reason_option = click.option(
    "--reason",
    type=click.Choice([reason.value for reason in ChangeReason]),
    required=True,
    help="Why; it stands in the record.",
)
file_option = click.option("--file-ref", type=REFERENCE, help="The ticket.")


@click.command("decisions")
@click.option("--owner", type=REFERENCE, help="Only what this owner has.")
@limit_option
@two_clocks
@language_option
@json_option
def list_decisions(
    owner: str | None,
    limit: int,
    as_of: datetime | None,
    known_at: datetime | None,
    language: str,
    as_json: bool,
) -> None:
    """List what reviews decided and nobody has reported done, the most urgent first."""
    instants = Instants(as_of, known_at)
    with open_service() as service, service.engine.connect() as connection:
        undone = service.reviews.undone(connection, instants)
    found = cut([each for each in undone if owner in (None, each.owner)][: limit + 1], limit)
    now = instants.seen_at or datetime.now(UTC)
    if as_json:
        listed = [undone_json(each, language, now) for each in found.rows]
        show_list_json("decisions", listed, more=found.more)
        return
    if found.rows:
        show_table(COLUMNS, [_line(each, now, language) for each in found.rows], language)
    say(found.how_many("decision", language))


def _line(decision: TakenDecision, now: datetime, language: str) -> tuple[Any, ...]:
    books = edition_or_current(decision.review.opened.edition)
    return (
        decision.due_at,
        DECISION_STATES[decision.state(now)].in_language(language),
        books.label_or_code("improvement_measures", decision.told.measure, language),
        owner_label(decision.owner, language),
        len(decision.changes),
        f"{decision.review.id}/{decision.number}",
    )


@click.command("assign")
@click.argument("decision", type=DECISION)
@click.argument("owner", type=ReadAs("OWNER", params.reference))
@reason_option
@file_option
@json_option
def assign(decision: tuple[UUID, int], owner: str, as_json: bool, **told: Any) -> None:
    """Give a DECISION (REVIEW/NUMBER, as `amends work` lists it) to another OWNER.

    Reads your API key from standard input: the record says who did it, and the key needs the role.
    """
    _changed(decision, REVIEWERS, ReviewDecisions.assign, as_json, owner=owner, **_why(told))


@click.command("reschedule")
@click.argument("decision", type=DECISION)
@click.argument("day", type=ReadAs("DAY", parsing.day))
@reason_option
@file_option
@json_option
def reschedule(decision: tuple[UUID, int], day: date, as_json: bool, **told: Any) -> None:
    """Give a DECISION (REVIEW/NUMBER) another DAY, such as 2027-01-29. Reads your API key.

    It is due when that day ends where the review is held. What was late by then stays late.
    """
    _changed(decision, REVIEWERS, ReviewDecisions.reschedule, as_json, due_on=day, **_why(told))


@click.command("complete")
@click.argument("decision", type=DECISION)
@file_option
@json_option
def complete(decision: tuple[UUID, int], file_ref: str | None, as_json: bool) -> None:
    """Say that a DECISION (REVIEW/NUMBER) is done. Reads your API key from standard input."""
    _changed(decision, DOERS, ReviewDecisions.carry_out, as_json, file_ref=file_ref)


def _why(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "reason": ChangeReason(told["reason"])}


def _changed(
    decision: tuple[UUID, int],
    roles: frozenset[Role],
    change: Callable[..., Kept[Any]],
    as_json: bool,
    **told: Any,
) -> None:
    review_id, number = decision
    with open_service(gives_up=True) as service:
        token = given_api_key(service)
        require_role(token, roles)
        kept = _recorded(service, token, review_id, number, change, told)
    changed = decision_of(kept.standing, number)
    now = datetime.now(UTC)
    if as_json:
        show_json(undone_json(changed, "en", now))
        return
    show_table(COLUMNS, [_line(changed, now, "en")])
    say(how_many_listed(1, "decision", "en"))


def _recorded(
    service: Service,
    token: AccessToken,
    review_id: UUID,
    number: int,
    change: Callable[..., Kept[Any]],
    told: dict[str, Any],
) -> Kept[Any]:
    by = Circumstances(
        actor=token.actor,
        roles=frozenset(token.roles),
        now=datetime.now(UTC),
        correlation_id=f"reviews-{uuid4()}",
        via=Via.CLI,
    )
    try:
        seen = service.reviews.get(review_id).standing.version
        return change(
            service.reviews.decisions, review_id, by, expected_version=seen, number=number, **told
        )
    except (ReviewNotFound, ReviewDecisionNotFound):
        advice = "`amends reviews decisions` lists those that are not done."
        raise CommandError(Exit.NOT_FOUND, "there is no such decision", advice) from None
