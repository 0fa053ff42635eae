"""The work list on the command line: clocks, promises and alarms in one order."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain import events
from domain.early_warning.alarms import alarm_id
from domain.reviews.review import review_id
from domain.reviews.rhythm import Occurrence, kinds_of
from domain.reviews.values import Attendance, ReviewDecision
from projections import deadlines
from projections.read_models import build_engine
from service.assembly import Service
from tests.an_alarm import LOOK, RULE, raise_one
from tests.cli.conftest import Run
from tests.given import Story, circumstances


@pytest.fixture
def story(service: Service) -> Story:
    """A case with a promise, and an alarm that nobody has seen to."""
    story = Story().after("report", "assign", "make_commitment")
    service.cases.record(story.events)
    raise_one(service, "phone")
    build_engine(service, [deadlines.READ_MODEL]).catch_up()
    return story


def listed(run: Run, *options: str) -> list[dict[str, Any]]:
    result = run("work", *options, "--json")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)["work"]
    return found


def kinds(run: Run, *options: str) -> set[str]:
    return {each["kind"] for each in listed(run, *options)}


def test_all_there_is_to_do_is_listed_in_order_of_its_due_times(run: Run, story: Story) -> None:
    work = listed(run)

    assert {"first_plan", "commitment", "acknowledge_alarm"} <= {each["kind"] for each in work}
    due = [each["due_at"] for each in work]
    assert due == sorted(due)
    assert listed(run, "--limit", "1") == work[:1]


def test_work_is_chosen_as_over_http(run: Run, story: Story) -> None:
    (assigned,) = (event for event in story.events if isinstance(event, events.CaseAssigned))

    assert kinds(run, "--kind", "commitment") == {"commitment"}
    assert "acknowledge_alarm" in kinds(run, "--not-overdue")
    assert kinds(run, "--handler", str(assigned.handler)) >= {"first_plan"}
    assert kinds(run, "--handler", "nobody") == kinds(run, "--paused") == set()


def test_work_is_listed_as_it_was_known(run: Run, service: Service, story: Story) -> None:
    alarm = alarm_id(RULE, "phone", LOOK)
    raised = service.alarms.get(alarm)
    service.alarms.acknowledge(alarm, circumstances(), expected_version=1)
    options = ("--kind", "acknowledge_alarm")

    then = listed(run, *options, "--known-at", raised.changed_at.isoformat())

    assert [each["alarm_id"] for each in then] == [str(alarm)]
    assert listed(run, *options) == []
    assert kinds(run, "--owner", "ann") == {"close_alarm"}


def test_people_read_a_table_in_their_language(run: Run, story: Story) -> None:
    result = run("work", "--language", "zh", "--kind", "acknowledge_alarm")

    assert "确认预警" in result.stdout
    assert str(alarm_id(RULE, "phone", LOOK)) in result.stdout
    assert "共 1 项待办。" in result.stderr
    assert "主管" in result.stdout
    assert "supervisor" not in result.stdout
    assert re.search(r"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ ", result.stdout, re.MULTILINE)


def test_a_part_is_not_told_as_the_whole(run: Run, story: Story) -> None:
    every = len(listed(run))

    part, whole = run("work", "--limit", "2"), run("work", "--limit", str(every))
    more = [
        json.loads(run("work", "--limit", str(limit), "--json").stdout)["more"]
        for limit in (1, every - 1, every)
    ]

    assert part.stderr == "The first 2 pieces of work; there are more: --limit.\n"
    assert whole.stderr == f"{every} pieces of work.\n"
    assert more == [True, True, False]


def held_with_decisions(service: Service, *measures: str) -> UUID:
    """A review that decided these things."""
    weekly = Occurrence(kind=kinds_of()["voice_of_customer"], scheduled_on=date(2026, 3, 9))
    service.reviews.open_once(weekly)
    parties = (Attendance(party=each, people=3) for each in ("customer_service", "logistics"))
    service.reviews.hold(
        review_id(weekly),
        circumstances(at=weekly.opens_at),
        expected_version=1,
        attendees=tuple(parties),
        decisions=tuple(ReviewDecision(measure=each) for each in measures),
    )
    return review_id(weekly)


def test_decisions_of_one_review_are_told_apart(run: Run, service: Service, story: Story) -> None:
    review = held_with_decisions(service, "train_staff", "change_procedure")
    options = ("--kind", "carry_out_decision")

    table = run("work", *options)
    chinese = run("work", *options, "--language", "zh").stdout

    assert "每周反馈联席会议：培训员工" in chinese
    assert "客户服务" in chinese
    numbers = [each["decision"] for each in listed(run, *options)]
    assert sorted(numbers) == [1, 2]
    assert all(table.stdout.count(f"{review}/{number} ") == 1 for number in numbers)
    assert table.stdout.count(str(review)) == len(numbers)


@pytest.mark.parametrize("options", [("--kind", "tea"), ("--handler", " "), ("--as-of", "soon")])
def test_what_cannot_be_meant_is_refused(run: Run, options: tuple[str, ...]) -> None:
    assert run("work", *options).exit_code == 2


def test_before_due_times_are_read_there_is_no_list(run: Run, service: Service) -> None:
    result = run("work")

    assert result.exit_code == 5
    assert "deadlines is not built yet" in result.stderr
