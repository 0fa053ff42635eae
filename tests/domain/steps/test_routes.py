"""Severity routes: a serious case has a named task force, and a director knows of it (S39)."""

from __future__ import annotations

import pytest

from domain import errors
from domain.reference_books import edition
from domain.routes import CHECKS, REFUSALS, Demand, demands
from domain.values import Status
from tests.domain.refusing import refused
from tests.given import Story


def a_story_of(severity: str) -> Story:
    """Ready for a choice; `severity` as confirmed with the customer."""
    story = Story().after("report", *["attach_evidence"] * 4)
    story.take("confirm", severity=severity)
    return story.to(Status.RISK_ASSESSED).after("consult_customer")


def test_a_serious_case_is_decided_by_a_named_task_force() -> None:
    story = a_story_of("serious")

    refusal = refused(story, "choose_solution")
    story.after("name_task_force", "choose_solution")

    assert isinstance(refusal, errors.TaskForceMissing)
    assert refusal.params == {"severity": "serious"}


@pytest.mark.parametrize(("level", "is_enough"), [("supervisor", 0), ("director", 1)])
def test_a_serious_case_is_resolved_once_a_director_knows(level: str, is_enough: bool) -> None:
    story = a_story_of("serious").after("name_task_force", "choose_solution", "approve_solution")
    before = refused(story, "resolve")

    story.take("escalate", level=level)

    assert isinstance(before, errors.DirectorNotInformed)
    if is_enough:
        story.take("resolve")
    else:
        assert isinstance(refused(story, "resolve"), errors.DirectorNotInformed)


@pytest.mark.parametrize("severity", ["minor", "moderate"])
def test_what_is_not_serious_is_explained_and_compensated_without_ado(severity: str) -> None:
    story = a_story_of(severity).after("choose_solution", "approve_solution", "resolve")

    assert story.case.status is Status.RESOLVED
    assert demands(story.case) == ()


def test_the_route_tells_what_is_asked_before_which_step_and_what_is_met() -> None:
    story = a_story_of("serious")
    before = demands(story.case)

    story.after("name_task_force", "escalate")

    wanted = (("task_force_named", "choice"), ("director_informed", "resolution"))
    assert before == tuple(Demand(*each, False) for each in wanted)
    assert demands(story.case) == tuple(Demand(*each, True) for each in wanted)


def test_nothing_is_asked_before_the_severity_is_known_nor_in_an_older_edition() -> None:
    reported, older = Story().after("report"), a_story_of("serious")

    older.case.edition = edition(2)

    assert demands(reported.case) == demands(older.case) == ()
    older.take("choose_solution")


def test_every_demand_of_the_book_is_checked_and_has_its_refusal() -> None:
    book = edition(3).book("severity_routes")

    assert set(CHECKS) == set(REFUSALS) == book.codes
    for entry in book.entries:
        assert set(entry.details["severities"]) <= edition(3).book("severities").codes


@pytest.mark.parametrize("members", [("ann", "depot-4"), ("depot-4", "depot-4")])
def test_nobody_stands_twice_in_a_task_force(members: tuple[str, ...]) -> None:
    story = Story().after("report")

    refusal = refused(story, "name_task_force", lead="ann", members=members)

    assert isinstance(refusal, errors.InvalidValue)
    assert refusal.params == {"field": "members", "reason": "repeated_item"}


def test_a_task_force_named_later_stands_in_for_the_one_before() -> None:
    story = Story().after("report", "name_task_force")

    story.take("name_task_force", lead="cleo", members=("depot-4",))

    assert [force.lead for force in story.case.task_forces] == ["ann", "cleo"]
