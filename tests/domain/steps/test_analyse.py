"""Analysing: on complete evidence, with one main issue, again only after a solution failed."""

import pytest

from domain import errors
from domain.personal import StaffText
from domain.values import Status
from tests.domain.refusing import refused
from tests.given import Story, a_failed_story, an_approved_story

ALL_KINDS = ["communication", "complaint", "contract_or_policy", "transaction"]


def test_every_evidence_kind_must_be_there_or_declared_absent() -> None:
    story = Story().to(Status.REPORTED).after("confirm")

    refusal = refused(story, "analyse")

    assert isinstance(refusal, errors.EvidenceMissing)
    assert refusal.params == {"kinds": ALL_KINDS}


@pytest.mark.parametrize("missing", ALL_KINDS)
def test_each_single_kind_is_missed(missing: str) -> None:
    story = Story().to(Status.REPORTED).after("confirm")
    for kind in set(ALL_KINDS) - {missing}:
        story.take("attach_evidence", kind=kind, document=None, absent_reason=StaffText("无"))

    refusal = refused(story, "analyse")

    assert refusal.params == {"kinds": [missing]}


def test_the_main_issue_is_one_of_the_listed() -> None:
    story = Story().to(Status.CONFIRMED)

    refusal = refused(story, "analyse", main_issue=3)

    assert isinstance(refusal, errors.MainIssueNotListed)
    assert refusal.params == {"main_issue": 3, "issues": 2}


def test_issues_count_from_one() -> None:
    story = Story().to(Status.CONFIRMED)

    refusal = refused(story, "analyse", main_issue=0)

    assert refusal.params == {"field": "main_issue", "reason": "out_of_range"}


def test_the_last_issue_may_be_the_main_one() -> None:
    story = Story().to(Status.CONFIRMED)

    event = story.take("analyse", main_issue=2)

    assert story.case.analyses == [event]


def test_the_primary_cause_is_not_secondary_too() -> None:
    story = Story().to(Status.CONFIRMED)

    refusal = refused(
        story, "analyse", primary_cause="process", secondary_causes=("staff_error", "process")
    )

    assert isinstance(refusal, errors.PrimaryCauseRepeated)


@pytest.mark.parametrize(
    ("field", "value"),
    [("five_whys", ()), ("five_whys", (StaffText("为什么"),) * 6), ("issues", ())],
)
def test_at_least_one_why_and_at_most_five(field: str, value: object) -> None:
    story = Story().to(Status.CONFIRMED)

    refusal = refused(story, "analyse", **{field: value})

    assert refusal.params == {"field": field, "reason": "list_length"}


def test_no_second_analysis_while_no_solution_failed() -> None:
    story = Story().to(Status.RISK_ASSESSED)

    refusal = refused(story, "analyse")

    assert isinstance(refusal, errors.NoFailedSolution)


def a_rejected_story() -> Story:
    story = Story().to(Status.RISK_ASSESSED)
    return story.after("consult_customer", "choose_solution", "reject_solution")


def a_story_with_a_missed_plan() -> Story:
    return an_approved_story().after("revise_plan")


@pytest.mark.parametrize("failed", [a_failed_story, a_rejected_story, a_story_with_a_missed_plan])
def test_a_failed_solution_opens_a_second_attempt(failed: type[Story]) -> None:
    story = failed()

    event = story.take("analyse")

    assert event.attempt == story.case.attempt == 2
    assert story.case.proposed_solutions == []
    assert story.case.choice is None
    assert sorted(story.case.solutions) == ["S1", "S2"]


def test_the_new_attempt_has_not_failed_yet() -> None:
    story = a_failed_story().after("analyse").to(Status.RISK_ASSESSED)

    refusal = refused(story, "analyse")

    assert isinstance(refusal, errors.NoFailedSolution)
