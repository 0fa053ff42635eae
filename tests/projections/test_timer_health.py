"""Due times that nobody watches are told: no worker, or one whose timers stand still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from domain.conflict_case import ConflictCase
from projections import timer_health as module
from projections import worker
from projections.health import Worker, beat
from projections.ledger.keeping import keeping
from projections.read_models import build_engine
from projections.timer_health import TimerHealth, timer_health
from projections.timers import Timers
from projections.worker import run_worker
from service.assembly import Service
from tests.given import circumstances, details_for
from tests.service.event_store.steps import until

NOBODYS = ConflictCase(UUID(int=0))


def an_overdue_case(service: Service, minutes: int = 40) -> None:
    """A chat reported so many minutes ago that nobody has answered, and the lists know of it."""
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    details = details_for("report", NOBODYS) | {"source": None, "emotion": None}
    details |= {"channel": "chat", "urgency": "urgent"}
    service.cases.begin("report", details, circumstances(at=at))
    build_engine(service).catch_up()


def told(engine: Engine) -> TimerHealth:
    with engine.connect() as connection:
        return timer_health(connection)


@contextmanager
def working(service: Service, fire_due: Callable[[], object], timers: Timers) -> Iterator[None]:
    """A worker in threads, whose timers do `fire_due` again and again."""
    stop = Event()
    options = {"beside": (timers.pulse,)}
    feeding = Thread(target=run_worker, args=(build_engine(service), stop), kwargs=options)
    with keeping(fire_due):
        feeding.start()
        try:
            yield
        finally:
            stop.set()
            feeding.join()


def test_without_any_worker_due_work_is_overdue(service: Service) -> None:
    before = told(service.engine)
    an_overdue_case(service)

    found = told(service.engine)

    assert not before.are_overdue
    assert found.are_overdue
    assert (found.due_runs, found.silent_seconds) == (1, None)
    assert 5 * 60 < found.due_seconds < 40 * 60


def test_what_is_due_for_a_moment_is_not_overdue(service: Service) -> None:
    an_overdue_case(service)
    with service.engine.begin() as connection:
        a_moment_ago = text("UPDATE deadlines.runs SET next_at = clock_timestamp()")
        connection.execute(a_moment_ago)

    found = told(service.engine)

    assert found.due_runs > 0
    assert not found.are_overdue


def test_timers_that_are_at_work_may_have_much_to_do(service: Service) -> None:
    an_overdue_case(service)
    beat(service.engine, Worker(), {"timers": 1.0})

    found = told(service.engine)

    assert found.due_seconds > 60
    assert not found.are_overdue


def test_timers_that_stand_still_are_found_though_the_workers_heart_beats(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OVERDUE_SECONDS_MAX", 1.0)
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 0.05)
    timers = Timers(service.engine, service.cases)
    end = Event()

    def stand_still_after_the_first() -> None:
        timers.fire_due()
        end.wait()

    with working(service, stand_still_after_the_first, timers):
        until(lambda: told(service.engine).silent_seconds is not None)
        an_overdue_case(service)
        until(lambda: told(service.engine).are_overdue)
        found = told(service.engine)
        end.set()

    assert found.silent_seconds is not None
    assert found.silent_seconds > 1.0


def test_a_worker_with_timers_does_what_is_due_and_says_so(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 0.05)
    timers = Timers(service.engine, service.cases)
    an_overdue_case(service)

    with working(service, timers.fire_due, timers):
        until(lambda: not told(service.engine).due_runs)
        until(lambda: not told(service.engine).are_silent)
        found = told(service.engine)

    assert not found.are_overdue


def test_timers_that_fail_at_what_is_due_are_not_heard_of(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers = Timers(service.engine, service.cases)
    an_overdue_case(service)

    def full(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr(service.cases, "take_step", full)

    with pytest.raises(OperationalError):
        timers.fire_due()

    assert timers.pulse.silent_seconds() is None
