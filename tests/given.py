"""Cases to begin a test with. Every status is reached by real commands; no database is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.events import CaseEvent
from domain.lifecycle import STEPS, TABLE, Step
from domain.values import Actor, ActorKind, Role, Status
from tests.details.common import BEGAN_AT, Details
from tests.given_details import details_for

__all__ = ["BEGAN_AT", "Details", "Story", "circumstances", "details_for"]

WAY_TO: dict[Status, tuple[str, ...]] = {
    Status.REPORTED: ("report",),
    Status.CONFIRMED: ("acknowledge", *["attach_evidence"] * 4, "confirm"),
    Status.ANALYSED: ("analyse",),
    Status.SOLUTION_PROPOSED: ("propose_solution", "propose_solution"),
    Status.RISK_ASSESSED: ("assess_risk", "assess_risk"),
    Status.RESOLVED: (
        "consult_customer",
        "choose_solution",
        "approve_solution",
        "complete_plan_step",
        "complete_plan_step",
        "resolve",
    ),
    Status.FOLLOWED_UP: ("follow_up",),
    Status.CLOSED: ("record_lessons", "close"),
}
"""The commands that lead from one stage to the next."""

STAGES = tuple(WAY_TO)
LEARNING = ("plan_prevention", "complete_prevention", "check_prevention", "hold_training")
ANOTHER_PERSON = dict.fromkeys(
    ("approve_solution", "reject_solution", "approve_commitment", "withdraw_approval"), "bob"
)
REMINDED_LATER = timedelta(days=16)
"""By then every reminder of what was open at the beginning is due."""


def circumstances(
    who: str = "ann",
    roles: Iterable[str] = (Role.HANDLER,),
    at: datetime = BEGAN_AT,
    **others: Any,
) -> Circumstances:
    """What surrounds a command; `others` are further fields of Circumstances."""
    given: dict[str, Any] = {"correlation_id": "conversation-1", "reference_number": 7} | others
    actor = Actor(id=who, kind=ActorKind.PERSON)
    return Circumstances(actor=actor, roles=frozenset(roles), now=at, **given)


def steps_from(status: Status) -> tuple[Step, ...]:
    """The steps that the table allows in `status`, in its order."""
    return tuple(step for step in TABLE if status in step.allowed_in)


def circumstances_for(command: str, at: datetime = BEGAN_AT) -> Circumstances:
    """Somebody who may give this command: bob decides on solutions, ann does everything else."""
    allowed = STEPS[command].roles
    role = Role.HANDLER if Role.HANDLER in allowed else sorted(allowed)[0]
    if command in ANOTHER_PERSON:
        role = Role.APPROVER
    if command == "remind":
        at += REMINDED_LATER
    return circumstances(ANOTHER_PERSON.get(command, "ann"), [role], at)


@dataclass
class Story:
    """A case and the events it recorded; its clock goes on an hour with every event."""

    case: ConflictCase = field(default_factory=lambda: ConflictCase(uuid4()))
    events: list[CaseEvent] = field(default_factory=list)

    def take(self, command: str, by: Circumstances | None = None, **changes: Any) -> CaseEvent:
        """Take a step with valid details, of which some may be changed."""
        at = BEGAN_AT + timedelta(hours=self.case.version)
        details = details_for(command, self.case) | changes
        event = self.case.take(command, details, by or circumstances_for(command, at))
        self.events.append(event)
        return event

    def after(self, *commands: str) -> Story:
        """The same story, gone on by these steps."""
        for command in commands:
            self.take(command)
        return self

    def to(self, status: Status) -> Story:
        """The same story, gone on through the stages up to `status`."""
        begun = STAGES.index(self.case.status) + 1 if self.case.version else 0
        for stage in STAGES[begun : STAGES.index(status) + 1]:
            self.after(*WAY_TO[stage])
        return self


def a_story_to(status: Status) -> Story:
    """A case's events from its report up to `status`, whichever it is."""
    if status in SIDE_ENDS:
        before, command = SIDE_ENDS[status]
        return Story().to(before).after(command)
    return Story().to(status)


SIDE_ENDS: dict[Status, tuple[Status, str]] = {
    Status.DISMISSED: (Status.REPORTED, "dismiss"),
    Status.WITHDRAWN: (Status.CONFIRMED, "withdraw"),
    Status.MERGED: (Status.ANALYSED, "merge_into"),
}
"""The ends beside the stages: from where, and by which command."""


