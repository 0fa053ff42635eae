"""Making a promise: what it has to say, and what is too vague to be one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import errors
from domain.personal import PersonalText
from domain.vagueness import WORDS, says_nothing
from tests.domain.refusing import refused
from tests.domain.steps.promises import a_promise, state
from tests.given import BEGAN_AT, Story

SAYS_NOTHING = (
    *("asap", "ASAP!", "ＡＳＡＰ", "a.s.a.p.", "as soon as possible", "Soon.", "shortly"),
    *("We'll try", "We will do our best to fix it as soon as possible.", "To be determined"),
    *("尽快", "尽快处理", "我们会尽快处理。", "稍后", "第一时间给您答复", "盡快處理"),
    *(".", "…", "—", "👍", "？！", " - "),
)
SAYS_SOMETHING = (
    *("12.50", "A new lamp as soon as possible", "Refund", "We will call you back by phone"),
    *("退款", "尽快更换电机", "24小时内", "客户收到新的主板", "返金します"),
)


def test_a_promise_says_what_who_until_when_and_to_whom() -> None:
    story = a_promise(kind="reply", owner="care-2")

    made = story.case.commitments["C1"].made
    assert (made.kind, made.owner, made.due_at) == ("reply", "care-2", BEGAN_AT + timedelta(days=1))
    assert state(story, hours=2) == "open"


def test_a_promise_lies_ahead() -> None:
    refusal = refused(Story().after("report"), "make_commitment", due_at=BEGAN_AT)

    assert isinstance(refusal, errors.DueInPast)


@pytest.mark.parametrize("outcome", SAYS_NOTHING)
def test_a_promise_of_nothing_is_vague(outcome: str) -> None:
    refusal = refused(Story().after("report"), "make_commitment", outcome=PersonalText(outcome))

    assert isinstance(refusal, errors.VaguePromise)
    assert refusal.params == {"field": "outcome"}


@pytest.mark.parametrize("outcome", SAYS_SOMETHING)
def test_a_promise_of_something_may_also_be_hasty(outcome: str) -> None:
    story = a_promise(outcome=PersonalText(outcome))

    assert story.case.commitments["C1"].made.outcome.reveal() == outcome


@pytest.mark.parametrize(
    "outcome", ["refund of the fee", "Refund of the fee.", "ＲＥＦＵＮＤ OF THE FEE"]
)
def test_the_promise_again_is_no_outcome_however_it_is_written(outcome: str) -> None:
    text, again = PersonalText("Refund of the fee"), PersonalText(outcome)

    refusal = refused(Story().after("report"), "make_commitment", text=text, outcome=again)

    assert isinstance(refusal, errors.VaguePromise)


def test_every_vague_word_is_written_as_it_is_compared() -> None:
    words = [*WORDS["en"], *WORDS["zh"]]

    assert sorted(set(words)) == sorted(words)
    assert [word for word in words if not says_nothing(word)] == []


def test_a_promise_says_by_what_one_can_tell_that_it_is_kept() -> None:
    same = PersonalText("尽快处理")

    refusal = refused(Story().after("report"), "make_commitment", text=same, outcome=same)

    assert isinstance(refusal, errors.VaguePromise)


@pytest.mark.parametrize("missing", ["text", "outcome", "owner", "due_at", "promised_to"])
def test_a_promise_without_its_parts_is_none(missing: str) -> None:
    refusal = refused(Story().after("report"), "make_commitment", **{missing: None})

    assert isinstance(refusal, errors.InvalidValue)
    assert refusal.params["field"] == missing
