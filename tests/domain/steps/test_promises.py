"""Promises, once made: approved, confirmed, kept, changed, broken, reminded of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import errors
from domain.times import CLOCK_TOLERANCE
from domain.values import Agreement, Role, Status
from tests.domain.refusing import refused
from tests.domain.steps.promises import a_promise, state
from tests.domain.steps.times import at, timer
from tests.given import BEGAN_AT, Story, circumstances

AGREED = Agreement(agreed=True, at=BEGAN_AT + timedelta(hours=1), channel="phone")
NOT_AGREED = Agreement(agreed=False, at=BEGAN_AT, channel="phone")
SECOND = timedelta(seconds=1)


# Approval of what is written


@pytest.mark.parametrize(
    ("in_writing", "kind", "promised_to", "needed"),
    [
        (True, "compensation", "customer", True),
        (True, "compensation", "customer_representative", True),
        (True, "compensation", "company_unit", False),
        (True, "reply", "customer", False),
        (False, "compensation", "customer", False),
    ],
)
def test_what_is_promised_in_writing_may_need_an_approval(
    in_writing: bool, kind: str, promised_to: str, needed: bool
) -> None:
    story = a_promise(in_writing=in_writing, kind=kind, promised_to=promised_to)

    assert state(story, hours=2) == ("proposed" if needed else "open")


def test_a_well_prepared_customer_gets_no_written_promise_without_approval() -> None:
    story = Story().after("report", "acknowledge", *["attach_evidence"] * 4)
    story.take("confirm", customer_type="well_prepared")

    story.take("make_commitment", in_writing=True, kind="reply")

    assert story.case.commitments["C1"].made.needs_approval
    assert state(story) == "proposed"
    story.after("approve_commitment")
    assert state(story) == "open"


def test_who_promises_does_not_approve() -> None:
    story = a_promise(in_writing=True)
    ann = circumstances("ann", {Role.APPROVER}, BEGAN_AT + timedelta(hours=2))

    refusal = refused(story, "approve_commitment", ann)

    assert isinstance(refusal, errors.ApproverIsPromiser)


def test_nothing_is_approved_that_nobody_promised_or_twice_or_too_late() -> None:
    story = a_promise(in_writing=True)
    bob = circumstances("bob", {Role.APPROVER}, BEGAN_AT + timedelta(days=2))

    nothing = refused(Story().after("report"), "approve_commitment")
    late = refused(story, "approve_commitment", bob)
    story.after("approve_commitment").take("make_commitment")
    twice = refused(story, "approve_commitment", commitment_id="C1")

    assert isinstance(nothing, errors.UnknownCommitment)
    assert isinstance(late, errors.DueInPast)
    assert isinstance(twice, errors.CommitmentNotOpen)


def test_what_is_not_approved_is_neither_kept_nor_broken_nor_reminded_of() -> None:
    story = a_promise(in_writing=True)
    story.take("make_commitment", in_writing=False)

    kept = refused(story, "keep_commitment", commitment_id="C1")
    broken = refused(story, "break_commitment", timer(days=9), commitment_id="C1")
    reminded = refused(story, "remind", timer(days=9), about="C1")

    assert isinstance(kept, errors.CommitmentNotApproved)
    assert isinstance(broken, errors.DeadlineNotReached)
    assert isinstance(reminded, errors.DeadlineNotReached)
    assert state(story, days=9) == "proposed"


# In time, late, never


@pytest.mark.parametrize(
    ("kept_at", "told"),
    [(timedelta(), "kept"), (SECOND, "late"), (-SECOND, "kept")],
    ids=["on the due second", "a second late", "a second early"],
)
def test_in_time_is_at_the_due_time_or_before(kept_at: timedelta, told: str) -> None:
    story = a_promise()
    by = circumstances(at=BEGAN_AT + timedelta(days=1) + kept_at)

    story.take("keep_commitment", by)

    assert state(story, days=30) == told


def test_a_promise_is_kept_once() -> None:
    story = a_promise().after("keep_commitment")
    story.take("make_commitment", in_writing=False)

    refusal = refused(story, "keep_commitment", commitment_id="C1")

    assert isinstance(refusal, errors.CommitmentNotOpen)
    assert refusal.params["state"] == "kept"


def test_keeping_points_to_evidence_of_the_case() -> None:
    refusal = refused(a_promise(), "keep_commitment", evidence_ids=("E9",))

    assert isinstance(refusal, errors.UnknownEvidence)


def test_a_breach_is_recorded_once_and_only_after_its_time() -> None:
    story = a_promise()
    due = BEGAN_AT + timedelta(days=1)

    early = refused(story, "break_commitment", timer(days=1))
    story.take("break_commitment", timer(days=1, seconds=1))
    twice = refused(story, "break_commitment", timer(days=2), commitment_id="C1")

    assert isinstance(early, errors.DeadlineNotReached)
    assert isinstance(twice, errors.DeadlineAlreadyRecorded)
    assert story.case.commitments["C1"].broken.due_at == due
    assert state(story, days=2) == "broken"


def test_a_breach_shows_from_the_event_on_that_records_it() -> None:
    story = a_promise()
    due = {"days": 1}
    before = state(story, **due)
    later = BEGAN_AT + timedelta(days=1, seconds=1)

    story.take(
        "break_commitment", circumstances("timer", {Role.ADMIN}, later, occurred_at=at(**due).now)
    )

    assert (before, state(story, **due)) == ("open", "broken")


def test_what_was_kept_too_late_is_recorded_as_broken_too() -> None:
    story = a_promise()
    story.take("keep_commitment", at(days=3))

    story.take("break_commitment", timer(days=4))

    assert state(story, days=4) == "late"


@pytest.mark.parametrize(
    ("step", "told"), [("keep_commitment", "late"), ("withdraw_commitment", "broken")]
)
def test_a_breach_on_record_is_not_dated_away(step: str, told: str) -> None:
    story = a_promise()
    story.take("break_commitment", timer(days=1, seconds=1))
    before_it_was_due = BEGAN_AT + timedelta(hours=23)
    now = BEGAN_AT + timedelta(days=1, seconds=3)

    story.take(step, circumstances(at=now, occurred_at=before_it_was_due))

    assert state(story, days=30) == told
    assert story.case.commitments["C1"].broken is not None


def test_a_case_is_not_closed_while_a_promise_is_open() -> None:
    story = Story().to(Status.FOLLOWED_UP).after("record_lessons")
    story.take("make_commitment", in_writing=False)

    refusal = refused(story, "close")

    assert isinstance(refusal, errors.PromisesOpen)
    assert refusal.params == {"commitment_ids": ["C1"]}
    assert story.after("keep_commitment", "close").case.status is Status.CLOSED


def test_what_was_broken_may_be_kept_after_the_case_is_closed() -> None:
    story = a_promise(due_at=BEGAN_AT + timedelta(hours=1.5))
    story.take("break_commitment", timer(hours=2))
    story.to(Status.CLOSED)

    story.take("keep_commitment", at(days=5))

    assert state(story, days=9) == "late"


# Changes, with the customer


@pytest.mark.parametrize("agreement", [None, NOT_AGREED])
def test_a_promise_is_changed_with_the_customers_agreement(agreement: Agreement | None) -> None:
    story = a_promise()

    withdrawn = refused(story, "withdraw_commitment", agreement=agreement)
    replaced = refused(story, "make_commitment", replaces="C1", agreement=agreement)

    assert isinstance(withdrawn, errors.ChangeNotAgreed)
    assert isinstance(replaced, errors.ChangeNotAgreed)


def test_nobody_agrees_to_change_a_promise_before_it_was_made() -> None:
    story = a_promise()
    made_at = story.events[-1].occurred_at
    earliest = made_at - CLOCK_TOLERANCE
    early = Agreement(agreed=True, at=earliest - timedelta(seconds=1), channel="phone")
    agreed = Agreement(agreed=True, at=earliest, channel="phone")

    withdrawn = refused(story, "withdraw_commitment", agreement=early)
    replaced = refused(story, "make_commitment", replaces="C1", agreement=early)
    story.take("withdraw_commitment", agreement=agreed)

    for refusal in (withdrawn, replaced):
        assert isinstance(refusal, errors.OccurredBeforeAnswered)
        assert refusal.params == {"field": "agreement.at", "answered_at": made_at}


@pytest.mark.parametrize("changes", [{"in_writing": True}, {"promised_to": "company_unit"}])
def test_what_the_customer_does_not_have_is_withdrawn_freely(changes: dict[str, Any]) -> None:
    story = a_promise(**changes)

    story.take("withdraw_commitment", agreement=None)

    assert state(story, days=9) == "withdrawn"


def test_a_replaced_promise_is_over_and_says_by_which() -> None:
    story = a_promise()

    story.take("make_commitment", replaces="C1", agreement=AGREED)

    assert state(story, days=9) == "replaced"
    assert story.case.commitments["C1"].replacement.commitment_id == "C2"
    refusal = refused(story, "make_commitment", replaces="C1", agreement=AGREED)
    assert isinstance(refusal, errors.CommitmentNotOpen)
    assert isinstance(refused(story, "make_commitment", replaces="C9"), errors.UnknownCommitment)


def test_a_broken_promise_stays_broken_when_it_is_replaced() -> None:
    story = a_promise()

    story.take("make_commitment", at(days=2), replaces="C1", agreement=AGREED, due_at=IN_A_WEEK)

    assert state(story, days=3) == "broken"
    assert isinstance(
        refused(story, "keep_commitment", commitment_id="C1"), errors.CommitmentNotOpen
    )


IN_A_WEEK = BEGAN_AT + timedelta(days=7)


# The second channel


def test_an_agreement_is_confirmed_on_another_channel() -> None:
    story = a_promise().after("send_minutes", "confirm_agreement")
    story.take("confirm_agreement", about="M1", channel="letter")

    same = refused(story, "confirm_agreement", about="C1", channel="mail")
    unknown = refused(story, "confirm_agreement", about="C7")

    assert [event.about for event in story.case.agreements_confirmed] == ["C1", "M1"]
    assert isinstance(same, errors.SameChannel)
    assert isinstance(unknown, errors.UnknownAgreement)


def test_what_a_customer_was_consulted_on_is_confirmed_too() -> None:
    story = Story().to(Status.RISK_ASSESSED).after("consult_customer")

    story.take("confirm_agreement", about="S1", channel="mail", in_writing=True)

    assert story.case.agreements_confirmed[0].about == "S1"


def test_what_may_not_be_promised_in_writing_is_not_confirmed_in_writing() -> None:
    story = a_promise(kind="compensation")

    refusal = refused(story, "confirm_agreement", in_writing=True)
    story.after("approve_commitment").take("confirm_agreement", in_writing=True)

    assert isinstance(refusal, errors.CommitmentNotApproved)
    assert story.case.agreements_confirmed


# Reminders and open points


def test_open_points_are_settled_once() -> None:
    story = Story().after("report", "send_minutes")
    story.take("send_minutes", open_points=())

    story.after("settle_open_points")

    assert isinstance(refused(story, "settle_open_points"), errors.NoOpenPoints)
    assert isinstance(refused(story, "settle_open_points", minutes_id="M2"), errors.NoOpenPoints)


@pytest.mark.parametrize(("reminder", "days"), [("day_3", 3), ("day_7", 7), ("day_15", 15)])
@pytest.mark.parametrize("about", ["C1", "M1"])
def test_of_what_is_open_one_is_reminded_on_days_3_7_and_15(
    about: str, reminder: str, days: int
) -> None:
    story = a_promise(due_at=BEGAN_AT + timedelta(days=90))
    story.take("send_minutes", at(hours=1))
    on_time = {"days": days, "hours": 1}

    early = refused(story, "remind", timer(**on_time), about=about, reminder=reminder)
    event = story.take("remind", timer(**on_time, seconds=1), about=about, reminder=reminder)
    twice = refused(story, "remind", timer(days=60), about=about, reminder=reminder)

    assert isinstance(early, errors.DeadlineNotReached)
    assert event.due_at == BEGAN_AT + timedelta(**on_time)
    assert isinstance(twice, errors.DeadlineAlreadyRecorded)


def test_nobody_is_reminded_of_what_is_done() -> None:
    story = a_promise().after("send_minutes", "keep_commitment", "settle_open_points")

    for about in ("C1", "M1"):
        refusal = refused(story, "remind", timer(days=30), about=about)
        assert isinstance(refusal, errors.DeadlineNotReached)
    assert isinstance(refused(story, "remind", about="C8"), errors.UnknownCommitment)
