"""The steps that raise a case: anger, a task force, an approval taken back, a playbook."""

from __future__ import annotations

from domain import decisions as decide
from domain import emotions, events, playbooks, readiness, routes
from domain.lifecycle.step import APPROVER, DECIDER, LISTENER, OPEN, Step
from domain.values import Status

STEPS = (
    Step(
        command="recognise_emotion",
        event=events.EmotionRecognised,
        allowed_in=OPEN,
        roles=LISTENER,
        decides={"said_at": emotions.said_at},
        rules=(
            emotions.words_were_heard,
            emotions.feelings_agree,
            emotions.not_recognised_before,
        ),
        may_precede_report=True,
        stands_aside=True,
    ),
    Step(
        command="name_task_force",
        event=events.TaskForceNamed,
        allowed_in=OPEN,
        roles=DECIDER,
        rules=(routes.each_member_once,),
    ),
    Step(
        command="withdraw_approval",
        event=events.ApprovalWithdrawn,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        roles=APPROVER,
        decides={"solution_id": decide.chosen_solution_id},
        ready=(
            readiness.something_chosen,
            readiness.approved,
            readiness.nothing_carried_out,
        ),
    ),
    Step(
        command="record_playbook",
        event=events.PlaybookRecorded,
        allowed_in=OPEN,
        rules=(playbooks.steps_of_playbook, playbooks.skipped_with_reason),
    ),
)
