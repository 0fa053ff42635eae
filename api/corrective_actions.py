"""Corrective actions over HTTP: listed, assigned, completed by one, verified by another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from api import headers, params, two_clocks
from api.commitments import owner
from api.corrective_action_json import action_json
from api.json_schema import FLAG
from api.pages import in_language
from api.reviews import DOERS, REVIEWERS, TAG, before_cursor, page_answer, told_of
from api.routes import ALL_BUT_REPORTERS, Answer, Call, Param, Route
from api.steps import ordered
from domain.kinds import CodeOf
from domain.reviews.corrective import ActionState, CorrectiveAction
from domain.value_kinds import ExternalRef
from projections.cursors import page_of
from service.corrective_actions import ActionFilter
from service.record_streams import Kept


@dataclass(frozen=True, kw_only=True)
class AssignAction:
    """Who owns it from now on, by reference: records outlive everybody, so no name stands there."""

    owner: ExternalRef


@dataclass(frozen=True, kw_only=True)
class CompleteAction:
    """What was done; the file or ticket, where there is one."""

    measure: Annotated[str, CodeOf("improvement_measures")]
    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class VerifyAction:
    """Whether it helped; `deviation_remains` opens it again."""

    result: Annotated[str, CodeOf("corrective_results")]
    file_ref: ExternalRef | None = None


def list_actions(call: Call) -> Answer:
    """A page of corrective actions, those opened last first."""
    query = call.query
    wanted = ActionFilter(
        state=ActionState(query["state"]) if query["state"] else None,
        late=query["late"],
        figure=query["figure"],
        owner=query["owner"],
        review_id=query["review_id"],
        opened_from=query["opened_from"],
        opened_to=query["opened_to"],
    )
    limit: int = query["limit"]
    with call.front.engine.connect() as connection:
        found = call.front.service.reviews.actions.page(
            connection, wanted, limit + 1, before_cursor(call), two_clocks.instants(call)
        )
    rows, last = page_of(found, limit)
    now = two_clocks.moment(call)
    return page_answer(call, [action_json(each, call.language, now) for each in rows], last)


def show_action(call: Call, action_id: UUID) -> Answer:
    """One corrective action with the figure that opened it."""
    kept = call.front.service.reviews.actions.get(action_id, two_clocks.instants(call))
    return _answer(call, kept, two_clocks.moment(call))


def assign_action(call: Call, action_id: UUID) -> Answer:
    """Give an action to another owner."""
    return _changed(call, action_id, AssignAction, call.front.service.reviews.actions.assign)


def complete_action(call: Call, action_id: UUID) -> Answer:
    """Say that an action is done."""
    return _changed(call, action_id, CompleteAction, call.front.service.reviews.actions.do)


def verify_action(call: Call, action_id: UUID) -> Answer:
    """Say whether an action that somebody else did helped."""
    return _changed(call, action_id, VerifyAction, call.front.service.reviews.actions.verify)


def _changed(
    call: Call, action_id: UUID, order: type, change: Callable[..., Kept[CorrectiveAction]]
) -> Answer:
    version = headers.expected_version(call.request)
    said, by, command = ordered(call, order)
    kept = change(action_id, by, expected_version=version, **said, command=command)
    return _answer(call, kept, datetime.now(UTC))


def _answer(call: Call, kept: Kept[CorrectiveAction], now: datetime) -> Answer:
    body = action_json(kept, call.language, now)
    return in_language(call, Answer(body, headers=told_of(kept)))


ACTION: Final = "/v1/corrective-actions/<uuid:action_id>"

ACTION_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/corrective-actions",
        name="list_corrective_actions",
        summary="What deviating figures of audits opened, the newest first.",
        tag=TAG,
        view=list_actions,
        roles=ALL_BUT_REPORTERS,
        params=(
            params.choice("state", tuple(ActionState), "Only actions that stand like this."),
            Param("late", params.boolean, FLAG, "Only late ones, or only the others."),
            params.code("figure", "audit_figures", "Only actions about this figure."),
            params.text("owner", owner, "Only what this team or person owns."),
            params.identity("review_id", "Only what this audit opened."),
            params.since("opened_from", "Opened at this time or later."),
            params.since("opened_to", "Opened before this time."),
            *two_clocks.CLOCKS,
            params.CURSOR,
            params.LIMIT,
        ),
        shows="CorrectiveActionPage",
    ),
    Route(
        method="GET",
        path=ACTION,
        name="show_corrective_action",
        summary="One corrective action with the figure that opened it.",
        tag=TAG,
        view=show_action,
        roles=ALL_BUT_REPORTERS,
        params=two_clocks.CLOCKS,
        shows="CorrectiveAction",
    ),
    Route(
        method="POST",
        path=f"{ACTION}/assign",
        name="assign_corrective_action",
        summary="Give a corrective action to another owner.",
        tag=TAG,
        view=assign_action,
        roles=REVIEWERS,
        order=AssignAction,
        versioned=True,
        example={"owner": "WAREHOUSE-2"},
        shows="CorrectiveAction",
    ),
    Route(
        method="POST",
        path=f"{ACTION}/complete",
        name="complete_corrective_action",
        summary="Say that a corrective action is done.",
        tag=TAG,
        view=complete_action,
        roles=DOERS,
        order=CompleteAction,
        versioned=True,
        example={"measure": "train_staff", "file_ref": "TRAINING-12"},
        shows="CorrectiveAction",
    ),
    Route(
        method="POST",
        path=f"{ACTION}/verify",
        name="verify_corrective_action",
        summary="Say whether a corrective action helped; never by whoever did it.",
        tag=TAG,
        view=verify_action,
        roles=REVIEWERS,
        order=VerifyAction,
        versioned=True,
        example={"result": "deviation_gone"},
        shows="CorrectiveAction",
    ),
)
