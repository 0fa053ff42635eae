"""Telling the customer: supplements in 72 hours, progress every week, delays before they happen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import errors
from domain.clocks.run import ClockRun
from domain.telling import promise_to_disclose, run_to_disclose
from domain.values import Status
from tests.domain.refusing import refused
from tests.domain.steps.times import at
from tests.given import BEGAN_AT, Story

DAY = timedelta(days=1)
END_OF_THE_DAY = BEGAN_AT + timedelta(hours=15)


def runs(story: Story, clock: str, **duration: float) -> list[ClockRun]:
    """The runs of a clock, as seen so long after the report."""
    found = story.case.clock_runs(BEGAN_AT + timedelta(**duration))
    return [run for run in found if run.clock == clock]


def told(story: Story, clock: str, **duration: float) -> list[tuple[str, timedelta]]:
    """State and due time of each run, the latter counted from the end of the first day."""
    return [
        (run.state.value, run.due_at - END_OF_THE_DAY)
        for run in runs(story, clock, **duration)
        if run.due_at
    ]


# Supplements


def test_minutes_without_agreements_and_open_points_tell_the_customer_nothing() -> None:
    story = Story().after("report")

    refusal = refused(story, "send_minutes", agreements=(), open_points=())

    assert isinstance(refusal, errors.NothingInMinutes)
    assert [run.state for run in story.case.clock_runs(BEGAN_AT) if run.clock == "first_reply"] == [
        "running"
    ]


@pytest.mark.parametrize("left_out", ["agreements", "open_points"])
def test_minutes_need_no_more_than_one_of_both(left_out: str) -> None:
    story = Story().after("report")

    event = story.take("send_minutes", **{left_out: ()})

    assert event.agreements or event.open_points


def test_supplements_are_due_72_hours_after_they_are_asked_for() -> None:
    story = Story().after("report")

    story.take("ask_supplement", at(hours=5))

    (run,) = runs(story, "supplement", hours=6)
    assert (run.rule, run.due_at) == ("supplement_72h", BEGAN_AT + timedelta(hours=77))
    story.take("send_supplement", at(hours=77))
    assert runs(story, "supplement", days=9)[0].state == "met"


def test_what_nobody_asked_for_is_no_supplement() -> None:
    story = Story().after("report", "ask_supplement", "send_supplement")

    assert isinstance(refused(Story().after("report"), "send_supplement"), errors.NothingAsked)
    assert isinstance(refused(story, "send_supplement"), errors.NothingAsked)
    evidence = refused(story.after("ask_supplement"), "send_supplement", evidence_ids=("E9",))
    assert isinstance(evidence, errors.UnknownEvidence)


# Progress every week


def test_progress_is_told_every_week_and_each_week_that_is_missed_is_followed_by_the_next() -> None:
    story = Story().after("report")

    assert told(story, "progress_update", days=7) == [("running", 7 * DAY)]
    assert told(story, "progress_update", days=23) == [
        ("missed", 7 * DAY),
        ("missed", 14 * DAY),
        ("missed", 21 * DAY),
        ("running", 28 * DAY),
    ]


def test_an_update_begins_the_week_anew_and_ends_what_was_missed() -> None:
    story = Story().after("report")

    story.take("update_progress", at(days=2))
    story.take("update_progress", at(days=11))

    found = runs(story, "progress_update", days=12)
    assert told(story, "progress_update", days=12) == [
        ("met", 7 * DAY),
        ("missed", 9 * DAY),
        ("met", 16 * DAY),
        ("running", 18 * DAY),
    ]
    assert [run.is_over for run in found] == [True, True, True, False]


def test_waiting_for_the_customer_stops_no_update() -> None:
    story = Story().after("report", "await_customer")

    assert told(story, "progress_update", days=1) == [("running", 7 * DAY)]


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_a_resolved_case_owes_no_update_and_a_reopened_one_does(status: Status) -> None:
    story = Story().to(status)

    ended = told(story, "progress_update", days=60)
    reopened = told(story.after("reopen"), "progress_update", days=2)

    assert ended == [("met", 7 * DAY)]
    assert [state for state, _ in reopened] == ["met", "running"]


def test_blockers_are_told_with_what_is_done_about_them() -> None:
    refusal = refused(Story().after("report"), "update_progress", countermeasures=())

    assert isinstance(refusal, errors.BlockersUnanswered)


@pytest.mark.parametrize("percent", [-1, 101])
def test_nothing_is_more_than_complete(percent: int) -> None:
    refusal = refused(Story().after("report"), "update_progress", completion_percent=percent)

    assert isinstance(refusal, errors.InvalidValue)


# Delays


def a_promise() -> Story:
    story = Story().after("report")
    story.take("make_commitment", in_writing=False)
    return story


def test_a_delay_of_a_promise_is_told_before_it_is_due() -> None:
    story = a_promise()

    event = story.take("disclose_delay", at(hours=22))

    assert event.due_at == BEGAN_AT + DAY
    assert event.occurred_at < event.due_at


def test_a_delay_of_a_clock_names_its_run() -> None:
    story = Story().after("report")

    event = story.take("disclose_delay", at(hours=40), clock="first_plan", run=1)

    assert event.due_at == BEGAN_AT + timedelta(hours=48)


OVER = {"commitment_id": None, "clock": None, "run": None}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"commitment_id": "C9"},
        {"clock": "first_plan"},
        {"run": 1},
        {"clock": "first_plan", "run": 2},
        {"clock": "first_reply", "run": 1},
        {"commitment_id": "C1", "clock": "first_plan", "run": 1},
    ],
    ids=["nothing", "no promise", "no run", "no clock", "no such run", "over", "both"],
)
def test_a_disclosure_is_about_one_thing_that_is_open(changes: dict[str, Any]) -> None:
    story = a_promise().after("acknowledge")

    refusal = refused(story, "disclose_delay", **{**OVER, **changes})

    assert isinstance(refusal, errors.NothingDelayed)


def test_what_waits_for_the_customer_or_for_approval_is_not_delayed() -> None:
    paused = Story().after("report", "await_customer")
    proposed = Story().after("report", "make_commitment")

    clock = refused(paused, "disclose_delay", **{**OVER, "clock": "first_plan", "run": 1})
    promise = refused(proposed, "disclose_delay", **{**OVER, "commitment_id": "C1"})

    assert isinstance(clock, errors.NothingDelayed)
    assert isinstance(promise, errors.NothingDelayed)


def test_what_comes_in_time_is_no_delay() -> None:
    refusal = refused(a_promise(), "disclose_delay", expected_at=BEGAN_AT + DAY)

    assert isinstance(refusal, errors.NoDelay)


def test_a_breach_is_predicted_from_the_warning_until_the_customer_knows() -> None:
    story = a_promise()

    def to_disclose(**duration: float) -> tuple[bool, bool]:
        seen_at = BEGAN_AT + timedelta(**duration)
        (plan,) = runs(story, "first_plan", **duration)
        promise = story.case.commitments["C1"]
        return (
            run_to_disclose(story.case, plan, told=True, seen_at=seen_at),
            promise_to_disclose(story.case, promise, 24, seen_at),
        )

    early, promise_first, both_over = (to_disclose(hours=h) for h in (18, 18.25, 25))
    plan_next = to_disclose(hours=44)
    story.take("disclose_delay", at(hours=20))
    story.take("disclose_delay", at(hours=45), clock="first_plan", run=1, commitment_id=None)

    assert (early, promise_first, both_over) == ((False, False), (False, True), (False, False))
    assert plan_next == (True, False)
    assert to_disclose(hours=20.5) == (False, False)
    assert to_disclose(hours=46) == (False, False)
