"""`amends replay`: one case, event by event, and what each of them changed."""

import re
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import click
import structlog
from sqlalchemy import Connection, text

from api.cli.case_changes import Change, Show, changes, hidden, revealed, state_of
from api.cli.exits import CommandError, Exit
from api.cli.opening import open_service
from api.cli.output import json_option, show, show_json
from api.witness import Witness
from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.errors import CaseNotFound
from domain.kinds import Shape, kind_of
from domain.values import CaseReference, Via
from projections import case_list
from projections.case_questions import CaseFilter, CaseQuestions
from projections.cursors import LIMIT_MAX
from projections.health import ReadModelNotReady, read_state
from projections.search_tokens import BlindIndex
from service.access_log import Looked
from service.access_tokens import AccessToken, AccessTokens, parse
from service.assembly import Service
from service.mapper import LoggedEvent
from service.master_key import load_master_key

NO_SUCH_CASE = CommandError(
    Exit.NOT_FOUND, "there is no such case", "CASE is an id or a reference such as C-2026-000123."
)
CASE_REFERENCE = re.compile(kind_of(CaseReference).mark(Shape).pattern)
FIRST_EVENT = text("""
    SELECT originator_id FROM events
    WHERE originator_version = 1
      AND convert_from(state, 'UTF8')::jsonb ->> 'reference' = :reference
""")

_log = structlog.get_logger("amends.replay")


@click.command("replay")
@click.argument("case")
@click.option(
    "--reveal",
    is_flag=True,
    help="Show personal text as far as the API key read from standard input may see it.",
)
@click.option("--reason", help="Why you look: a ticket or a file number, for the access log.")
@json_option
def command(case: str, reveal: bool, reason: str | None, as_json: bool) -> None:
    """Step through a case and show what each event changed, with both of its times.

    CASE is its id or its reference. Personal text is hidden unless --reveal is given; then the
    rights are those of the same key over HTTP, and the access log says who looked.

    A field is named by where the case holds it (`report.customer.ref`, `lessons.1.root`), and
    everything that an event changed is told, what it took back too. The audit trail over HTTP
    names what each event says (`customer.ref`, `lessons.root`).
    """
    with open_service() as service:
        case_id = find_case(case, service)
        reader = _reader(service) if reveal else None
        try:
            history = service.cases.history(case_id)
        except CaseNotFound:
            raise NO_SUCH_CASE from None
        steps = _shown_to(reader, reason, service, case_id, history)
    if as_json:
        show_json({"case_id": str(case_id), "steps": steps})
    else:
        for step in steps:
            _show(step)


def find_case(case: str, service: Service) -> UUID:
    """The case of an id or a reference. Raises CommandError."""
    try:
        return UUID(case)
    except ValueError:
        pass
    if not CASE_REFERENCE.fullmatch(case):
        raise NO_SUCH_CASE
    with service.engine.connect() as connection:
        found = _listed(connection, case, service) or _logged(connection, case)
    if found is None:
        raise NO_SUCH_CASE
    return found


def _listed(connection: Connection, reference: str, service: Service) -> UUID | None:
    """The case as the case list knows it: at once, where the list has read that far."""
    questions = CaseQuestions(service.keys, BlindIndex(load_master_key(service.settings)))
    try:
        read_state(connection, case_list.NAME)
    except ReadModelNotReady:
        return None
    wanted = CaseFilter(text=reference)
    page = questions.list_cases(connection, wanted, roles=frozenset(), limit=LIMIT_MAX)
    return next((each.case_id for each in page.cases if each.reference == reference), None)


def _logged(connection: Connection, reference: str) -> UUID | None:
    """The case as the log knows it: the list may be behind, or have the case parked."""
    found: UUID | None = connection.execute(FIRST_EVENT, {"reference": reference}).scalar()
    return found


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


def _reader(service: Service) -> AccessToken:
    clear = _given_key()
    parsed = parse(clear.strip())
    token = AccessTokens(service.engine).find(parsed[0]) if parsed else None
    if not (parsed and token and token.has_secret(parsed[1]) and token.in_force(datetime.now(UTC))):
        raise CommandError(
            Exit.REFUSED, "this API key is not in force", "`amends token create` makes one."
        )
    return token


def _given_key() -> str:
    """A line of standard input; asked for, and not shown, where that is a terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    return str(click.prompt("API key", hide_input=True, err=True, default="", show_default=False))


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
