"""A breach of a clock on record: what occurred in time and is told later undoes it, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain import errors
from domain.circumstances import Circumstances
from domain.clocks.run import ClockRun
from domain.values import Role
from projections.deadline_tables import RUNS
from tests.domain.refusing import refused
from tests.given import BEGAN_AT, Story, circumstances
from tests.projections.test_deadlines import rows_of

FIRST_REPLY = {"clock": "first_reply", "run": 1}
DUE_MINUTES = 30
NO_TERMS = dict.fromkeys(("request_kind", "customer_tier", "regulation", "calendar", "reason"))


def told(minutes: int, occurred: int) -> Circumstances:
    """Both in minutes after the report."""
    at, occurred_at = (BEGAN_AT + timedelta(minutes=each) for each in (minutes, occurred))
    return circumstances(at=at, occurred_at=occurred_at)


def the_timer(minutes: int) -> Circumstances:
    return circumstances("timer", {Role.ADMIN}, BEGAN_AT + timedelta(minutes=minutes))


def a_breach_on_record() -> Story:
    story = Story()
    story.take("report", urgency="urgent")
    story.take("miss_deadline", the_timer(DUE_MINUTES + 1), **FIRST_REPLY)
    return story


def first_reply(story: Story, minutes: int) -> ClockRun:
    runs = story.case.clock_runs(BEGAN_AT + timedelta(minutes=minutes))
    return next(run for run in runs if run.clock == "first_reply")


@pytest.mark.parametrize(
    ("command", "changes", "state"),
    [
        ("acknowledge", {}, "met"),
        ("await_customer", {}, "paused"),
        ("withdraw", {}, "cancelled"),
        ("set_service_terms", {**NO_TERMS, "urgency": "normal"}, "running"),
    ],
)
@pytest.mark.parametrize(("occurred", "is_undone"), [(29, True), (31, False)])
def test_what_occurred_in_time_undoes_it_and_nothing_later(
    command: str, changes: dict[str, Any], state: str, occurred: int, is_undone: bool
) -> None:
    story = a_breach_on_record()

    story.take(command, told(60, occurred), **changes)

    assert first_reply(story, 60).state == (state if is_undone else "missed")
    assert [missed.run for missed in story.case.deadlines_missed] == [1]


def test_an_answer_at_the_due_time_undoes_it_too() -> None:
    story = a_breach_on_record()

    story.take("acknowledge", told(60, DUE_MINUTES))

    assert first_reply(story, 60).state == "met"


def test_a_run_that_is_missed_again_shows_it_and_has_no_second_event() -> None:
    story = a_breach_on_record()
    story.take("await_customer", told(60, 10))
    story.take("hear_customer", told(70, 70))

    refusal = refused(story, "miss_deadline", the_timer(91), **FIRST_REPLY)

    again = first_reply(story, 91)
    row = next(row for row in rows_of(story).rows(RUNS) if row["clock"] == "first_reply")
    assert isinstance(refusal, errors.DeadlineAlreadyRecorded)
    assert (again.state, again.missed_at) == ("missed", BEGAN_AT + timedelta(minutes=90))
    assert (row["due_at"], row["miss_recorded"], row["next_at"]) == (again.due_at, True, None)
