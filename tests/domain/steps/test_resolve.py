"""Resolving: nothing is granted beyond what was decided, whole or in pieces (S31)."""

from typing import Any

import pytest

from domain import errors
from domain.solution_values import Remedy
from domain.values import Status
from tests.details.solving import remedy
from tests.domain.refusing import refused
from tests.given import Story

POINTS = Remedy(remedy="points", points=500)


def a_story_that_decided(*remedies: Remedy) -> Story:
    story = Story().to(Status.ANALYSED)
    for _ in range(2):
        story.take("propose_solution", remedies=remedies)
    story.to(Status.RISK_ASSESSED)
    return story.after("consult_customer", "choose_solution", "approve_solution")


@pytest.mark.parametrize(
    "granted",
    [
        (remedy("compensation", "300.01"),),
        (remedy("compensation", "300", "USD"),),
        (remedy("compensation", "200"), remedy("compensation", "200")),
        (remedy("compensation", "100"), remedy("compensation", "1", "USD")),
        (remedy("compensation", "1"),) * 3,
        (remedy("compensation"),) * 3,
        (remedy("apology"),) * 2,
        (remedy("coupon", "1"),),
        (remedy("recall"),),
        (Remedy(remedy="points", points=501),),
        (Remedy(remedy="points", points=500, value=remedy("points", "1").value),),
        (Remedy(remedy="compensation", points=1, value=remedy("points", "1").value),),
        (POINTS, POINTS),
    ],
    ids=str,
)
def test_what_was_not_decided_is_not_granted(granted: tuple[Remedy, ...]) -> None:
    story = a_story_that_decided(
        remedy("apology"), remedy("compensation", "100"), remedy("compensation", "200"), POINTS
    )

    refusal = refused(story, "resolve", remedies=granted)

    assert isinstance(refusal, errors.RemedyBeyondDecision)
    assert refusal.params == {"remedy": granted[0].remedy}


@pytest.mark.parametrize(
    "granted",
    [
        (),
        (remedy("apology"),),
        (remedy("compensation", "100"), remedy("compensation", "200")),
        (remedy("compensation", "300"),),
        (remedy("compensation"),),
        (Remedy(remedy="points", points=499),),
    ],
    ids=str,
)
def test_what_was_decided_or_less_is_granted(granted: tuple[Remedy, ...]) -> None:
    story = a_story_that_decided(
        remedy("apology"), remedy("compensation", "100"), remedy("compensation", "200"), POINTS
    )

    event = story.take("resolve", remedies=granted)

    assert event.remedies == granted
    assert story.case.resolutions == {1: event}


@pytest.mark.parametrize(
    "changes", [{"customer_accepts": None}, {"upheld": "maybe"}, {"explanation": None}]
)
def test_a_resolution_says_who_was_right_and_whether_the_customer_accepts(
    changes: dict[str, Any],
) -> None:
    story = a_story_that_decided()

    refusal = refused(story, "resolve", remedies=(), **changes)

    assert isinstance(refusal, errors.InvalidValue)
    assert [refusal.params["field"]] == list(changes)
