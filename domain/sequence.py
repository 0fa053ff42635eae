"""What answers something cannot have occurred before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from domain import errors, events
from domain.times import CLOCK_TOLERANCE

if TYPE_CHECKING:
    from domain.circumstances import Circumstances
    from domain.conflict_case import ConflictCase
    from domain.events import CaseEvent


def _promised_at(case: ConflictCase, event: Any) -> datetime:
    return case.commitments[event.commitment_id].made.occurred_at


def _asked_at(case: ConflictCase, event: events.SurveyAnswered) -> datetime:
    return case.surveys[event.survey_id].occurred_at


def _ordered_at(case: ConflictCase, event: Any) -> datetime:
    order = case.open_order
    return order.occurred_at if order else event.occurred_at


ANSWERED: Final[Mapping[type[CaseEvent], Callable[[ConflictCase, Any], datetime]]] = {
    events.CommitmentApproved: _promised_at,
    events.CommitmentKept: _promised_at,
    events.CommitmentWithdrawn: _promised_at,
    events.SurveyAnswered: _asked_at,
    events.DirectorPlanDelivered: _ordered_at,
    events.DirectorOrderClosed: _ordered_at,
}
"""When that occurred which an event answers; the rule stands in these steps' rows."""


def not_before_what_it_answers(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    """Within what the clocks of two machines may differ."""
    require_not_before(ANSWERED[type(event)](case, event), event.occurred_at, "occurred_at")


def require_not_before(answered_at: datetime, at: datetime, field: str) -> None:
    """Raises OccurredBeforeAnswered where the time in this field lies before what it answers."""
    if at < answered_at - CLOCK_TOLERANCE:
        raise errors.OccurredBeforeAnswered(field=field, answered_at=answered_at)
