"""At the instant of a recorded breach, its due time, every list says that it was broken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from domain.circumstances import Circumstances
from domain.events import DeadlineMissed
from domain.values import Role, Status
from projections import deadlines, satisfaction
from projections.commitment_questions import CommitmentFilter, list_commitments
from projections.lessons_period import Period
from projections.past_lists import rewinding_deadlines, rewinding_satisfaction
from projections.promise_report import promise_report
from projections.read_models import build_engine
from projections.rewinding import Past
from projections.satisfaction_questions import OrderFilter, list_orders
from projections.satisfaction_report import satisfaction_report
from projections.work_questions import WorkFilter, list_work
from service.assembly import Service
from service.instants import Instants
from tests.given import BEGAN_AT, Story, circumstances

DAY = timedelta(days=1)
PERIOD = Period(BEGAN_AT - DAY, BEGAN_AT + 40 * DAY)
Ask = Callable[..., Any]


def at_its_due_time(due_at: datetime) -> Circumstances:
    """A timer that sees a moment later what was due."""
    now = due_at + timedelta(seconds=1)
    return circumstances("timer", {Role.ADMIN}, now, occurred_at=due_at)


def a_broken_promise() -> tuple[Story, datetime]:
    story = Story().after("report")
    story.take("make_commitment", in_writing=False)
    due_at = story.case.commitments["C1"].made.due_at
    story.take("break_commitment", at_its_due_time(due_at))
    return story, due_at


def a_late_plan() -> tuple[Story, datetime]:
    story = Story().to(Status.FOLLOWED_UP).after("open_director_order")
    due_at = story.events[-1].occurred_at + 2 * DAY
    event = story.take("miss_deadline", at_its_due_time(due_at), clock="director_plan", run=1)
    assert isinstance(event, DeadlineMissed)
    return story, event.due_at


@pytest.fixture
def then(service: Service) -> Callable[[Callable[[], tuple[Story, datetime]], Ask], Any]:
    """What a question finds as of the due time, once the breach of a story is on record."""

    def found(told: Callable[[], tuple[Story, datetime]], ask: Ask) -> Any:
        story, due_at = told()
        for event in story.events:
            service.cases.record([event])
        build_engine(service, (deadlines.READ_MODEL, satisfaction.READ_MODEL)).catch_up()
        model = rewinding_satisfaction if told is a_late_plan else rewinding_deadlines
        with service.engine.connect() as connection:
            past = Past(model(service.mapper))
            return past.ask(connection, Instants(as_of=due_at), partial(ask, now=due_at))

    return found


def test_the_list_of_promises_says_broken(then: Any) -> None:
    found = then(
        a_broken_promise,
        lambda connection, now: list_commitments(connection, CommitmentFilter(now=now)),
    )

    (promise,) = found.commitments
    assert promise.state == "broken"


@pytest.mark.parametrize(
    ("asked", "count"), [({}, 1), ({"overdue": True}, 1), ({"overdue": False}, 0)]
)
def test_the_work_list_says_overdue(then: Any, asked: dict[str, bool], count: int) -> None:
    found = then(
        a_broken_promise,
        lambda connection, now: list_work(
            connection, WorkFilter(now=now, clock="commitment", **asked)
        ),
    )

    assert [each.clock for each in found.work] == ["commitment"] * count


def test_nobody_is_to_be_told_of_a_delay_that_is_a_breach(then: Any) -> None:
    found = then(
        a_broken_promise,
        lambda connection, now: (
            now,
            list_work(connection, WorkFilter(now=now, clock="commitment", disclose=True)),
            list_work(connection, WorkFilter(now=now, clock="commitment")),
        ),
    )

    due_at, to_disclose, (work,) = found[0], found[1].work, found[2].work
    assert (to_disclose, work.is_to_disclose(due_at), work.is_overdue(due_at)) == ([], False, True)


def test_the_report_counts_the_promise_as_broken_and_undisclosed(then: Any) -> None:
    report = then(a_broken_promise, partial(promise_report, period=PERIOD))

    assert report.total.states["broken"] == 1
    assert report.disclosed.of == 1


@pytest.mark.parametrize(
    ("asked", "count"), [({}, 1), ({"overdue": True}, 1), ({"overdue": False}, 0)]
)
def test_the_list_of_orders_says_overdue(then: Any, asked: dict[str, bool], count: int) -> None:
    found = then(
        a_late_plan,
        lambda connection, now: (now, list_orders(connection, OrderFilter(now=now, **asked))),
    )

    due_at, page = found
    assert [order.is_overdue(due_at) for order in page.rows] == [True] * count


def test_the_report_counts_the_plan_as_late(then: Any) -> None:
    report = then(a_late_plan, partial(satisfaction_report, period=PERIOD))

    assert (report.orders.in_time.of, report.orders.in_time.count) == (1, 0)
