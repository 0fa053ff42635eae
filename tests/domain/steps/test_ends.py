"""Withdrawing, merging, assigning and escalating: the ways beside the stages."""

from uuid import uuid4

import pytest

from domain import errors
from domain.lifecycle import OPEN
from domain.values import Status
from tests.details.common import OTHER_CASE
from tests.domain.refusing import refused
from tests.given import Story


@pytest.mark.parametrize("status", sorted(OPEN))
def test_an_undone_merge_leads_back_to_where_the_case_stood(status: Status) -> None:
    story = Story().to(status).after("merge_into")

    event = story.take("unmerge")

    assert story.case.status is event.leads_to is status
    assert story.case.merge is None


def test_a_merge_is_a_link() -> None:
    story = Story().to(Status.ANALYSED)

    story.take("merge_into")

    assert story.case.merge.into_case_id == OTHER_CASE
    assert story.case.analyses


def test_a_case_is_not_merged_into_itself() -> None:
    story = Story().to(Status.ANALYSED)

    refusal = refused(story, "merge_into", into_case_id=story.case.id)

    assert isinstance(refusal, errors.MergedIntoItself)


def test_a_case_may_be_merged_again_into_another() -> None:
    story = Story().to(Status.CONFIRMED).after("merge_into", "unmerge", "analyse")
    other = uuid4()

    story.take("merge_into", into_case_id=other)
    story.take("unmerge")

    assert story.case.status is Status.ANALYSED


def test_a_withdrawn_case_is_over() -> None:
    story = Story().to(Status.CONFIRMED).after("withdraw")

    assert story.case.withdrawal is not None
    assert isinstance(refused(story, "reopen"), errors.StepNotAllowed)


@pytest.mark.parametrize(
    ("command", "kept_in"),
    [
        ("acknowledge", "acknowledgements"),
        ("log_interaction", "interactions"),
        ("escalate", "escalations"),
        ("refer", "referrals"),
        ("assign", "assignments"),
    ],
)
def test_what_happens_beside_the_stages_joins_its_list(command: str, kept_in: str) -> None:
    story = Story().to(Status.REPORTED)

    first, second = story.take(command), story.take(command)

    assert getattr(story.case, kept_in) == [first, second]
    assert story.case.status is Status.REPORTED
