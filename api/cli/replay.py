"""`amends replay`: one case, event by event, and what each of them changed."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import click
import structlog

from api.cli.api_key import given_api_key
from api.cli.case_changes import Change, Show, changes, hidden, revealed, state_of
from api.cli.exits import CommandError, Exit
from api.cli.finding import NO_SUCH_CASE, find_case
from api.cli.opening import open_service
from api.cli.output import json_option, show, show_json
from api.cli.values import two_clocks
from api.witness import Witness
from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.errors import CaseNotFound
from domain.values import Via
from projections.instants import Instants
from service.access_log import Looked
from service.access_tokens import AccessToken
from service.assembly import Service
from service.mapper import LoggedEvent

_log = structlog.get_logger("amends.replay")


@click.command("replay")
@click.argument("case")
@click.option(
    "--reveal",
    is_flag=True,
    help="Show personal text as far as the API key read from standard input may see it.",
)
@click.option("--reason", help="Why you look: a ticket or a file number, for the access log.")
@two_clocks
@json_option
def command(
    case: str,
    reveal: bool,
    reason: str | None,
    as_of: datetime | None,
    known_at: datetime | None,
    as_json: bool,
) -> None:
    """Step through a case and show what each event changed, with both of its times.

    CASE is its id or its reference. Personal text is hidden unless --reveal is given; then the
    rights are those of the same key over HTTP, and the access log says who looked.

    A field is named by where the case holds it (`report.customer.ref`, `lessons.1.root`), and
    everything that an event changed is told, what it took back too. The audit trail over HTTP
    names what each event says (`customer.ref`, `lessons.root`).

    --as-of and --known-at leave out what had not occurred, or was not recorded, by a time such as
    2026-03-01T09:30:00+08:00; what each event changed is told as if that were not there.
    """
    with open_service(gives_up=True) as service:
        case_id = find_case(case, service)
        reader = given_api_key(service) if reveal else None
        try:
            history = service.cases.history(case_id)
        except CaseNotFound:
            raise NO_SUCH_CASE from None
        history = _then(history, Instants(as_of, known_at))
        steps = _shown_to(reader, reason, service, case_id, history)
    if as_json:
        show_json({"case_id": str(case_id), "steps": steps})
    else:
        for step in steps:
            _show(step)


def _then(history: list[LoggedEvent], instants: Instants) -> list[LoggedEvent]:
    """The events that were there by then. Raises CommandError where the case was not."""
    there = [
        logged for logged in history if instants.cover(logged.event.occurred_at, logged.recorded_at)
    ]
    if not there or there[0].event.version != 1:
        raise CommandError(
            Exit.NOT_FOUND,
            "the case was not there then",
            "Its first event had not occurred, or was not known, by that time.",
        )
    return there


def _shown_to(
    reader: AccessToken | None,
    reason: str | None,
    service: Service,
    case_id: UUID,
    history: list[LoggedEvent],
) -> list[dict[str, Any]]:
    """The steps as this reader may see them; on record before they see anything."""
    if reader is None:
        return _steps(case_id, history, hidden)
    if reason is None and service.settings.require_access_reason:
        raise CommandError(Exit.REFUSED, "a reason is required", "Add --reason TICKET.")
    witness = Witness()
    witness.about(case_id)
    steps = _steps(case_id, history, revealed(frozenset(reader.roles), witness))
    if witness.saw_anything:
        looked = Looked(
            what="replay",
            cases=witness.cases,
            texts=witness.texts,
            reason=reason,
            credential_id=reader.token_id,
        )
        by = Circumstances(
            actor=reader.actor,
            roles=frozenset(reader.roles),
            now=datetime.now(UTC),
            correlation_id=f"replay-{uuid4()}",
            via=Via.CLI,
        )
        service.access_log.note(looked, by, witness.key_ids)
    _log.warning("personal_text_revealed", case_id=str(case_id), actor=reader.name)
    return steps


def _steps(case_id: UUID, history: list[LoggedEvent], present: Show) -> list[dict[str, Any]]:
    case = ConflictCase(case_id)
    before = state_of(case)
    steps = []
    for logged in history:
        case.remember(logged.event)
        after = state_of(case)
        steps.append(_step(logged, changes(before, after, present)))
        before = after
    return steps


def _step(logged: LoggedEvent, changed: list[Change]) -> dict[str, Any]:
    event = logged.event
    return {
        "version": event.version,
        "event": event.NAME,
        "occurred_at": event.occurred_at,
        "recorded_at": logged.recorded_at,
        "position": logged.position,
        "actor": {"id": event.actor.id, "kind": event.actor.kind.value},
        "via": event.via.value,
        "changes": [change._asdict() for change in changed],
    }


def _show(step: dict[str, Any]) -> None:
    actor = step["actor"]
    show(f"{step['version']:>3}  {step['event']}  by {actor['id']} ({actor['kind']})")
    show(f"     occurred {step['occurred_at']:%Y-%m-%d %H:%M:%S %Z}")
    show(f"     recorded {step['recorded_at']:%Y-%m-%d %H:%M:%S %Z}, position {step['position']}")
    for change in step["changes"]:
        old = "" if change["old"] is None else f"{_text(change['old'])} → "
        show(f"       {change['field']}: {old}{_text(change['new'])}")
    show("")


def _text(value: Any) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, dict):
        return f"({next(iter(value))})"
    # A line break or another control character in a text must not look like a line of ours.
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode()
        for each in str(value)
    )
