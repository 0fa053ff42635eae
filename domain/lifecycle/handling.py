"""The steps of handling: who answers for a case, what it waits for, what its clocks tell."""

from __future__ import annotations

from domain import deadlines, emotions, events, rules, telling
from domain.lifecycle.step import DECIDER, INTAKE, OPEN, TIMER, Step
from domain.values import Status

STEPS = (
    Step(
        command="escalate",
        event=events.CaseEscalated,
        allowed_in=OPEN,
        roles=DECIDER,
    ),
    Step(
        command="refer",
        event=events.CaseReferred,
        allowed_in=OPEN,
        roles=DECIDER,
        rules=(
            rules.handed_over_evidence_known,
            rules.something_handed_over,
            rules.file_of_this_case,
        ),
    ),
    Step(
        command="assign",
        event=events.CaseAssigned,
        allowed_in=OPEN,
        roles=DECIDER,
    ),
    Step(
        command="set_service_terms",
        event=events.ServiceTermsSet,
        allowed_in=OPEN,
        roles=DECIDER,
        rules=(deadlines.terms_given,),
    ),
    Step(
        command="await_customer",
        event=events.CustomerAwaited,
        allowed_in=OPEN,
        ready=(deadlines.not_awaiting_yet,),
    ),
    Step(
        command="hear_customer",
        event=events.CustomerHeard,
        allowed_in=OPEN,
        roles=INTAKE,
        ready=(deadlines.customer_is_awaited,),
    ),
    Step(
        command="send_minutes",
        event=events.MinutesSent,
        allowed_in=OPEN,
        ready=(emotions.person_answers_anger,),
        rules=(telling.minutes_say_something,),
    ),
    Step(
        command="warn_deadline",
        event=events.DeadlineWarned,
        allowed_in=frozenset(Status),
        roles=TIMER,
        by_timers=True,
        decides={"rule": deadlines.winning_rule, "due_at": deadlines.due_time},
        rules=(deadlines.warning_is_due,),
    ),
    Step(
        command="miss_deadline",
        event=events.DeadlineMissed,
        allowed_in=frozenset(Status),
        roles=TIMER,
        by_timers=True,
        decides={"rule": deadlines.winning_rule, "due_at": deadlines.due_time},
        rules=(deadlines.due_time_has_passed,),
    ),
)
