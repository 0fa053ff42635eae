"""The watch: every order exactly once, by any number of workers, through restarts and rebuilds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from domain.circumstances import Circumstances
from domain.errors import CaseHasMoved
from domain.order_triggers import Trigger, due_order
from domain.values import OrderGround, Role
from projections.order_watch import OrderWatch
from projections.read_models import build_engine
from projections.satisfaction_tables import CASES, ORDERS
from projections.timers import Timers
from service.assembly import Service, build
from service.settings import Settings
from tests.given import BEGAN_AT, circumstances
from tests.projections.desk import Desk
from tests.projections.watching_orders import HOUR, opened, read, to_check, watch


def test_two_low_scores_over_two_cases_raise_one_order_on_the_newest(
    service: Service, desk: Desk
) -> None:
    first, second = desk.report("K-1", "web"), desk.report("K-1", "phone")
    desk.score(first, 6, "csat_1_10")
    desk.now += HOUR
    desk.score(second, 3)
    read(service)

    raised = [watch(service, desk.now) for _ in range(3)]

    (order,) = opened(service, "K-1")
    assert raised == [1, 0, 0]
    assert (order.case_id, order.trigger, order.number) == (second, "low_scores", 1)
    assert [ground.case_id for ground in order.grounds] == [first, second]
    assert order.occurred_at == desk.now


def test_other_customers_raise_nothing_together(service: Service, desk: Desk) -> None:
    for customer in ("K-1", "K-2"):
        desk.score(desk.report(customer), 1)
    read(service)

    assert watch(service) == 0
    assert to_check(service) == 0


def test_a_repeat_complaint_raises_one_order(service: Service, desk: Desk) -> None:
    desk.report("K-1", "phone")
    desk.now += timedelta(days=30)
    again = desk.report("K-1", "phone")
    read(service)

    watch(service, desk.now)

    (order,) = opened(service, "K-1")
    assert (order.case_id, order.trigger) == (again, "repeat_complaint")


def test_a_good_score_that_is_recorded_late_may_let_low_ones_count(
    service: Service, desk: Desk
) -> None:
    case_id, began_at = desk.report("K-1"), desk.now
    for number in range(10):
        desk.now = began_at + number * HOUR
        desk.score(case_id, 1)
    read(service)
    before = watch(service, desk.now)

    desk.now = began_at + 4.5 * HOUR
    desk.score(case_id, 5)
    read(service)

    assert before == 0
    assert watch(service, began_at + 10 * HOUR) == 1


def test_a_closed_order_is_followed_by_another_only_for_something_new(
    service: Service, desk: Desk
) -> None:
    case_id = desk.report("K-1")
    desk.score(case_id, 1)
    desk.score(case_id, 1)
    read(service)
    watch(service, desk.now)
    desk.finish(case_id)
    read(service)
    at_once = watch(service, desk.now)

    desk.now += HOUR
    desk.score(case_id, 2)
    desk.score(case_id, 2)
    read(service)

    assert at_once == 0
    assert [watch(service, desk.now), watch(service, desk.now)] == [1, 0]
    assert [order.number for order in opened(service, "K-1")] == [1, 2]


def test_many_workers_that_judge_the_same_moment_raise_one_order(
    service: Service, settings: Settings, desk: Desk
) -> None:
    """Two triggers commit at the same moment, and each worker may see another one first."""
    first, second = desk.report("K-1", "phone"), desk.report("K-1", "web")
    for case_id in (first, second):
        desk.score(case_id, 1)
    workers = [build(settings) for _ in range(3)]
    with ThreadPoolExecutor(5) as pool:
        complaint = pool.submit(desk.report, "K-1", "web")
        score = pool.submit(desk.score, second, 1)
        raising = [
            pool.submit(each.orders.raise_due, "K-1", BEGAN_AT + number * HOUR)
            for number, each in enumerate(workers)
        ]
        taken = [future.result() for future in raising]
        complaint.result(), score.result()

    assert sum(each is not None for each in taken) == 1
    assert len(opened(service, "K-1")) == 1
    for worker in workers:
        worker.engine.dispose()


def test_the_first_order_of_a_customer_is_stored_once_whichever_case_it_was_for(
    service: Service, desk: Desk
) -> None:
    """Two workers that have read different cases: the name of the command stops the slower one."""
    cases = [desk.report("K-1", channel) for channel in ("web", "phone")]

    taken = [
        service.orders._open("K-1", 1, trigger_in(case_id), 1, BEGAN_AT + HOUR) for case_id in cases
    ]

    assert [each.replayed for each in taken] == [False, True]
    assert [order.case_id for order in opened(service, "K-1")] == cases[:1]


def trigger_in(case_id: UUID) -> Trigger:
    grounds = (OrderGround(case_id=case_id, version=1),)
    return Trigger(code="low_scores", at=BEGAN_AT, grounds=grounds)


def test_where_the_case_moves_on_it_is_judged_again(
    service: Service, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = desk.report("K-1")
    desk.score(case_id, 1)
    desk.score(case_id, 1)
    take_step = service.cases.take_step
    moved: list[int] = []

    def move_first(*given: object, **named: object) -> object:
        if not moved:
            moved.append(1)
            raise CaseHasMoved(current_version=9)
        return take_step(*given, **named)

    monkeypatch.setattr(service.cases, "take_step", move_first)

    assert service.orders.raise_due("K-1", BEGAN_AT + HOUR) is not None


def test_a_read_model_that_is_made_anew_raises_nothing_again(service: Service, desk: Desk) -> None:
    case_id = desk.report("K-1")
    desk.score(case_id, 1)
    desk.score(case_id, 1)
    read(service)
    watch(service)

    engine = build_engine(service)
    engine.begin_rebuilds(["satisfaction"])
    engine.catch_up()

    assert to_check(service) > 0
    assert watch(service) == 0
    assert to_check(service) == 0
    assert len(opened(service, "K-1")) == 1


def test_a_case_that_is_just_being_written_keeps_its_flag(service: Service, desk: Desk) -> None:
    desk.report("K-1")
    read(service)

    with service.engine.begin() as writing:
        writing.execute(update(CASES).values(check_from=7))
        watch(service)

    assert to_check(service) == 1


def test_months_of_three_workers_and_their_restarts(
    service: Service, settings: Settings, desk: Desk
) -> None:
    """Every worker is made anew each time; orders, plans and breaches are there exactly once."""
    random = Random(5)
    customers = [f"K-{number}" for number in range(6)]
    cases = {ref: [desk.report(ref, random.choice(["web", "phone"]))] for ref in customers}
    for _ in range(12):
        desk.now += timedelta(days=random.randrange(1, 12), hours=random.randrange(24))
        for ref in random.sample(customers, 4):
            happen(desk, random, cases, ref)
        workers = [build(settings) for _ in range(3)]
        read(service)
        with ThreadPoolExecutor(6) as pool:
            for each in workers:
                now = desk.now
                pool.submit(OrderWatch(each.engine, each.orders, lambda now=now: now).look)
                pool.submit(Timers(each.engine, each.cases, lambda now=now: now).fire_due)
        for worker in workers:
            worker.engine.dispose()
    read(service)
    watch(service, desk.now)
    read(service)

    raised = 0
    for ref in customers:
        orders = opened(service, ref)
        raised += len(orders)
        standing = service.cases.find(list(service.subjects.cases_of(ref)))
        grounds = [(g.case_id, g.version) for order in orders for g in order.grounds[-1:]]
        assert [order.number for order in orders] == list(range(1, len(orders) + 1))
        assert len(set(grounds)) == len(grounds)
        assert due_order(standing.values()) is None
        for case in standing.values():
            missed = [e.run for e in case.deadlines_missed if e.clock == "director_plan"]
            assert len(missed) == len(set(missed))
    assert raised > len(customers)
    with service.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(ORDERS)).scalar_one() == raised


def happen(desk: Desk, random: Random, cases: dict[str, list[UUID]], ref: str) -> None:
    what = random.choice(["score", "score", "report", "finish"])
    if what == "report":
        cases[ref].append(desk.report(ref, random.choice(["web", "phone"])))
    elif what == "score":
        for _ in range(random.randrange(1, 4)):
            desk.score(random.choice(cases[ref]), random.randrange(1, 6))
    else:
        for case_id in cases[ref]:
            if desk.service.cases.get(case_id).open_order:
                desk.finish(case_id)


def test_erased_the_customer_is_nobody_and_the_order_counts(service: Service, desk: Desk) -> None:
    case_id = desk.report("K-1")
    desk.score(case_id, 1)
    desk.score(case_id, 1)
    read(service)
    watch(service)
    desk.now += 2 * HOUR
    desk.finish(case_id)

    by = Circumstances(
        actor=circumstances().actor,
        roles=frozenset({Role.PRIVACY}),
        now=BEGAN_AT + 2 * HOUR,
        correlation_id="c",
    )
    service.erasures.erase("K-1", by, ground="consent_withdrawn")
    read(service)

    case = service.cases.get(case_id)
    assert str(case.order_plans["D1"].plan.reveal()) == "ERASED"
    assert str(case.orders_closed["D1"].result.reveal()) == "ERASED"
    assert len(opened(service, "K-1")) == 1
    assert watch(service) == 0
