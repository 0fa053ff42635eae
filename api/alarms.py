"""Alarms of early warning over HTTP: listed, shown, acknowledged, linked to a case, closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from api import headers, params
from api.addresses import case_with
from api.alarm_json import alarm_json
from api.errors import Problem
from api.pages import in_language, next_link
from api.routes import ALL_BUT_REPORTERS, Answer, Call, Param, Route
from api.steps import ordered
from domain.circumstances import Circumstances
from domain.early_warning.alarms import AlarmState
from domain.errors import OtherCaseNotFound
from domain.kinds import CodeOf
from domain.value_kinds import CaseReference, ExternalRef
from domain.values import Role
from projections.cursors import decode, encode, page_of
from service.alarms import AlarmFilter, KeptAlarm

HANDLERS: Final = frozenset({Role.HANDLER, Role.ANALYST, Role.APPROVER, Role.ADMIN})


@dataclass(frozen=True, kw_only=True)
class AcknowledgeAlarm:
    """Somebody sees to it; the file or ticket, where there is one."""

    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class LinkCase:
    """The case that looks for the root cause, by its id or by its reference."""

    case_id: UUID | None = None
    reference: CaseReference | None = None


@dataclass(frozen=True, kw_only=True)
class CloseAlarm:
    """Why nothing more is to be done; the file or ticket, where there is one."""

    ground: Annotated[str, CodeOf("alarm_grounds")]
    file_ref: ExternalRef | None = None


def list_alarms(call: Call) -> Answer:
    """A page of alarms, the newest first."""
    query = call.query
    state = AlarmState(query["state"]) if query["state"] else None
    wanted = AlarmFilter(
        state=state, level=query["level"], rule=query["rule"], since=query["since"]
    )
    before = None
    if query["cursor"] is not None:
        (before,) = decode(query["cursor"], tuple[int])
    limit: int = query["limit"]
    with call.front.engine.connect() as connection:
        found = call.front.service.alarms.page(connection, wanted, limit + 1, before)
    rows, last = page_of(found, limit)
    cursor = None if last is None else encode(last.raised_position)
    items = [alarm_json(each, call.language) for each in rows]
    answer = Answer({"items": items}, headers=next_link(call.request, cursor))
    return in_language(call, answer)


def show_alarm(call: Call, alarm_id: UUID) -> Answer:
    """One alarm with the values that raised it."""
    return _answer(call, call.front.service.alarms.get(alarm_id))


def acknowledge_alarm(call: Call, alarm_id: UUID) -> Answer:
    """Say that somebody sees to it."""
    return _changed(call, alarm_id, AcknowledgeAlarm, call.front.service.alarms.acknowledge)


def link_alarm_case(call: Call, alarm_id: UUID) -> Answer:
    """Link the case that looks for the root cause."""

    def link(alarm: UUID, by: Circumstances, **said: Any) -> KeptAlarm:
        case_id = _linked(call, said.pop("case_id", None), said.pop("reference", None))
        return call.front.service.alarms.link_case(alarm, by, case_id=case_id, **said)

    return _changed(call, alarm_id, LinkCase, link)


def _linked(call: Call, case_id: UUID | None, reference: str | None) -> UUID:
    """The case that is named in one of the two ways. Raises Problem, OtherCaseNotFound."""
    if (case_id is None) == (reference is None):
        raise Problem("invalid_body", errors=({"pointer": "", "code": "id_or_reference"},))
    found = case_id if reference is None else case_with(call.front, reference)
    if found is None:
        raise OtherCaseNotFound
    return found


def close_alarm(call: Call, alarm_id: UUID) -> Answer:
    """Close it on a ground."""
    return _changed(call, alarm_id, CloseAlarm, call.front.service.alarms.close)


def _changed(call: Call, alarm_id: UUID, order: type, change: Callable[..., KeptAlarm]) -> Answer:
    version = headers.expected_version(call.request)
    said, by, command = ordered(call, order)
    return _answer(call, change(alarm_id, by, expected_version=version, **said, command=command))


def _answer(call: Call, kept: KeptAlarm) -> Answer:
    told = {"ETag": headers.etag(kept.alarm.version), "Amends-Position": str(kept.position)}
    if kept.replayed:
        told["Idempotency-Replayed"] = "true"
    return in_language(call, Answer(alarm_json(kept, call.language), headers=told))


LIST_PARAMS: Final[tuple[Param, ...]] = (
    params.choice("state", tuple(AlarmState), "Only alarms that stand like this."),
    params.code("level", "alarm_levels", "Only alarms of this level."),
    params.code("rule", "warning_rules", "Only alarms of this rule."),
    params.since("since", "Only alarms raised at this time or later."),
    params.CURSOR,
    params.LIMIT,
)
TAG: Final = "Early warning"
ALARM: Final = "/v1/alarms/<uuid:alarm_id>"

ALARM_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/alarms",
        name="list_alarms",
        summary="What rules of early warning found, the newest first.",
        tag=TAG,
        view=list_alarms,
        roles=ALL_BUT_REPORTERS,
        params=LIST_PARAMS,
        shows="AlarmPage",
    ),
    Route(
        method="GET",
        path=ALARM,
        name="show_alarm",
        summary="One alarm with the values that raised it.",
        tag=TAG,
        view=show_alarm,
        roles=ALL_BUT_REPORTERS,
        shows="Alarm",
    ),
    Route(
        method="POST",
        path=f"{ALARM}/acknowledge",
        name="acknowledge_alarm",
        summary="Say that somebody sees to an alarm.",
        tag=TAG,
        view=acknowledge_alarm,
        roles=HANDLERS,
        order=AcknowledgeAlarm,
        versioned=True,
        example={"file_ref": "TICKET-4711"},
        shows="Alarm",
    ),
    Route(
        method="POST",
        path=f"{ALARM}/link-case",
        name="link_alarm_case",
        summary="Link the case that looks for the root cause of an alarm.",
        tag=TAG,
        view=link_alarm_case,
        roles=HANDLERS,
        order=LinkCase,
        versioned=True,
        example={"case_id": "0192a0f4-7b3c-7d11-9e55-3d1c3f0a8b21"},
        shows="Alarm",
    ),
    Route(
        method="POST",
        path=f"{ALARM}/close",
        name="close_alarm",
        summary="Close an alarm on a ground.",
        tag=TAG,
        view=close_alarm,
        roles=HANDLERS,
        order=CloseAlarm,
        versioned=True,
        example={"ground": "expected_event", "file_ref": "CAMPAIGN-12"},
        shows="Alarm",
    ),
)
