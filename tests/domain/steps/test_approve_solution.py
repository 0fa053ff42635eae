"""Approving and rejecting: a second pair of eyes, with enough authority (S31)."""

import pytest

from domain import errors
from domain.values import Role, Status
from tests.details.solving import remedy
from tests.domain.refusing import refused
from tests.given import Story, a_chosen_story, circumstances

BOTH = [Role.HANDLER, Role.APPROVER]
each_decision = pytest.mark.parametrize("command", ["approve_solution", "reject_solution"])


def a_story_chosen_by(proposer: str, chooser: str) -> Story:
    story = Story().to(Status.ANALYSED)
    for _ in range(2):
        story.take("propose_solution", circumstances(proposer))
    story.to(Status.RISK_ASSESSED).after("consult_customer")
    story.take("choose_solution", circumstances(chooser))
    return story


@each_decision
def test_the_proposer_does_not_decide(command: str) -> None:
    story = a_story_chosen_by(proposer="ann", chooser="cleo")

    refusal = refused(story, command, circumstances("ann", BOTH))

    assert isinstance(refusal, errors.ApproverIsProposer)


@each_decision
def test_the_chooser_does_not_decide(command: str) -> None:
    story = a_story_chosen_by(proposer="ann", chooser="cleo")

    refusal = refused(story, command, circumstances("cleo", BOTH))

    assert isinstance(refusal, errors.ApproverIsChooser)


@each_decision
def test_somebody_else_decides(command: str) -> None:
    story = a_story_chosen_by(proposer="ann", chooser="cleo")

    event = story.take(command, circumstances("bob", BOTH))

    assert event.solution_id == "S1"


@each_decision
def test_nothing_is_decided_before_a_choice(command: str) -> None:
    story = Story().to(Status.RISK_ASSESSED)

    refusal = refused(story, command)

    assert isinstance(refusal, errors.NothingChosen)


@each_decision
def test_an_approval_is_given_once(command: str) -> None:
    story = a_chosen_story().after("approve_solution")

    refusal = refused(story, command)

    assert isinstance(refusal, errors.AlreadyApproved)


@each_decision
def test_a_handler_alone_does_not_decide(command: str) -> None:
    story = a_chosen_story()

    refusal = refused(story, command, circumstances("bob", [Role.HANDLER]))

    assert isinstance(refusal, errors.RoleNotAllowed)
    assert refusal.params == {"step": command, "needs": ["approver"]}


def test_an_approver_has_a_limit_too() -> None:
    story = Story().to(Status.ANALYSED)
    for _ in range(2):
        story.take("propose_solution", remedies=(remedy("coupon", "20000.01"),))
    story.to(Status.RISK_ASSESSED).after("consult_customer", "choose_solution")

    refusal = refused(story, "approve_solution")

    assert isinstance(refusal, errors.BeyondAuthority)


def test_a_rejection_drops_the_choice_and_stays_with_the_solution() -> None:
    story = a_chosen_story()

    event = story.take("reject_solution")

    assert story.case.choice is None
    assert story.case.solutions["S1"].rejection == event
    assert story.case.status is Status.RISK_ASSESSED


def test_the_other_solution_may_be_chosen_after_a_rejection() -> None:
    story = a_chosen_story().after("reject_solution")

    story.after("consult_customer", "choose_solution", "approve_solution")

    assert story.case.chosen_solution.id == "S2"
