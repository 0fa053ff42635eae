"""Proposing: numbered ways out, which may replace each other inside one attempt."""

import pytest

from domain import errors
from domain.solution_values import Feasibility
from domain.values import Status
from tests.details.solving import feasibility, remedy
from tests.domain.refusing import refused
from tests.given import Story, a_failed_story, an_approved_story


def test_a_proposal_may_replace_an_earlier_one() -> None:
    story = Story().to(Status.SOLUTION_PROPOSED)

    story.take("propose_solution", replaces="S1")

    assert [solution.id for solution in story.case.proposed_solutions] == ["S2", "S3"]
    assert story.case.solutions["S1"].replaced_by == "S3"


@pytest.mark.parametrize("replaced", ["S1", "S3", "S9"])
def test_only_a_standing_proposal_is_replaced(replaced: str) -> None:
    story = Story().to(Status.SOLUTION_PROPOSED)
    story.take("propose_solution", replaces="S1")
    story.take("propose_solution", replaces="S3")

    refusal = refused(story, "propose_solution", replaces=replaced)

    assert isinstance(refusal, errors.UnknownSolution)
    assert refusal.params == {"solution_id": replaced}


def test_a_proposal_of_an_earlier_attempt_is_not_replaced() -> None:
    story = a_failed_story().after("analyse")

    refusal = refused(story, "propose_solution", replaces="S1")

    assert isinstance(refusal, errors.UnknownSolution)


def test_a_proposal_has_steps() -> None:
    story = Story().to(Status.ANALYSED)

    refusal = refused(story, "propose_solution", steps=())

    assert refusal.params == {"field": "steps", "reason": "list_length"}


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("0.5", "JPY"), ("12.505", "CNY"), ("0.0001", "KWD"), ("999999999.9", "KRW")],
)
@pytest.mark.parametrize("command", ["propose_solution", "resolve"])
def test_nobody_gets_less_than_the_smallest_coin(amount: str, currency: str, command: str) -> None:
    story = Story().to(Status.ANALYSED) if command == "propose_solution" else an_approved_story()
    half = remedy("compensation", amount, currency)

    refusal = refused(story, command, remedies=(remedy("apology"), half))

    wrong = {"field": "remedies.1.value.amount", "reason": "below_minor_unit"}
    assert refusal.params == wrong


@pytest.mark.parametrize(
    ("amount", "currency"), [("500", "JPY"), ("500.00", "JPY"), ("12.5", "CNY"), ("0.125", "KWD")]
)
def test_whole_minor_units_are_money_however_they_are_written(amount: str, currency: str) -> None:
    story = Story().to(Status.ANALYSED)

    event = story.take("propose_solution", remedies=(remedy("compensation", amount, currency),))

    assert str(event.remedies[0].value.amount) == amount


@pytest.mark.parametrize("score", [0, 6, -1])
@pytest.mark.parametrize("dimension", Feasibility.__dataclass_fields__)
def test_feasibility_is_scored_from_one_to_five(dimension: str, score: int) -> None:
    story = Story().to(Status.ANALYSED)

    refusal = refused(story, "propose_solution", feasibility=feasibility(**{dimension: score}))

    assert refusal.params == {"field": f"feasibility.{dimension}", "reason": "out_of_range"}


def test_a_missing_score_may_follow_later_and_counts_nothing() -> None:
    story = Story().to(Status.ANALYSED)

    event = story.take("propose_solution", feasibility=feasibility(market=None))

    assert not event.feasibility.is_complete
    assert event.feasibility.total == 16
