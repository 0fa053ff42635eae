"""The watch over directors' orders: how often it looks, when it rests, and who fails alone."""

from __future__ import annotations

from datetime import datetime

import pytest

from projections import order_watch
from projections.order_watch import OrderWatch
from service.assembly import Service
from service.director_orders import DirectorOrders
from tests.given import BEGAN_AT
from tests.projections.desk import Desk
from tests.projections.watching_orders import read, to_check, watch


def test_without_the_read_model_nothing_is_looked_at(service: Service, desk: Desk) -> None:
    desk.report("K-1")

    assert watch(service) == 0


def test_a_customer_whose_order_is_open_is_not_read_again(
    service: Service, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = desk.report("K-1")
    desk.score(case_id, 1)
    desk.score(case_id, 1)
    read(service)
    watch(service)
    read(service)
    desk.score(case_id, 1)
    read(service)
    monkeypatch.setattr(service.cases, "find", lambda ids: pytest.fail("the cases were read"))

    assert watch(service) == 0
    assert to_check(service) == 0


def test_the_watch_looks_every_two_seconds_at_most(service: Service, desk: Desk) -> None:
    desk.report("K-1")
    read(service)
    watching = OrderWatch(service.engine, service.orders, lambda: BEGAN_AT)
    found_some = watching.round()
    looked = to_check(service)
    desk.report("K-2")
    read(service)

    too_early = watching.round()

    assert (found_some, looked) == (False, 0)
    assert (too_early, to_check(service)) == (False, 1)


def test_a_watch_that_finds_no_customer_to_look_at_may_rest(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watch, "LOOK_SECONDS", 0.0)
    read(service)
    watching = OrderWatch(service.engine, service.orders, lambda: BEGAN_AT)

    with_no_case = watching.round()
    Desk(service).report("K-1")
    read(service)
    with_a_case = watching.round()
    looked_at = watching.round()

    assert (with_no_case, with_a_case, looked_at) == (True, False, True)


def test_customers_who_fail_keep_nobody_else_waiting(
    service: Service, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watch, "BATCH", 2)
    for customer in ("K-1", "K-2", "K-3", "K-4", "K-5"):
        for score in (1, 2):
            desk.score(desk.report(customer), score)
    read(service)
    asked: list[str] = []
    raise_due = DirectorOrders.raise_due

    def fails_for_some(orders: DirectorOrders, subject_ref: str, now: datetime) -> object:
        asked.append(subject_ref)
        if subject_ref != "K-5":
            raise ValueError(subject_ref)
        return raise_due(orders, subject_ref, now)

    monkeypatch.setattr(DirectorOrders, "raise_due", fails_for_some)
    watching = OrderWatch(service.engine, service.orders, lambda: desk.now)

    raised = watching.look()
    again = watching.look()

    assert (raised, again) == (1, 0)
    assert sorted(asked) == ["K-1", "K-2", "K-3", "K-4", "K-5"]
    assert not watching.round(), "some are still to be looked at"


def test_customers_who_failed_have_their_turn_again(
    service: Service, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watch, "FAILED_SECONDS", 0.0)
    for score in (1, 2):
        desk.score(desk.report("K-1"), score)
    read(service)
    watching = OrderWatch(service.engine, service.orders, lambda: desk.now)
    with monkeypatch.context() as broken:
        broken.setattr(DirectorOrders, "raise_due", lambda *_: 1 / 0)
        failed = watching.look()
        while_failing = watching.pulse.silent_seconds()

    mended = watching.look()

    assert (failed, mended) == (0, 1)
    assert to_check(service) == 0
    assert while_failing is None
    assert watching.pulse.silent_seconds() is not None
