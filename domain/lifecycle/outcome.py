"""The steps from the resolution on: the outcome, its lessons, the close, the reopening."""

from __future__ import annotations

from domain import decisions as decide
from domain import emotions, events, gate, promising, readiness, routes, rules
from domain.lifecycle.step import INTAKE, LEARNER, OPEN, Step
from domain.values import Status

STEPS = (
    Step(
        command="resolve",
        event=events.ConflictResolved,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        leads_to=Status.RESOLVED,
        ready=(
            emotions.person_answers_anger,
            readiness.decision_stands,
            routes.followed_before_resolution,
        ),
        rules=(gate.remedies_as_decided,),
    ),
    Step(
        command="follow_up",
        event=events.ConflictFollowedUp,
        allowed_in=frozenset({Status.RESOLVED, Status.FOLLOWED_UP}),
        leads_to=Status.FOLLOWED_UP,
        roles=INTAKE,
        rules=(rules.score_on_scale,),
    ),
    Step(
        command="record_lessons",
        event=events.LessonsRecorded,
        allowed_in=frozenset({Status.RESOLVED, Status.FOLLOWED_UP}),
        roles=LEARNER,
    ),
    Step(
        command="plan_prevention",
        event=events.PreventionPlanned,
        allowed_in=OPEN | {Status.CLOSED},
        roles=LEARNER,
        decides={"prevention_id": decide.prevention_id},
        ready=(readiness.lessons_known,),
    ),
    Step(
        command="complete_prevention",
        event=events.PreventionCompleted,
        allowed_in=OPEN | {Status.CLOSED},
        roles=LEARNER,
        ready=(readiness.lessons_known, readiness.something_planned),
        offered=(readiness.some_prevention_open,),
        rules=(rules.prevention_open,),
    ),
    Step(
        command="check_prevention",
        event=events.PreventionChecked,
        allowed_in=OPEN | {Status.CLOSED},
        roles=LEARNER,
        ready=(readiness.lessons_known, readiness.something_planned),
        offered=(readiness.some_prevention_done,),
        rules=(rules.prevention_done,),
    ),
    Step(
        command="hold_training",
        event=events.TrainingHeld,
        allowed_in=OPEN | {Status.CLOSED},
        roles=LEARNER,
        ready=(readiness.lessons_known,),
    ),
    Step(
        command="close",
        event=events.CaseClosed,
        allowed_in=frozenset({Status.FOLLOWED_UP}),
        leads_to=Status.CLOSED,
        ready=(
            readiness.lessons_of_this_attempt,
            readiness.both_answers_known,
            promising.no_promise_open,
        ),
    ),
    Step(
        command="reopen",
        event=events.CaseReopened,
        allowed_in=frozenset(
            {Status.RESOLVED, Status.FOLLOWED_UP, Status.CLOSED, Status.DISMISSED}
        ),
        roles=INTAKE,
        decides={"attempt": decide.next_attempt, "leads_to": decide.status_after_reopening},
    ),
)
