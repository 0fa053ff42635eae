"""Confirming and dismissing: the customer agrees with the restatement, or hears an alternative."""

import pytest

from domain import errors
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import Agreement, Status
from tests.domain.refusing import refused
from tests.given import BEGAN_AT, Story

SUBTYPES = edition(CURRENT_EDITION).book("conflict_subtypes").entries


def test_nothing_is_confirmed_that_the_customer_does_not_agree_with() -> None:
    story = Story().to(Status.REPORTED)
    disagreement = Agreement(agreed=False, at=BEGAN_AT, channel="phone")

    refusal = refused(story, "confirm", agreement=disagreement)

    assert isinstance(refusal, errors.CustomerHasNotAgreed)


@pytest.mark.parametrize("subtype", SUBTYPES, ids=lambda entry: entry.code)
def test_every_subtype_is_confirmed_under_its_type(subtype: object) -> None:
    story = Story().to(Status.REPORTED)

    story.take("confirm", conflict_type=subtype.parent, conflict_subtype=subtype.code)

    assert story.case.status is Status.CONFIRMED


def test_a_subtype_of_another_type_is_refused() -> None:
    story = Story().to(Status.REPORTED)

    refusal = refused(story, "confirm", conflict_type="price", conflict_subtype="wording")

    assert isinstance(refusal, errors.SubtypeOfOtherType)
    assert refusal.params == {
        "field": "conflict_subtype",
        "conflict_type": "price",
        "conflict_subtype": "wording",
        "belongs_to": "communication",
        "reference_book": "conflict_subtypes",
    }


def test_a_dismissal_offers_an_alternative() -> None:
    story = Story().to(Status.REPORTED)

    refusal = refused(story, "dismiss", alternatives_offered=())

    assert isinstance(refusal, errors.NoAlternativeOffered)


def test_a_dismissal_and_its_reason_are_kept() -> None:
    story = Story().to(Status.REPORTED)

    event = story.take("dismiss")

    assert story.case.dismissal == event
    assert story.case.dismissal.reason == "outside_scope"
