"""Stories that together hold every kind of event."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from domain.events import CaseEvent
from domain.values import Agreement, Status
from tests.given import BEGAN_AT, LEARNING, Story, a_whole_story, an_imported_story, circumstances


def stories() -> tuple[Story, ...]:
    """Ordinary and rare lives of cases; every event of the domain happens in one of them."""
    return (
        a_whole_story(),
        Story().to(Status.REPORTED).after("dismiss", "reopen", "confirm"),
        Story().to(Status.CONFIRMED).after("withdraw"),
        Story().to(Status.ANALYSED).after("merge_into", "unmerge", "propose_solution"),
        a_story_with_setbacks(),
        a_story_with_clocks(),
        a_story_with_promises(),
        a_story_with_an_order(),
        an_imported_story(Status.REPORTED).after("note_imported_entry", "reopen", "confirm"),
        Story().to(Status.CONFIRMED).after("erase_personal_data", "log_interaction"),
        a_serious_story(),
    )


def a_serious_story() -> Story:
    """An angry customer: a task force takes over, and an approval is taken back."""
    story = Story().after("report", "recognise_emotion", "acknowledge")
    story.after(*["attach_evidence"] * 4)
    story.take("confirm", severity="serious")
    story.to(Status.RISK_ASSESSED).after("consult_customer", "name_task_force")
    story.after("choose_solution", "approve_solution", "withdraw_approval", "approve_solution")
    return story.after("escalate", "resolve", "record_playbook")


def a_story_with_clocks() -> Story:
    """An angry customer, met and awaited; a warning and a breach."""
    story = Story()
    story.take("report", urgency="urgent", emotion="angry")
    story.after("miss_deadline", "warn_deadline", "set_service_terms", "miss_deadline")
    story.take("await_customer")
    story.take("log_interaction", channel="in_person", direction="outbound")
    return story.after("send_minutes", "hear_customer")


def a_story_with_promises() -> Story:
    """Promises approved, confirmed, replaced, kept, broken and withdrawn; open points settled."""
    story = Story().after("report", "attach_evidence", "make_commitment", "approve_commitment")
    story.after("confirm_agreement", "ask_supplement", "send_supplement", "update_progress")
    story.take("disclose_delay")
    story.take("disclose_delay", commitment_id=None, clock="first_plan", run=1)
    agreement = Agreement(agreed=True, at=BEGAN_AT + timedelta(hours=2), channel="phone")
    story.take("make_commitment", replaces="C1", agreement=agreement)
    story.take("keep_commitment", commitment_id="C2")
    story.take("make_commitment", due_at=BEGAN_AT + timedelta(hours=12.5))
    story.after("send_minutes", "settle_open_points")
    story.take("break_commitment", commitment_id="C3")
    return story.after("remind", "withdraw_commitment")


def a_story_with_an_order() -> Story:
    """Asked and answered after a talk and after the resolution; the director had to see to it."""
    story = Story().to(Status.CONFIRMED).after("log_interaction", "send_survey", "answer_survey")
    story.after("analyse").to(Status.RESOLVED).after("send_survey")
    story.take("answer_survey", value=2, satisfied=False)
    return story.after("open_director_order", "deliver_director_plan", "close_director_order")


def a_story_with_setbacks() -> Story:
    """A proposal replaced, a choice rejected, a plan revised, a mediator called in."""
    story = Story().to(Status.SOLUTION_PROPOSED)
    story.take("propose_solution", replaces="S2")
    story.after("assess_risk", "assess_risk", "consult_customer", "choose_solution")
    story.after("reject_solution", "consult_customer", "choose_solution", "approve_solution")
    story.after("complete_plan_step", "revise_plan", "complete_plan_step")
    story.take("refer", circumstances(causation_id="request-1"))
    story.take("analyse")
    return story.to(Status.CLOSED).after(*LEARNING)


@cache
def one_of_each() -> dict[type[CaseEvent], CaseEvent]:
    """The first event of every kind that the stories tell."""
    found: dict[type[CaseEvent], CaseEvent] = {}
    for story in stories():
        for event in story.events:
            found.setdefault(type(event), event)
    return found
