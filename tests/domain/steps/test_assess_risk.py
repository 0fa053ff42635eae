"""Assessing risks: four factors, each once; from 12 of 25 on, something is done about it."""

import pytest

from domain import errors
from domain.solution_values import Risk
from domain.values import Status
from tests.details.solving import risks
from tests.domain.refusing import refused
from tests.given import Story, a_failed_story, an_approved_story


@pytest.mark.parametrize(
    "assessed",
    [(), risks()[:3], (*risks()[:3], risks()[0])],
    ids=["none", "one missing", "one twice"],
)
def test_each_of_the_four_factors_is_assessed_once(assessed: tuple[Risk, ...]) -> None:
    story = Story().to(Status.SOLUTION_PROPOSED)

    refusal = refused(story, "assess_risk", risks=assessed)

    assert isinstance(refusal, errors.RiskFactorsIncomplete)


@pytest.mark.parametrize(("likelihood", "impact"), [(3, 4), (4, 3), (5, 3), (5, 5)])
@pytest.mark.parametrize("factor", ["negative_effect", "legal", "customer_reaction", "market"])
def test_a_high_risk_needs_a_response(factor: str, likelihood: int, impact: int) -> None:
    story = Story().to(Status.SOLUTION_PROPOSED)
    high = Risk(factor=factor, likelihood=likelihood, impact=impact)

    refusal = refused(
        story, "assess_risk", risks=(*(r for r in risks() if r.factor != factor), high)
    )

    assert isinstance(refusal, errors.RiskResponseMissing)
    assert refusal.params == {"factors": [factor]}


@pytest.mark.parametrize(("likelihood", "impact"), [(1, 1), (2, 5), (5, 2), (3, 3)])
def test_a_risk_below_twelve_needs_none(likelihood: int, impact: int) -> None:
    story = Story().to(Status.SOLUTION_PROPOSED)

    story.take("assess_risk", risks=risks(likelihood, impact, response=None))

    assert story.case.solutions["S1"].highest_risk == likelihood * impact


def test_what_is_not_assessed_yet_has_no_risk_to_show() -> None:
    case = Story().to(Status.SOLUTION_PROPOSED).case

    assert [solution.highest_risk for solution in case.proposed_solutions] == [0, 0]


@pytest.mark.parametrize("solution_id", ["S3", "S0", "E1"])
def test_only_a_proposed_solution_is_assessed(solution_id: str) -> None:
    story = Story().to(Status.SOLUTION_PROPOSED)

    refusal = refused(story, "assess_risk", solution_id=solution_id)

    assert isinstance(refusal, errors.UnknownSolution)


def test_a_solution_of_an_earlier_attempt_is_not_assessed_again() -> None:
    story = a_failed_story().after("analyse", "propose_solution")

    refusal = refused(story, "assess_risk", solution_id="S1")

    assert isinstance(refusal, errors.UnknownSolution)


def test_a_new_assessment_drops_the_answer_the_choice_and_its_approval() -> None:
    story = an_approved_story()

    story.take("assess_risk", solution_id="S1")

    assert story.case.solutions["S1"].consultation is None
    assert (story.case.choice, story.case.approval) == (None, None)
    assert isinstance(refused(story, "resolve"), errors.NothingChosen)
    assert isinstance(refused(story, "choose_solution"), errors.CustomerNotConsulted)


def test_a_new_assessment_of_the_other_solution_drops_the_choice_but_not_the_answer() -> None:
    story = an_approved_story()

    story.take("assess_risk", solution_id="S2")

    assert story.case.choice is None
    assert story.case.solutions["S1"].consultation is not None


def test_a_new_proposal_drops_the_choice() -> None:
    story = an_approved_story()

    story.take("propose_solution")

    assert (story.case.choice, story.case.approval) == (None, None)
    assert story.case.status is Status.SOLUTION_PROPOSED
