"""Taking an approval back before anything of it is carried out (S31)."""

from __future__ import annotations

from domain import errors
from domain.values import Role, Status
from tests.details.solving import risks
from tests.domain.refusing import refused
from tests.given import Story, a_chosen_story, an_approved_story, circumstances


def test_an_approval_taken_back_is_missing_again() -> None:
    story = an_approved_story()

    event = story.take("withdraw_approval")

    assert event.solution_id == "S1"
    assert story.case.approval is None
    assert story.case.needs_approval
    assert isinstance(refused(story, "resolve"), errors.ApprovalMissing)
    assert isinstance(refused(story, "complete_plan_step"), errors.ApprovalMissing)


def test_it_may_be_given_again_or_the_choice_be_rejected() -> None:
    again = an_approved_story().after("withdraw_approval", "approve_solution", "resolve")
    rejected = an_approved_story().after("withdraw_approval", "reject_solution")

    assert again.case.status is Status.RESOLVED
    assert rejected.case.solutions["S1"].rejection


def test_an_approval_that_nobody_asked_for_is_needed_once_it_was_taken_back() -> None:
    story = Story().to(Status.RISK_ASSESSED)
    for solution_id in ("S1", "S2"):
        story.take("assess_risk", solution_id=solution_id, risks=risks(1, 1, None))
    story.after("consult_customer")
    story.take("choose_solution", circumstances(roles=[Role.HANDLER, Role.APPROVER]))
    story.after("approve_solution")
    unasked = story.case.choice.approval_reasons

    story.after("withdraw_approval")

    assert unasked == ()
    assert isinstance(refused(story, "resolve"), errors.ApprovalMissing)


def test_what_is_being_carried_out_is_no_longer_taken_back() -> None:
    story = an_approved_story().after("complete_plan_step")

    refusal = refused(story, "withdraw_approval")

    assert isinstance(refusal, errors.AlreadyCarriedOut)
    assert refusal.params == {"step_numbers": [1]}


def test_only_what_was_given_is_taken_back() -> None:
    chosen, open_case = a_chosen_story(), Story().to(Status.RISK_ASSESSED)

    assert isinstance(refused(chosen, "withdraw_approval"), errors.NotApproved)
    assert isinstance(refused(open_case, "withdraw_approval"), errors.NothingChosen)


def test_a_handler_takes_no_approval_back() -> None:
    refusal = refused(an_approved_story(), "withdraw_approval", circumstances())

    assert isinstance(refusal, errors.RoleNotAllowed)


def test_a_new_choice_leaves_nothing_of_an_approval_taken_back() -> None:
    story = an_approved_story().after("withdraw_approval", "choose_solution")

    assert story.case.withdrawn_approval is None
