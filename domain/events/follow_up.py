"""After the resolution and after contacts: surveys, their answers, and directors' orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.events.envelope import CaseEvent
from domain.kinds import CodeOf, ListLimit
from domain.solution_values import PlanStep
from domain.value_kinds import (
    Channel,
    Count,
    LocalId,
    LongPersonalText,
    LongStaffText,
    Score,
    Touchpoint,
)
from domain.values import OrderGround, SatisfactionScore, Status, SurveyOccasion


@dataclass(frozen=True, kw_only=True)
class SurveySent(CaseEvent):
    """The customer was asked how satisfied they are, on one scale (S49, S51).

    `survey_id` is decided.
    """

    NAME = "survey_sent"

    survey_id: LocalId
    occasion: SurveyOccasion
    channel: Channel
    scale: Annotated[str, CodeOf("score_scales")]
    touchpoint: Touchpoint | None = None


@dataclass(frozen=True, kw_only=True)
class SurveyAnswered(CaseEvent):
    """The customer answered a survey, in part or in full.

    `occasion`, `scale` and `leads_to` are decided: the survey's, and followed_up where it was
    asked about a resolution that stands.
    """

    NAME = "survey_answered"

    survey_id: LocalId
    value: Score | None = None
    satisfied: bool | None = None
    substantially_solved: bool | None = None
    comment: LongPersonalText | None = None
    occasion: SurveyOccasion
    scale: Annotated[str, CodeOf("score_scales")]
    leads_to: Status

    @property
    def score(self) -> SatisfactionScore | None:
        """The score with its scale; None where none was given."""
        if self.value is None:
            return None
        return SatisfactionScore(scale=self.scale, value=self.value)


@dataclass(frozen=True, kw_only=True)
class DirectorOrderOpened(CaseEvent):
    """The service director has to see to this customer, over all their cases (S50).

    `number` counts the orders of the customer. All but the trigger and its grounds is decided.
    """

    NAME = "director_order_opened"

    order_id: LocalId
    number: Count
    trigger: Annotated[str, CodeOf("order_triggers")]
    grounds: Annotated[tuple[OrderGround, ...], ListLimit(20, least=1)]
    led_by: Annotated[str, CodeOf("escalation_levels")]


@dataclass(frozen=True, kw_only=True)
class DirectorPlanDelivered(CaseEvent):
    """The plan that the order asks for is there; `order_id` is decided: the open one."""

    NAME = "director_plan_delivered"

    order_id: LocalId
    plan: LongStaffText
    steps: Annotated[tuple[PlanStep, ...], ListLimit(50, least=1)]


@dataclass(frozen=True, kw_only=True)
class DirectorOrderClosed(CaseEvent):
    """The order was carried out; `order_id` is decided: the open one."""

    NAME = "director_order_closed"

    order_id: LocalId
    result: LongStaffText
