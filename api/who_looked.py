"""The access log over HTTP: every answer that shows personal text is recorded; auditors read it."""

from __future__ import annotations

from typing import Any, Final

from api import headers, params
from api.errors import Problem
from api.json_body import rfc3339
from api.pages import next_link
from api.routes import Answer, Call, Route
from api.steps import circumstances
from domain.values import Role
from projections.cursors import decode, encode, page_of
from service.access_log import AccessFilter, Looked
from service.record_book import LoggedRecord

READERS: Final = frozenset({Role.AUDITOR, Role.PRIVACY})
MOST_TRIES: Final = 5
"""How often an answer is made again because a person it shows was erased meanwhile."""


def record(call: Call, route: Route, answer: Answer) -> None:
    """Record what the answer shows, before it leaves; nothing where it shows nothing personal.

    The answer to a step needs no record of its own: the step's event says who saw the case, at
    which version and when. Raises Problem where a reason is asked for, SubjectKeyDestroyed.
    """
    witness = call.context.witness
    if not witness.saw_anything or (route.step and "Idempotency-Replayed" not in answer.headers):
        return
    reason = headers.access_reason(call.request)
    if reason is None and call.front.settings.require_access_reason:
        raise Problem("access_reason_required")
    looked = Looked(
        what=route.name,
        cases=witness.cases,
        texts=witness.texts,
        searched=witness.searched,
        subject_ref=witness.subject_ref,
        reason=reason,
        credential_id=call.credential.id,
    )
    call.front.service.access_log.note(looked, circumstances(call, None), witness.key_ids)


def show_access_log(call: Call) -> Answer:
    """Who was shown personal data, the newest first."""
    query = call.query
    wanted = AccessFilter(
        actor_id=query["actor"],
        case_id=query["case_id"],
        subject_ref=query["subject_ref"],
        since=query["recorded_from"],
        until=query["recorded_to"],
    )
    before = None
    if query["cursor"] is not None:
        (before,) = decode(query["cursor"], tuple[int])
    limit: int = query["limit"]
    with call.front.engine.connect() as connection:
        found = call.front.service.access_log.page(connection, wanted, limit + 1, before)
    rows, last = page_of(found, limit)
    cursor = None if last is None else encode(last.position)
    items = [access_json(each) for each in rows]
    return Answer({"items": items}, headers=next_link(call.request, cursor))


def access_json(logged: LoggedRecord) -> dict[str, Any]:
    """One access as JSON; it holds no text."""
    found = logged.record
    return {
        "position": logged.position,
        "recorded_at": rfc3339(logged.recorded_at),
        "actor": {"id": found.actor.id, "kind": found.actor.kind.value},
        "credential_id": str(found.credential_id) if found.credential_id else None,
        "via": found.via.value,
        "what": found.what,
        "cases": [str(case_id) for case_id in found.cases],
        "subject_ref": found.subject_ref,
        "texts": found.texts,
        "searched": found.searched,
        "reason": found.reason,
        "correlation_id": found.correlation_id,
    }


ACCESS_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/access-log",
        name="show_access_log",
        summary="Who was shown personal data, when, of which cases, and why; the newest first.",
        tag="Audit",
        view=show_access_log,
        roles=READERS,
        params=(
            params.text("actor", params.actor, "Only what this actor was shown."),
            params.identity("case_id", "Only where texts of this case were shown."),
            params.text("subject_ref", params.subject, "Only where this person's cases were."),
            params.moment("recorded_from", "Recorded at this time or later."),
            params.moment("recorded_to", "Recorded before this time."),
            params.CURSOR,
            params.LIMIT,
        ),
        shows="AccessPage",
    ),
)
