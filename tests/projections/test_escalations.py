"""Escalations with a due time are work of their level until somebody decides about the case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.values import Status
from projections.deadline_tables import ESCALATION, RUNS
from tests.given import BEGAN_AT, Story, circumstances, circumstances_for
from tests.projections.test_deadlines import rows_of

DUE = BEGAN_AT + timedelta(days=60)


def escalations(story: Story) -> list[dict[str, Any]]:
    return [row for row in rows_of(story).rows(RUNS) if row["clock"] == ESCALATION]


def open_ones(story: Story) -> list[int]:
    return [row["run"] for row in escalations(story) if row["is_open"]]


def an_escalated_story(status: Status = Status.CONFIRMED, **changes: Any) -> Story:
    story = Story().to(status)
    story.take("escalate", **{"due": DUE, **changes})
    return story


def test_it_is_work_of_the_level_until_its_due_time() -> None:
    story = an_escalated_story(level="director")

    (row,) = escalations(story)

    assert (row["run"], row["unit"], row["handler"], row["owner"]) == (1, "director", None, None)
    assert (row["due_at"], row["listed_at"]) == (DUE, DUE)
    assert row["started_at"] == story.events[-1].occurred_at
    assert (row["next_at"], row["told"], row["is_open"]) == (None, False, True)


def test_without_a_due_time_there_is_nothing_to_list() -> None:
    assert escalations(an_escalated_story(due=None)) == []


def test_what_a_handler_does_meanwhile_does_not_end_it() -> None:
    story = an_escalated_story().after("log_interaction", "update_progress", "analyse")

    assert open_ones(story) == [1]


@pytest.mark.parametrize("command", ["assign", "refer", "name_task_force", "withdraw"])
def test_it_ends_with_who_is_put_in_charge_or_with_the_case(command: str) -> None:
    story = an_escalated_story().after(command)

    assert open_ones(story) == []
    assert escalations(story)[0]["listed_at"] is None


@pytest.mark.parametrize("command", ["approve_solution", "reject_solution"])
def test_it_ends_with_what_an_approver_decides(command: str) -> None:
    story = Story().to(Status.RISK_ASSESSED).after("consult_customer", "choose_solution")
    story.take("escalate", due=DUE)

    before = open_ones(story)

    assert (before, open_ones(story.after(command))) == ([1], [])


def test_the_next_escalation_passes_it_on() -> None:
    story = an_escalated_story(level="supervisor")
    story.take("escalate", level="director", due=DUE + timedelta(days=1))

    assert [(row["run"], row["unit"], row["is_open"]) for row in escalations(story)] == [
        (1, "supervisor", False),
        (2, "director", True),
    ]


def test_what_was_decided_before_it_does_not_end_it() -> None:
    story = an_escalated_story()
    late = circumstances(at=DUE, occurred_at=BEGAN_AT + timedelta(minutes=1))

    story.take("assign", late)

    assert open_ones(story) == [1]
    assert escalations(story)[0]["unit"] == "director"


@pytest.mark.parametrize(
    ("status", "command"),
    [
        (Status.REPORTED, "dismiss"),
        (Status.CONFIRMED, "withdraw"),
        (Status.FOLLOWED_UP, "close"),
        (Status.ANALYSED, "merge_into"),
    ],
)
def test_it_ends_with_the_case_whenever_that_was(status: Status, command: str) -> None:
    story = Story().to(status)
    if command == "close":
        story.after("record_lessons")
    last = story.events[-1].occurred_at
    story.take("escalate", circumstances(at=last + timedelta(hours=2)), due=DUE)
    told_late = circumstances_for(command, last + timedelta(hours=3))

    story.take(command, replace(told_late, occurred_at=last + timedelta(hours=1)))

    assert open_ones(story) == []
    assert escalations(story)[0]["listed_at"] is None


def test_a_merge_lays_it_aside_and_what_undoes_the_merge_brings_it_back() -> None:
    story = an_escalated_story().after("merge_into")

    merged = open_ones(story)

    assert (merged, open_ones(story.after("unmerge"))) == ([], [1])