def a_whole_story() -> Story:
    """Closed and learned from, reopened, handled again and closed for good."""
    return (
        Story()
        .after("report", "assign", "log_interaction", "escalate")
        .to(Status.CLOSED)
        .after(*LEARNING, "reopen")
        .to(Status.CLOSED)
    )


def an_imported_story(leads_to: Status = Status.CLOSED) -> Story:
    """A case taken over from another system, in the status its record states.

    A merge is made here: no record states one.
    """
    if leads_to is Status.MERGED:
        return an_imported_story(Status.REPORTED).after("merge_into")
    story = Story()
    story.take("import_record", leads_to=leads_to)
    return story


def a_case_in(status: Status) -> ConflictCase:
    return a_story_to(status).case


def a_new_case(case_id: UUID | None = None) -> ConflictCase:
    """A case that nobody reported yet."""
    return ConflictCase(case_id or uuid4())


def a_reported_case() -> ConflictCase:
    return a_case_in(Status.REPORTED)


def a_confirmed_case() -> ConflictCase:
    """Confirmed, with every kind of evidence attached or declared absent."""
    return a_case_in(Status.CONFIRMED)


def an_analysed_case() -> ConflictCase:
    return a_case_in(Status.ANALYSED)


def a_case_with_proposals() -> ConflictCase:
    """Two solutions are proposed, S1 and S2."""
    return a_case_in(Status.SOLUTION_PROPOSED)


def a_risk_assessed_case() -> ConflictCase:
    """S1 and S2 are assessed; both carry a high legal risk."""
    return a_case_in(Status.RISK_ASSESSED)


def a_consulted_case() -> ConflictCase:
    """The customer accepted S1; nothing is chosen yet."""
    return Story().to(Status.RISK_ASSESSED).after("consult_customer").case


def a_chosen_case() -> ConflictCase:
    """Ann chose S1, which waits for an approval."""
    return a_chosen_story().case


def a_chosen_story() -> Story:
    return Story().to(Status.RISK_ASSESSED).after("consult_customer", "choose_solution")


def an_approved_case() -> ConflictCase:
    """Bob approved S1; its plan of two steps is in force."""
    return an_approved_story().case


def an_approved_story() -> Story:
    return a_chosen_story().after("approve_solution")


def a_failed_story() -> Story:
    """The customer declined a solution: the case may be analysed again."""
    story = Story().to(Status.RISK_ASSESSED)
    story.take("consult_customer", answer="declined")
    return story


def a_resolved_case() -> ConflictCase:
    return a_case_in(Status.RESOLVED)


def a_followed_up_case() -> ConflictCase:
    """Both answers are known; no lessons are recorded yet."""
    return a_case_in(Status.FOLLOWED_UP)


def a_closed_case() -> ConflictCase:
    return a_case_in(Status.CLOSED)


def a_dismissed_case() -> ConflictCase:
    return a_case_in(Status.DISMISSED)


def a_withdrawn_case() -> ConflictCase:
    return a_case_in(Status.WITHDRAWN)


def a_merged_case() -> ConflictCase:
    return a_case_in(Status.MERGED)


def an_imported_case(leads_to: Status = Status.CLOSED) -> ConflictCase:
    return an_imported_story(leads_to).case


def a_learned_story(status: Status) -> Story:
    """In `status`, an open one or closed, with lessons recorded; where it can, by reopening."""
    if status is Status.REPORTED:
        return an_imported_story(Status.RESOLVED).after("record_lessons", "reopen")
    if status is Status.CLOSED:
        return Story().to(Status.CLOSED)
    return Story().to(Status.CLOSED).after("reopen").to(status)


def a_story_ready_for(command: str, status: Status) -> Story:
    """A case in `status` that takes `command` with its valid details."""
    step = STEPS[command]
    if step.begins_a_case:
        return Story()
    if command == "note_imported_entry":
        return an_imported_story(status)
    if command in LEARNING:
        return a_learned_story(status).after(*LEARNED_BEFORE.get(command, ()))
    if command in ("warn_deadline", "miss_deadline", "hear_customer"):
        return a_late_story(command, status)
    if command in PROMISING:
        return a_promising_story(command, status)
    if command == "answer_survey":
        return an_asked_story(status)
    if command in ORDERED_BEFORE:
        return a_story_to(status).after(*ORDERED_BEFORE[command])
    return READY.get((command, status), lambda: a_story_to(status))()


