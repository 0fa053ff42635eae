"""The steps of the follow-up loop: surveys and a director's orders."""

from __future__ import annotations

from domain import emotions, events, orders, sequence, surveys
from domain.lifecycle.step import APPROVER, INTAKE, OPEN, TIMER, Step
from domain.values import Status

STEPS = (
    Step(
        command="send_survey",
        event=events.SurveySent,
        allowed_in=OPEN,
        roles=INTAKE,
        decides={"survey_id": surveys.survey_id},
        ready=(emotions.person_answers_anger,),
        rules=(surveys.something_to_ask_about,),
    ),
    Step(
        command="answer_survey",
        event=events.SurveyAnswered,
        allowed_in=OPEN | {Status.CLOSED, Status.DISMISSED},
        roles=INTAKE,
        decides={
            "occasion": surveys.occasion,
            "scale": surveys.scale,
            "leads_to": surveys.status_after_answer,
        },
        offered=(surveys.some_survey_unanswered,),
        rules=(
            surveys.survey_unanswered,
            surveys.something_answered,
            surveys.value_on_scale,
            sequence.not_before_what_it_answers,
        ),
    ),
    Step(
        command="open_director_order",
        event=events.DirectorOrderOpened,
        allowed_in=frozenset(Status),
        roles=TIMER,
        by_timers=True,
        decides={"order_id": orders.order_id, "led_by": orders.leader},
        ready=(orders.no_order_open,),
    ),
    Step(
        command="deliver_director_plan",
        event=events.DirectorPlanDelivered,
        allowed_in=frozenset(Status),
        roles=APPROVER,
        decides={"order_id": orders.open_order_id},
        ready=(orders.some_order_open, orders.plan_is_missing),
        rules=(sequence.not_before_what_it_answers,),
    ),
    Step(
        command="close_director_order",
        event=events.DirectorOrderClosed,
        allowed_in=frozenset(Status),
        roles=APPROVER,
        decides={"order_id": orders.open_order_id},
        ready=(orders.some_order_open, orders.plan_is_there),
        rules=(sequence.not_before_what_it_answers,),
    ),
)
