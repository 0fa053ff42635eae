"""Cases to begin a test with. Every status is reached by real commands; no database is needed."""

from __future__ import annotations

from collections.abc import Iterable
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
SIDE_ENDS: dict[Status, tuple[Status, str]] = {
    Status.DISMISSED: (Status.REPORTED, "dismiss"),
    Status.WITHDRAWN: (Status.CONFIRMED, "withdraw"),
    Status.MERGED: (Status.ANALYSED, "merge_into"),
}
"""The ends beside the stages: from where, and by which command."""
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
        """The same story, gone on through the stages up to `status`, or to an end beside them."""
        if status in SIDE_ENDS:
            before, command = SIDE_ENDS[status]
            return self.to(before).after(command)
        begun = STAGES.index(self.case.status) + 1 if self.case.version else 0
        for stage in STAGES[begun : STAGES.index(status) + 1]:
            self.after(*WAY_TO[stage])
        return self


def a_story_to(status: Status) -> Story:
    """A case's events from its report up to `status`, whichever it is."""
    return Story().to(status)


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


def a_new_case(case_id: UUID | None = None) -> ConflictCase:
    """A case that nobody reported yet."""
    return ConflictCase(case_id or uuid4())


def a_chosen_story() -> Story:
    return Story().to(Status.RISK_ASSESSED).after("consult_customer", "choose_solution")


def an_approved_story() -> Story:
    return a_chosen_story().after("approve_solution")


def a_failed_story() -> Story:
    """The customer declined a solution: the case may be analysed again."""
    story = Story().to(Status.RISK_ASSESSED)
    story.take("consult_customer", answer="declined")
    return story


def an_imported_case(leads_to: Status = Status.CLOSED) -> ConflictCase:
    return an_imported_story(leads_to).case
