"""Decisions of reviews over HTTP: completed, given to others, given another day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from api import headers
from api.reviews import DOERS, REVIEW, REVIEWERS, TAG, review_answer
from api.routes import Answer, Call, Route
from api.steps import ordered
from domain.reviews.review import Review
from domain.reviews.values import ChangeReason
from domain.value_kinds import ExternalRef
from service.record_streams import Kept


@dataclass(frozen=True, kw_only=True)
class CompleteDecision:
    """That it is done; the file or ticket, where there is one."""

    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class AssignDecision:
    """Who carries it out from now on, by reference, and why; the ticket, where there is one."""

    owner: ExternalRef
    reason: ChangeReason
    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class RescheduleDecision:
    """Until the end of which day it is to be done, and why; the ticket, where there is one."""

    due_on: date
    reason: ChangeReason
    file_ref: ExternalRef | None = None


def complete_decision(call: Call, review_id: UUID, number: int) -> Answer:
    """Record that a decision of a held review was carried out."""
    decisions = call.front.service.reviews.decisions
    return _changed(call, review_id, number, CompleteDecision, decisions.carry_out)


def assign_decision(call: Call, review_id: UUID, number: int) -> Answer:
    """Give a decision that is not done to another owner."""
    decisions = call.front.service.reviews.decisions
    return _changed(call, review_id, number, AssignDecision, decisions.assign)


def reschedule_decision(call: Call, review_id: UUID, number: int) -> Answer:
    """Give a decision that is not done another day."""
    decisions = call.front.service.reviews.decisions
    return _changed(call, review_id, number, RescheduleDecision, decisions.reschedule)


def _changed(
    call: Call, review_id: UUID, number: int, order: type, change: Callable[..., Kept[Review]]
) -> Answer:
    version = headers.expected_version(call.request)
    said, by, command = ordered(call, order)
    kept = change(review_id, by, expected_version=version, number=number, **said, command=command)
    return review_answer(call, kept, datetime.now(UTC))


DECISION: Final = f"{REVIEW}/decisions/<int(min=1, max=50):number>"

DECISION_ROUTES: Final = (
    Route(
        method="POST",
        path=f"{DECISION}/complete",
        name="complete_review_decision",
        summary="Say that a decision of a review is done; it leaves the work list.",
        tag=TAG,
        view=complete_decision,
        roles=DOERS,
        order=CompleteDecision,
        versioned=True,
        example={"file_ref": "CHANGE-31"},
        shows="Review",
    ),
    Route(
        method="POST",
        path=f"{DECISION}/assign",
        name="assign_review_decision",
        summary="Give a decision of a review to another owner; the record keeps who had it.",
        tag=TAG,
        view=assign_decision,
        roles=REVIEWERS,
        order=AssignDecision,
        versioned=True,
        example={"owner": "TEAM-7", "reason": "wrong_owner"},
        shows="Review",
    ),
    Route(
        method="POST",
        path=f"{DECISION}/reschedule",
        name="reschedule_review_decision",
        summary="Give a decision of a review another day; what was late by then stays late.",
        tag=TAG,
        view=reschedule_decision,
        roles=REVIEWERS,
        order=RescheduleDecision,
        versioned=True,
        example={"due_on": "2027-01-29", "reason": "waits_for_others"},
        shows="Review",
    ),
)
