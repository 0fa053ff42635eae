"""The audit trail over HTTP: who did what, when, from where, old and new value."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from api import params, two_clocks
from api.json_body import rfc3339
from api.pages import answer_page, reading
from api.rendering import Reader
from api.routes import ALL_BUT_REPORTERS, Answer, Call, Param, Route
from domain.lifecycle import STEPS
from domain.personal import PersonalText
from projections import audit_trail
from projections.audit_questions import AuditEntry, AuditFilter


def show_case_trail(call: Call, case_id: UUID) -> Answer:
    """The entries of one case. A case that is not read yet has none; one that is not, a 404."""
    answer = _trail(call, case_id)
    if not answer.body["items"] and call.query["cursor"] is None:
        asked = two_clocks.instants(call)
        two_clocks.case_then(call, case_id, as_of=asked.as_of, known_at=asked.known_at)
    return answer


def show_trail(call: Call) -> Answer:
    """The entries of all cases."""
    return _trail(call, None)


def _trail(call: Call, case_id: UUID | None) -> Answer:
    query = call.query
    wanted = AuditFilter(
        case_id=case_id,
        actor_id=query["actor"],
        step=_command(query["step"]),
        occurred_from=query["occurred_from"],
        occurred_to=query["occurred_to"],
        recorded_from=query["recorded_from"],
        recorded_to=query["recorded_to"],
        instants=two_clocks.instants(call),
    )
    with reading(call, audit_trail.NAME) as (connection, state):
        page = call.front.audit_questions.entries(
            connection,
            wanted,
            newest_first=query["sort"] == "-position",
            limit=query["limit"],
            cursor=two_clocks.cursor_in(call),
        )
    reader = call.reader()
    items = [_entry(each, reader) for each in page.entries]
    return answer_page(call, items, two_clocks.cursor_out(call, page.next_cursor), state)


def _command(step: str | None) -> str | None:
    return step.replace("-", "_") if step else None


def _entry(entry: AuditEntry, reader: Reader) -> dict[str, Any]:
    reader.about(entry.case_id)
    return {
        "position": entry.position,
        "case_id": str(entry.case_id),
        "reference": entry.reference,
        "version": entry.version,
        "step": entry.step.replace("_", "-"),
        "event": entry.event,
        "actor": {"id": entry.actor_id, "kind": entry.actor_kind},
        "via": entry.via,
        "occurred_at": rfc3339(entry.occurred_at),
        "recorded_at": rfc3339(entry.recorded_at),
        "correlation_id": entry.correlation_id,
        "causation_id": entry.causation_id,
        "status_before": entry.status_before,
        "status_after": entry.status_after,
        "changes": [
            {
                "field": change.field,
                "old": _opened(change.old, reader),
                "new": _opened(change.new, reader),
            }
            for change in entry.changes
        ],
    }


def _opened(value: Any, reader: Reader) -> Any:
    """A JSON value with its personal texts opened, hidden or erased."""
    if isinstance(value, PersonalText):
        return reader.text(value)
    if isinstance(value, dict):
        return {name: _opened(inner, reader) for name, inner in value.items()}
    if isinstance(value, list):
        return [_opened(inner, reader) for inner in value]
    return value


_STEP_NAMES: Final = tuple(name.replace("_", "-") for name in STEPS)
TRAIL_PARAMS: Final[tuple[Param, ...]] = (
    params.text("actor", params.actor, "Only what this actor did."),
    params.choice("step", _STEP_NAMES, "Only this step."),
    params.moment("occurred_from", "Occurred at this time or later."),
    params.moment("occurred_to", "Occurred before this time."),
    params.moment("recorded_from", "Recorded at this time or later."),
    params.moment("recorded_to", "Recorded before this time."),
    *two_clocks.CLOCKS,
    params.choice("sort", ("position", "-position"), "A minus: the newest first.", "position"),
    params.CURSOR,
    params.LIMIT,
    params.WAIT_FOR,
)

TRAIL_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/cases/<case:case_id>/audit-trail",
        name="show_case_trail",
        summary="Who did what to this case, when, from where, and what it changed.",
        tag="Audit",
        view=show_case_trail,
        roles=ALL_BUT_REPORTERS,
        params=TRAIL_PARAMS,
        shows="AuditPage",
    ),
    Route(
        method="GET",
        path="/v1/audit-trail",
        name="show_trail",
        summary="Who did what to which case, over all cases.",
        tag="Audit",
        view=show_trail,
        roles=ALL_BUT_REPORTERS,
        params=TRAIL_PARAMS,
        shows="AuditPage",
    ),
)
