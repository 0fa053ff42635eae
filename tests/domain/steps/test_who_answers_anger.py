"""Each step is judged: does it speak to the customer? No machine does to an angry one (S57)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain import errors
from domain.circumstances import Circumstances
from domain.clocks import occasions as on
from domain.clocks.of_events import occasion_of
from domain.emotions import is_angry, person_answers_anger
from domain.lifecycle import STEP_OF_EVENT, TABLE
from domain.values import Actor, ActorKind, Agreement, Status
from tests.domain.refusing import refused
from tests.every_event import one_of_each
from tests.given import BEGAN_AT, Story, circumstances_for
from tests.given_ready import a_story_ready_for

AGREED = Agreement(agreed=True, at=BEGAN_AT + timedelta(hours=7), channel="phone")
ROBOT = Actor(id="chat-bot", kind=ActorKind.SERVICE)

SPEAKS = {
    "acknowledge": Status.REPORTED,
    "confirm": Status.REPORTED,
    "dismiss": Status.REPORTED,
    "consult_customer": Status.RISK_ASSESSED,
    "resolve": Status.RISK_ASSESSED,
    "send_survey": Status.CONFIRMED,
    "send_minutes": Status.REPORTED,
    "send_supplement": Status.CONFIRMED,
    "update_progress": Status.ANALYSED,
    "disclose_delay": Status.REPORTED,
}
"""Steps that say something to the customer, whatever their details are."""

SPEAKS_BY_DETAILS = {
    "log_interaction": Status.REPORTED,
    "make_commitment": Status.CONFIRMED,
    "withdraw_commitment": Status.CONFIRMED,
    "confirm_agreement": Status.CONFIRMED,
}
"""Steps whose details say whether the customer is spoken to."""

RECORDS_THE_CUSTOMER = {
    "report",
    "ask_supplement",
    "hear_customer",
    "follow_up",
    "answer_survey",
    "withdraw",
    "recognise_emotion",
}
"""What the customer said or wants: a machine goes on taking it down."""

STAYS_INSIDE = {
    "import_record",
    "note_imported_entry",
    "attach_evidence",
    "analyse",
    "propose_solution",
    "assess_risk",
    "choose_solution",
    "approve_solution",
    "reject_solution",
    "withdraw_approval",
    "complete_plan_step",
    "revise_plan",
    "record_lessons",
    "plan_prevention",
    "complete_prevention",
    "check_prevention",
    "hold_training",
    "close",
    "reopen",
    "deliver_director_plan",
    "close_director_order",
    "escalate",
    "refer",
    "assign",
    "set_service_terms",
    "await_customer",
    "approve_commitment",
    "keep_commitment",
    "settle_open_points",
    "merge_into",
    "unmerge",
    "erase_personal_data",
    "name_task_force",
    "record_playbook",
}
"""Work, decisions and deeds; whoever tells the customer of them takes a step that speaks."""


def a_robot_for(command: str, story: Story) -> Circumstances:
    now = BEGAN_AT + timedelta(hours=story.case.version)
    return replace(circumstances_for(command, now), actor=ROBOT)


def an_angry_story_for(command: str, status: Status) -> Story:
    return a_story_ready_for(command, status).after("recognise_emotion")


def test_every_step_is_judged_once_and_timers_are_none_of_them() -> None:
    judged = [*SPEAKS, *SPEAKS_BY_DETAILS, *RECORDS_THE_CUSTOMER, *STAYS_INSIDE]

    assert sorted(judged) == sorted(step.command for step in TABLE if not step.by_timers)


def test_the_table_asks_for_a_person_where_a_step_speaks() -> None:
    asks = {step.command for step in TABLE if person_answers_anger in step.ready}

    assert asks == set(SPEAKS)


def test_what_answers_the_customer_to_the_clocks_speaks() -> None:
    said = {on.REPLIED, on.CONTACTED, on.PROGRESS_TOLD, on.MINUTES_SENT, on.SUPPLEMENT_SENT}
    answers = {
        STEP_OF_EVENT[kind].command
        for kind, event in one_of_each().items()
        if (occasion := occasion_of(event)) and occasion.names & said
    }

    assert answers >= {"acknowledge", "update_progress", "send_supplement"}
    assert answers <= {*SPEAKS, *SPEAKS_BY_DETAILS}


@pytest.mark.parametrize(("command", "status"), SPEAKS.items())
def test_a_machine_speaks_to_an_angry_customer_no_more_until_a_person_took_over(
    command: str, status: Status
) -> None:
    story = an_angry_story_for(command, status)

    robot = a_robot_for(command, story)
    refusal = refused(story, command, robot)
    offered = {step.command for step in story.case.allowed_steps(robot)}

    assert isinstance(refusal, errors.PersonMustTakeOver)
    assert command not in offered
    story.after("escalate").take(command, a_robot_for(command, story))


@pytest.mark.parametrize(("command", "status"), {**SPEAKS, **SPEAKS_BY_DETAILS}.items())
def test_a_person_speaks_to_an_angry_customer_at_any_time(command: str, status: Status) -> None:
    story = an_angry_story_for(command, status)
    angry = is_angry(story.case)

    event = story.take(command)

    assert angry
    assert event.actor.kind is ActorKind.PERSON


def a_story_with_a_promise(promised_to: str, in_writing: bool = False) -> Story:
    """An angry customer, and C1 promised to somebody; in writing it waits for its approval."""
    story = Story().to(Status.CONFIRMED)
    story.take("make_commitment", promised_to=promised_to, in_writing=in_writing)
    return story.after("recognise_emotion")


@pytest.mark.parametrize(
    ("command", "promised_to", "details"),
    [
        ("log_interaction", "third_party_partner", {"direction": "outbound"}),
        ("make_commitment", "third_party_partner", {}),
        ("make_commitment", "third_party_partner", {"promised_to": "customer_representative"}),
        (
            "make_commitment",
            "customer",
            {"promised_to": "third_party_partner", "replaces": "C1", "agreement": AGREED},
        ),
        ("withdraw_commitment", "customer", {}),
        ("confirm_agreement", "customer", {}),
    ],
)
def test_a_machine_agrees_nothing_with_an_angry_customer(
    command: str, promised_to: str, details: dict[str, Any]
) -> None:
    story = a_story_with_a_promise(promised_to)

    refusal = refused(story, command, a_robot_for(command, story), **details)

    assert isinstance(refusal, errors.PersonMustTakeOver)
    story.after("escalate").take(command, a_robot_for(command, story), **details)


@pytest.mark.parametrize(
    ("command", "promised_to", "in_writing", "details"),
    [
        ("log_interaction", "customer", False, {"direction": "inbound"}),
        ("make_commitment", "customer", False, {"promised_to": "third_party_partner"}),
        ("withdraw_commitment", "third_party_partner", False, {}),
        ("withdraw_commitment", "customer", True, {}),
        ("confirm_agreement", "third_party_partner", False, {}),
        ("ask_supplement", "customer", False, {}),
    ],
)
def test_a_machine_goes_on_with_what_does_not_speak_to_an_angry_customer(
    command: str, promised_to: str, in_writing: bool, details: dict[str, Any]
) -> None:
    story = a_story_with_a_promise(promised_to, in_writing)

    event = story.take(command, a_robot_for(command, story), **details)

    assert event.actor == ROBOT


def test_minutes_are_not_confirmed_to_an_angry_customer_by_a_machine() -> None:
    story = Story().to(Status.REPORTED).after("send_minutes", "recognise_emotion")

    refusal = refused(
        story, "confirm_agreement", a_robot_for("confirm_agreement", story), about="M1"
    )

    assert isinstance(refusal, errors.PersonMustTakeOver)


@pytest.mark.parametrize(
    ("command", "promised_to", "is_offered"),
    [
        ("withdraw_commitment", "customer", False),
        ("withdraw_commitment", "third_party_partner", True),
        ("confirm_agreement", "customer", False),
        ("confirm_agreement", "customer_representative", False),
        ("confirm_agreement", "third_party_partner", True),
        ("make_commitment", "customer", True),
    ],
)
def test_a_machine_is_offered_what_it_may_do_for_some_details(
    command: str, promised_to: str, is_offered: bool
) -> None:
    story = a_story_with_a_promise(promised_to)

    offered = {step.command for step in story.case.allowed_steps(a_robot_for(command, story))}
    by_person = {step.command for step in story.case.allowed_steps(circumstances_for(command))}

    assert (command in offered) is is_offered
    assert command in by_person
