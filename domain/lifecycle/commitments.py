"""The steps of promises: made, kept or broken, and what the customer hears meanwhile."""

from __future__ import annotations

from domain import emotions, events, promising, rules, sequence, telling
from domain.lifecycle.step import APPROVER, DECIDER, INTAKE, OPEN, TIMER, Step
from domain.values import Status

STEPS = (
    Step(
        command="make_commitment",
        event=events.CommitmentMade,
        allowed_in=OPEN,
        decides={
            "commitment_id": promising.commitment_id,
            "needs_approval": promising.needs_approval,
        },
        rules=(
            emotions.person_promises_to_the_angry,
            promising.outcome_says_more,
            promising.replaced_by_agreement,
        ),
    ),
    Step(
        command="approve_commitment",
        event=events.CommitmentApproved,
        allowed_in=OPEN,
        roles=APPROVER,
        ready=(promising.something_to_approve,),
        rules=(promising.may_be_approved, sequence.not_before_what_it_answers),
    ),
    Step(
        command="keep_commitment",
        event=events.CommitmentKept,
        allowed_in=OPEN | {Status.CLOSED},
        ready=(promising.something_to_keep,),
        rules=(
            promising.may_be_kept,
            rules.evidence_is_known,
            sequence.not_before_what_it_answers,
        ),
    ),
    Step(
        command="withdraw_commitment",
        event=events.CommitmentWithdrawn,
        allowed_in=OPEN,
        roles=DECIDER,
        ready=(promising.something_to_withdraw, emotions.machine_has_something_to_take_back),
        rules=(
            emotions.person_takes_back_from_the_angry,
            promising.withdrawn_by_agreement,
            sequence.not_before_what_it_answers,
        ),
    ),
    Step(
        command="confirm_agreement",
        event=events.AgreementConfirmed,
        allowed_in=OPEN,
        ready=(promising.something_agreed, emotions.machine_has_something_to_confirm),
        rules=(
            emotions.person_confirms_to_the_angry,
            promising.another_channel,
            promising.may_be_written,
        ),
    ),
    Step(
        command="settle_open_points",
        event=events.OpenPointsSettled,
        allowed_in=OPEN,
        ready=(promising.something_to_settle,),
        rules=(promising.open_points_stand,),
    ),
    Step(
        command="break_commitment",
        event=events.CommitmentBroken,
        allowed_in=frozenset(Status) - {Status.CLOSED},
        roles=TIMER,
        by_timers=True,
        decides={"due_at": promising.due_time},
        rules=(promising.promise_is_broken,),
    ),
    Step(
        command="remind",
        event=events.ReminderGiven,
        allowed_in=OPEN,
        roles=TIMER,
        by_timers=True,
        decides={"due_at": promising.reminder_time},
        rules=(promising.reminder_is_due,),
    ),
    Step(
        command="ask_supplement",
        event=events.SupplementAsked,
        allowed_in=OPEN,
        roles=INTAKE,
    ),
    Step(
        command="send_supplement",
        event=events.SupplementSent,
        allowed_in=OPEN,
        ready=(emotions.person_answers_anger, telling.something_asked),
        rules=(rules.evidence_is_known,),
    ),
    Step(
        command="update_progress",
        event=events.ProgressUpdated,
        allowed_in=OPEN,
        ready=(emotions.person_answers_anger,),
        rules=(telling.blockers_are_answered,),
    ),
    Step(
        command="disclose_delay",
        event=events.DelayDisclosed,
        allowed_in=OPEN,
        decides={"due_at": telling.due_time},
        ready=(emotions.person_answers_anger,),
        rules=(telling.delay_is_ahead,),
    ),
)
