"""Cases in a status that are ready to take a command, for the tests that try each in each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from domain.lifecycle import STEPS
from domain.values import Role, Status
from tests.given import (
    BEGAN_AT,
    LEARNING,
    SIDE_ENDS,
    Story,
    a_chosen_story,
    a_failed_story,
    a_story_to,
    an_approved_story,
    an_imported_story,
    circumstances,
)


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


def a_learned_story(status: Status) -> Story:
    """In `status`, an open one or closed, with lessons recorded; where it can, by reopening."""
    if status is Status.REPORTED:
        return an_imported_story(Status.RESOLVED).after("record_lessons", "reopen")
    if status is Status.CLOSED:
        return Story().to(Status.CLOSED)
    return Story().to(Status.CLOSED).after("reopen").to(status)


def an_asked_story(status: Status) -> Story:
    """In `status`, with a survey that waits for its answer."""
    before = {Status.CLOSED: Status.FOLLOWED_UP, Status.DISMISSED: Status.REPORTED}
    story = a_story_to(before.get(status, status)).after("send_survey")
    return story.to(status) if status in before else story


def a_story_with_an_old_order(status: Status) -> Story:
    """Ended, with a director's order whose plan is due in three hours."""
    story = Story()
    story.take("report", circumstances(occurred_at=BEGAN_AT - timedelta(hours=50)))
    story.to(status)
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
