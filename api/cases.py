"""Reading one case: as it stands, as it stood, as it was known, and event by event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from api import headers
from api.case_json import add_steps, case_json, labels
from api.case_labels import add_labels
from api.json_body import rfc3339
from api.pages import in_language, next_link
from api.params import CURSOR, LABELS, LIMIT, VERSION
from api.rendering import Reader, actor, said
from api.routes import Answer, Call, Route
from api.two_clocks import CLOCKS, case_then
from domain.conflict_case import ConflictCase
from projections.cursors import decode, encode
from service.mapper import LoggedEvent

_PAST: Final = ("version", "as_of", "known_at")


def show_case(call: Call, case_id: UUID) -> Answer:
    """The case, folded from its events. A past state offers no steps."""
    query = call.query
    asked = {name: query[name] for name in _PAST if query[name] is not None}
    case = case_then(call, case_id, **asked)
    reader = call.reader(set() if query["labels"] else None)
    shown = add_labels(case_json(case, reader, _seen_at(case, query)), call.language)
    add_steps(shown, () if asked else case.allowed_steps(call.credential))
    if query["labels"]:
        shown["labels"] = labels(reader, case, call.language)
    return in_language(call, Answer(shown, headers={"ETag": headers.etag(case.version)}))


def _seen_at(case: ConflictCase, query: Mapping[str, Any]) -> datetime:
    """The instant for which clocks are shown: the one asked about, else now."""
    asked: datetime | None = query["as_of"] or query["known_at"]
    if query["version"] is not None:
        asked = asked or case.updated_at
    return asked or datetime.now(UTC)


def show_events(call: Call, case_id: UUID) -> Answer:
    """The case's stored events in order; the cursor holds the last version shown."""
    history = call.front.cases.history(case_id)
    after = _version_in(call.query["cursor"])
    limit = call.query["limit"]
    page = [logged for logged in history if logged.event.originator_version > after]
    reader = call.reader()
    shown = [_logged(logged, reader) for logged in page[:limit]]
    more = encode(shown[-1]["version"]) if len(page) > limit else None
    answer_headers = {"ETag": headers.etag(len(history)), **next_link(call.request, more)}
    return Answer({"items": shown}, headers=answer_headers)


def _version_in(cursor: str | None) -> int:
    if cursor is None:
        return 0
    (version,) = decode(cursor, tuple[int])
    return version


def _logged(logged: LoggedEvent, reader: Reader) -> dict[str, Any]:
    event = logged.event
    return {
        "version": event.originator_version,
        "name": event.NAME,
        "schema": event.SCHEMA,
        "position": logged.position,
        "occurred_at": rfc3339(event.occurred_at),
        "recorded_at": rfc3339(logged.recorded_at),
        "actor": actor(event),
        "via": event.via.value,
        "correlation_id": event.correlation_id,
        "causation_id": event.causation_id,
        "data": said(event, reader),
    }


CASE_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/cases/<case:case_id>",
        name="show_case",
        summary="The case, folded from its events: now, or as it was or was known.",
        tag="Cases",
        view=show_case,
        params=(VERSION, *CLOCKS, LABELS),
        shows="Case",
    ),
    Route(
        method="GET",
        path="/v1/cases/<case:case_id>/events",
        name="show_events",
        summary="The stored events of the case, in order.",
        tag="Cases",
        view=show_events,
        params=(CURSOR, LIMIT),
        shows="EventPage",
    ),
)
