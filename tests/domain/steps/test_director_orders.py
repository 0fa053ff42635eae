"""Directors' orders in a case: opened, planned, closed; one at a time."""

from __future__ import annotations

from datetime import timedelta

from domain import errors
from domain.clocks.run import State
from domain.values import Status
from tests.domain.refusing import refused
from tests.given import Story


def an_open_order(status: Status = Status.FOLLOWED_UP) -> Story:
    return Story().to(status).after("open_director_order")


def the_run(story: Story, after: timedelta = timedelta(0)):
    now = story.events[-1].occurred_at + after
    (run,) = (run for run in story.case.clock_runs(now) if run.clock == "director_plan")
    return run


def test_the_service_director_leads_and_has_48_hours() -> None:
    story = an_open_order()
    opened = story.case.open_order
    assert opened is not None

    run = the_run(story)

    assert (opened.order_id, opened.led_by) == ("D1", "director")
    assert run.due_at == opened.occurred_at + timedelta(hours=48)
    assert run.warn_at == opened.occurred_at + timedelta(hours=44)


def test_the_plan_stops_the_clock_and_the_order_is_closed_after_it() -> None:
    story = an_open_order().after("deliver_director_plan")
    state = the_run(story).state

    story.after("close_director_order")

    assert state is State.MET
    assert story.case.open_order is None
    assert story.case.orders_closed["D1"].order_id == "D1"


def test_the_order_outlives_its_case() -> None:
    story = an_open_order().after("record_lessons", "close")

    late = the_run(story, timedelta(days=3))
    story.after("deliver_director_plan", "close_director_order")

    assert late.state is State.MISSED
    assert story.case.status is Status.CLOSED


def test_the_order_goes_on_in_a_case_that_is_merged() -> None:
    story = an_open_order(Status.CONFIRMED).after("merge_into")

    assert the_run(story, timedelta(days=3)).state is State.MISSED


def test_the_next_order_has_a_name_and_a_clock_of_its_own() -> None:
    story = an_open_order().after("deliver_director_plan", "close_director_order")

    story.take("open_director_order", number=2)

    runs = story.case.clock_runs(story.events[-1].occurred_at)
    assert story.case.open_order is not None
    assert story.case.open_order.order_id == "D2"
    assert [run.number for run in runs if run.clock == "director_plan"] == [1, 2]


def test_one_order_at_a_time() -> None:
    story = an_open_order()

    refusal = refused(story, "open_director_order", number=2)

    assert isinstance(refusal, errors.OrderAlreadyOpen)


def test_without_an_order_there_is_nothing_to_plan() -> None:
    story = Story().to(Status.FOLLOWED_UP)

    refusal = refused(story, "deliver_director_plan")

    assert isinstance(refusal, errors.NoOrderOpen)


def test_an_order_is_not_closed_without_its_plan() -> None:
    story = an_open_order()

    refusal = refused(story, "close_director_order")

    assert isinstance(refusal, errors.OrderPlanMissing)


def test_a_plan_is_delivered_once() -> None:
    story = an_open_order().after("deliver_director_plan")

    refusal = refused(story, "deliver_director_plan")

    assert isinstance(refusal, errors.OrderPlanAlreadyDelivered)
