"""`amends replay`: one case, event by event, and what each of them changed."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import click

from api.cli.case_changes import Change, changes, state_of
from api.cli.finding import history_then
from api.cli.looking import looked_at, reader_of, reveal_options
from api.cli.opening import open_service
from api.cli.output import json_option, line_of, show, show_json
from api.cli.values import two_clocks
from api.rendering import Reader
from domain.conflict_case import ConflictCase
from service.instants import Instants
from service.mapper import LoggedEvent


@click.command("replay")
@click.argument("case")
@reveal_options
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
        history = history_then(service, case, Instants(as_of, known_at))
        case_id = history[0].event.case_id
        token = reader_of(service, reveal=reveal)
        steps = looked_at(
            service, "replay", case_id, token, reason, partial(_steps, case_id, history)
        )
    if as_json:
        show_json({"case_id": str(case_id), "steps": steps})
    else:
        for step in steps:
            _show(step)


def _steps(case_id: UUID, history: list[LoggedEvent], reader: Reader) -> list[dict[str, Any]]:
    case = ConflictCase(case_id)
    before = state_of(case)
    steps = []
    for logged in history:
        case.remember(logged.event)
        after = state_of(case)
        steps.append(_step(logged, changes(before, after, reader.text)))
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
        old = "" if change["old"] is None else f"{line_of(change['old'])} → "
        show(f"       {change['field']}: {old}{line_of(change['new'])}")
    show("")
