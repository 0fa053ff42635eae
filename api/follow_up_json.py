"""Surveys and directors' orders of a case as JSON."""

from __future__ import annotations

from typing import Any, Final

from api.json_schema import TEXT, Json, SchemaBook, an_object, list_of, or_null
from api.rendering import Reader, fact
from domain import events
from domain.conflict_case import ConflictCase
from domain.solution_values import PlanStep

ORDER_STATES: Final = ("open", "planned", "closed")
"""Waiting for its plan; the plan is there; carried out."""


def follow_up_parts(case: ConflictCase, reader: Reader) -> dict[str, Any]:
    """What the customer was asked and answered, and the orders that the case bears."""
    return {
        "surveys": [_survey(case, sent, reader) for sent in case.surveys.values()],
        "orders": [_order(case, opened, reader) for opened in case.orders.values()],
    }


def _survey(case: ConflictCase, sent: events.SurveySent, reader: Reader) -> dict[str, Any]:
    answers = [event for _, event in case.survey_answers if event.survey_id == sent.survey_id]
    reader.note("survey_occasions", sent.occasion.value)
    return {**fact(sent, reader), "answer": fact(answers[0], reader) if answers else None}


def _order(
    case: ConflictCase, opened: events.DirectorOrderOpened, reader: Reader
) -> dict[str, Any]:
    plan = case.order_plans.get(opened.order_id)
    closing = case.orders_closed.get(opened.order_id)
    return {
        **fact(opened, reader),
        "state": "closed" if closing else "planned" if plan else "open",
        "plan": fact(plan, reader) if plan else None,
        "closing": fact(closing, reader) if closing else None,
    }


def follow_up_schemas(book: SchemaBook) -> dict[str, Json]:
    """The schemas of the parts, by their names in the case."""
    answer = or_null(book.fact(events.SurveyAnswered))
    step: Json = {"allOf": [book.open(PlanStep), an_object(owner_label=TEXT)]}
    order = book.fact(
        events.DirectorOrderOpened,
        state={"enum": list(ORDER_STATES)},
        state_label=TEXT,
        plan=or_null(book.fact(events.DirectorPlanDelivered, steps=list_of(step))),
        closing=or_null(book.fact(events.DirectorOrderClosed)),
    )
    return {
        "surveys": list_of(book.fact(events.SurveySent, answer=answer)),
        "orders": list_of(order),
    }