def an_asked_story(status: Status) -> Story:
    """In `status`, with a survey that waits for its answer."""
    before = {Status.CLOSED: Status.FOLLOWED_UP, Status.DISMISSED: Status.REPORTED}
    story = a_story_to(before.get(status, status)).after("send_survey")
    if status is Status.DISMISSED:
        return story.after("dismiss")
    return story.to(status) if status is Status.CLOSED else story


def a_story_with_an_old_order(status: Status) -> Story:
    """Ended, with a director's order whose plan is due in three hours."""
    story = Story()
    story.take("report", circumstances(occurred_at=BEGAN_AT - timedelta(hours=50)))
    ending = SIDE_ENDS.get(status)
    story = story.to(ending[0]).after(ending[1]) if ending else story.to(status)
    now = BEGAN_AT + timedelta(hours=story.case.version)
    opened = circumstances("t", [Role.ADMIN], now, occurred_at=now - timedelta(hours=44))
    story.take("open_director_order", opened)
    return story


ORDERED_BEFORE: dict[str, tuple[str, ...]] = {
    "deliver_director_plan": ("open_director_order",),
    "close_director_order": ("open_director_order", "deliver_director_plan"),
}


def a_late_story(command: str, status: Status) -> Story:
    """In `status`, with an angry customer whom nobody answered in time, or soon will not have."""
    if command == "miss_deadline":
        story = Story()
        story.take("report", urgency="urgent")
        if status in SIDE_ENDS:
            before, last = SIDE_ENDS[status]
            return story.to(before).after(last)
        return story.to(status)
    if command == "warn_deadline" and status in (*SIDE_ENDS, Status.CLOSED):
        return a_story_with_an_old_order(status)
    before = ("await_customer",) if command == "hear_customer" else ("log_interaction", "assign")
    return a_story_to(status).after(*before)


PROMISING = frozenset(
    {
        "approve_commitment",
        "keep_commitment",
        "withdraw_commitment",
        "confirm_agreement",
        "settle_open_points",
        "send_supplement",
        "disclose_delay",
        "break_commitment",
        "remind",
    }
)


def a_promising_story(command: str, status: Status) -> Story:
    """In `status`, with something promised that the command is about."""
    if command == "break_commitment":
        return a_story_with_a_broken_promise(status)
    if status is Status.CLOSED:
        return a_story_with_a_broken_promise(Status.REPORTED).after("break_commitment").to(status)
    if command == "settle_open_points":
        return a_story_to(status).after("send_minutes")
    if command == "send_supplement":
        return a_story_to(status).after("ask_supplement")
    story = a_story_to(status)
    story.take("make_commitment", in_writing=command == "approve_commitment")
    return story


def a_story_with_a_broken_promise(status: Status) -> Story:
    """In `status`, long after a promise was due that was made right after the report."""
    story = Story().after("report")
    story.take("make_commitment", in_writing=False, due_at=BEGAN_AT + timedelta(hours=1.5))
    story.after("assign")
    if status in SIDE_ENDS:
        before, last = SIDE_ENDS[status]
        return story.to(before).after(last)
    return story.to(status)


LEARNED_BEFORE: dict[str, tuple[str, ...]] = {
    "complete_prevention": ("plan_prevention",),
    "check_prevention": ("plan_prevention", "complete_prevention"),
}
READY: dict[tuple[str, Status], Callable[[], Story]] = {
    ("analyse", Status.RISK_ASSESSED): a_failed_story,
    ("choose_solution", Status.RISK_ASSESSED): lambda: (
        Story().to(Status.RISK_ASSESSED).after("consult_customer")
    ),
    ("approve_solution", Status.RISK_ASSESSED): a_chosen_story,
    ("reject_solution", Status.RISK_ASSESSED): a_chosen_story,
    ("complete_plan_step", Status.RISK_ASSESSED): an_approved_story,
    ("complete_plan_step", Status.RESOLVED): lambda: an_approved_story().after("resolve"),
    ("complete_plan_step", Status.FOLLOWED_UP): lambda: an_approved_story().after(
        "resolve", "follow_up"
    ),
    ("withdraw_approval", Status.RISK_ASSESSED): an_approved_story,
    ("revise_plan", Status.RISK_ASSESSED): an_approved_story,
    ("resolve", Status.RISK_ASSESSED): an_approved_story,
    ("close", Status.FOLLOWED_UP): lambda: Story().to(Status.FOLLOWED_UP).after("record_lessons"),
}
"""Where being in the status is not enough: how the case gets ready for the command."""
