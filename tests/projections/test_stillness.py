"""While one looks and finds nothing, nobody else looks; whoever rests wakes when that changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text

from projections import worker
from projections.ledger import keeping as keeping_module
from projections.ledger import statements
from projections.ledger.keeping import keeping
from projections.ledger.rounds import LedgerRound
from projections.order_watch import OrderWatch
from projections.read_models import build_engine
from projections.resting import Rest, Standing, Stillness, standing
from projections.timers import Timers
from projections.warning_watch import WarningWatch
from projections.worker import Feeding, run_worker
from service.assembly import Service
from tests.projections.test_resting import Rounds
from tests.projections.toy import ToyLog
from tests.service.event_store.steps import until
from tests.service.privacy_steps import a_case_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONG = timedelta(days=365)


@contextmanager
def at_work(service: Service, *beside: Callable[[], bool]) -> Iterator[Counter[str]]:
    """A worker and what rests beside it; counts the looks of both."""
    stillness, stop, looks = Stillness(), Event(), Counter[str]()

    def look(whose: str) -> Standing:
        looks[whose] += 1
        return standing(service.engine)

    rest = partial(Rest, partial(look, "others"), longest_seconds=600, stillness=stillness)
    options: dict[str, Any] = {"look": partial(look, "worker"), "stillness": stillness}
    feeding = Thread(target=run_worker, args=(build_engine(service), stop), kwargs=options)
    with keeping(*map(rest, beside)):
        feeding.start()
        try:
            yield looks
        finally:
            stop.set()
            feeding.join()


def test_what_rests_in_stillness_does_not_look_itself() -> None:
    stillness, rounds = Stillness(), Rounds(True)
    looks = iter(["as it is"])
    rest = Rest(lambda: next(looks), rounds, longest_seconds=0.01, stillness=stillness)
    rest()
    stillness.goes_on("as it is")

    again = [rest() for _ in range(3)]

    assert again == [True] * 3
    assert rounds.done == 4  # each time the longest rest was over


def test_what_rests_wakes_when_stillness_ends_and_looks_itself() -> None:
    stillness, rounds = Stillness(), Rounds(True)
    looks = iter(["before", "after", "after"])
    rest = Rest(lambda: next(looks), rounds, longest_seconds=600, stillness=stillness)
    rest()
    stillness.goes_on("before")
    resting_thread = Thread(target=rest)
    resting_thread.start()

    stillness.ends()
    resting_thread.join(timeout=60)

    assert not resting_thread.is_alive()
    assert rounds.done == 2


def test_what_never_becomes_due_waits_for_stillness_to_end() -> None:
    stillness, ended = Stillness(), Event()
    stillness.goes_on("as it is")

    def wait() -> None:
        stillness.lasts("as it is", inf)
        ended.set()

    waiting = Thread(target=wait)
    waiting.start()
    stillness.close()
    waiting.join(timeout=60)

    assert ended.is_set()


def test_stillness_about_something_else_is_none() -> None:
    stillness = Stillness()

    before_any = stillness.lasts("mine", 600)
    stillness.goes_on("another")
    about_another = stillness.lasts("mine", 600)

    assert (before_any, about_another) == (False, False)


def test_a_worker_that_ends_lets_nobody_wait() -> None:
    stillness = Stillness()
    stillness.goes_on("as it is")

    stillness.close()

    assert not stillness.lasts("as it is", 600)


def test_a_round_is_done_when_its_time_has_come() -> None:
    rounds, next_due_seconds = Rounds(True), iter([0.0, 600.0])
    rest = Rest(lambda: "the same", rounds, due_seconds=lambda: next(next_due_seconds))

    done = [(rest(), rounds.done)[1] for _ in range(4)]

    assert done == [1, 2, 2, 2]


def test_a_worker_tells_of_stillness_only_while_it_has_nothing_to_do(
    toy_engine: Any, toy_log: ToyLog
) -> None:
    stillness = Stillness()
    feeding = Feeding(toy_engine, lambda: len(toy_log.stored), stillness)
    while not feeding.rest.is_at_rest:
        feeding.feed()
    at_rest = stillness.lasts(0, 0.0)
    feeding.is_interrupted()
    interrupted = stillness.lasts(0, 0.0)
    feeding.feed()

    assert (at_rest, interrupted) == (True, False)
    assert stillness.lasts(0, 0.0)


def test_timers_know_when_something_is_due(service: Service) -> None:
    build_engine(service).catch_up()
    now = [NOW]
    timers = Timers(service.engine, service.cases, lambda: now[0])
    with_nothing = timers.round(), timers.due_seconds()
    a_case_of(service, "C-1")
    build_engine(service).catch_up()
    with service.engine.begin() as connection:
        first = connection.execute(text("SELECT min(next_at) FROM deadlines.runs")).scalar_one()

    now[0] = first - timedelta(seconds=90)
    before = timers.round(), timers.due_seconds()
    now[0] = first + timedelta(seconds=1)
    when_due = timers.round()

    assert with_nothing == (True, float("inf"))
    assert before == (True, 90.0)
    assert not when_due


def test_timers_that_rest_fire_when_a_read_model_says_so(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping_module, "ROUND_SECONDS", 0.01)
    a_year_on = Timers(service.engine, service.cases, lambda: datetime.now(UTC) + LONG)

    with at_work(service, a_year_on.round) as looks:
        until(lambda: looks["others"] >= 2)
        case_id = a_case_of(service, "C-1")
        until(lambda: len(service.cases.history(case_id)) > 1)

    assert service.cases.history(case_id)[1].event.NAME == "deadline_missed"


def test_at_rest_the_worker_alone_looks(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping_module, "ROUND_SECONDS", 0.01)
    monkeypatch.setattr(worker, "IDLE_WAIT_SECONDS", 0.01)
    build_engine(service).catch_up()
    timers = Timers(service.engine, service.cases)
    orders = OrderWatch(service.engine, service.orders)
    alarms = WarningWatch(service.engine, service.alarms)
    beside = (timers.round, orders.round, alarms.round, LedgerRound(service))

    with at_work(service, *beside) as looks:

        def others_leave_it_to_the_worker() -> bool:
            before = looks.copy()
            until(lambda: looks["worker"] >= before["worker"] + 20)
            return looks["others"] == before["others"]

        until(others_leave_it_to_the_worker)

    assert looks["others"] >= len(beside)


def test_a_ledger_whose_turn_another_worker_has_does_not_rest(
    service: Service, engine: Engine
) -> None:
    ledger = LedgerRound(service)
    words = {"lock": statements.LEDGER_LOCK, "synchronous": "on"}

    with engine.begin() as other_worker:
        other_worker.execute(statements.TAKE_TURN, words)
        beside_another = ledger()
    alone = ledger()

    assert (beside_another, alone) == (False, True)
