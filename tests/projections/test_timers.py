"""Timers: every warning and every breach once, by any number of workers, through restarts."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text, update

from domain.conflict_case import ConflictCase
from domain.errors import CaseNotFound
from domain.values import ActorKind, Via
from projections.deadlines import RUNS
from projections.read_models import build_engine
from projections.timers import LOOK_AGAIN, Timers, claim
from service.assembly import Service, build
from service.settings import Settings
from tests.given import BEGAN_AT, circumstances, details_for
from tests.still_clocks import TimeMachine

SECOND = timedelta(seconds=1)
WRITING = """
    SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL
    AND backend_type = 'client backend' AND datname = current_database()
"""
NOBODYS = ConflictCase(UUID(int=0))


@pytest.fixture
def time() -> TimeMachine:
    return TimeMachine()


def report(service: Service, at: datetime = BEGAN_AT, **changes: object) -> UUID:
    """A case reported at an instant."""
    details = details_for("report", NOBODYS) | {"source": None} | changes
    return service.cases.begin("report", details, circumstances(at=at)).case.id


def read(service: Service) -> None:
    build_engine(service).catch_up()


def recorded(service: Service, case_id: UUID) -> list[str]:
    """What timers recorded of a case: event, clock and run, in order."""
    events = [logged.event for logged in service.cases.history(case_id)]
    return [f"{e.NAME} {e.clock}#{e.run}" for e in events if e.NAME.startswith("deadline_")]


def test_a_clock_that_runs_out_is_warned_of_and_then_missed(
    service: Service, time: TimeMachine
) -> None:
    case_id = report(service, urgency="urgent")
    timers = Timers(service.engine, service.cases, time)
    told = []

    for minutes in (19, 21, 25, 29, 31, 45):
        time.now = BEGAN_AT + timedelta(minutes=minutes)
        read(service)
        timers.fire_due()
        told.append(len(recorded(service, case_id)))

    assert told == [0, 1, 1, 1, 2, 2]
    assert recorded(service, case_id) == [
        "deadline_warned first_reply#1",
        "deadline_missed first_reply#1",
    ]


def test_the_event_says_when_it_happened_and_that_a_timer_saw_it(
    service: Service, time: TimeMachine
) -> None:
    case_id = report(service, urgency="urgent")
    time.now = BEGAN_AT + timedelta(days=40)
    read(service)

    Timers(service.engine, service.cases, time).fire_due()

    event = service.cases.history(case_id)[1].event
    assert event.occurred_at == BEGAN_AT + timedelta(minutes=30)
    assert (event.actor.id, event.actor.kind, event.via) == ("timer", ActorKind.SYSTEM, Via.TIMER)


def test_nothing_fires_before_its_time_or_before_the_model_is_there(
    service: Service, time: TimeMachine
) -> None:
    case_id = report(service, urgency="urgent")
    timers = Timers(service.engine, service.cases, time)
    before = timers.fire_due()
    read(service)

    time.now = BEGAN_AT + timedelta(minutes=20)
    at_the_moment = timers.fire_due()
    time.now += SECOND

    assert (before, at_the_moment) == (0, 0)
    assert timers.fire_due() == 1
    assert recorded(service, case_id) == ["deadline_warned first_reply#1"]


def test_without_any_reading_in_between_nothing_is_recorded_twice(
    service: Service, time: TimeMachine
) -> None:
    case_id = report(service, urgency="urgent")
    time.now = BEGAN_AT + timedelta(days=1)
    timers = Timers(service.engine, service.cases, time)
    read(service)
    timers.fire_due()

    with service.engine.begin() as connection:
        connection.execute(update(RUNS).values(next_at=RUNS.c.due_at))
    timers.fire_due()

    assert recorded(service, case_id) == ["deadline_missed first_reply#1"]


def test_a_timer_that_is_behind_looks_again_later(service: Service, time: TimeMachine) -> None:
    case_id = report(service, urgency="urgent")
    read(service)
    service.cases.take_step(
        case_id,
        "acknowledge",
        details_for("acknowledge", NOBODYS),
        expected_version=1,
        by=circumstances(at=BEGAN_AT + timedelta(minutes=5)),
    )
    time.now = BEGAN_AT + timedelta(minutes=31)

    fired = Timers(service.engine, service.cases, time).fire_due()

    assert (fired, recorded(service, case_id)) == (0, [])
    assert next_look(service.engine, case_id) == time.now + LOOK_AGAIN
    read(service)
    assert next_look(service.engine, case_id) is None


def next_look(engine: Engine, case_id: UUID) -> datetime | None:
    wanted = (RUNS.c.case_id == case_id, RUNS.c.clock == "first_reply")
    with engine.connect() as connection:
        return connection.execute(select(RUNS.c.next_at).where(*wanted)).scalar_one()


def test_what_one_worker_has_claimed_others_skip(service: Service, time: TimeMachine) -> None:
    for _ in range(5):
        report(service, urgency="urgent")
    read(service)
    late = BEGAN_AT + timedelta(days=1)

    with service.engine.begin() as first, service.engine.begin() as second:
        mine = claim(first, late, limit=3)
        yours = claim(second, late, limit=3)

    assert {row.case_id for row in mine}.isdisjoint(row.case_id for row in yours)
    assert (len(mine), len(yours)) == (3, 2)


def test_what_the_read_model_says_meanwhile_holds(
    service: Service, time: TimeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = report(service, urgency="urgent")
    read(service)
    time.now = BEGAN_AT + timedelta(hours=1)
    later = BEGAN_AT + timedelta(hours=9)

    def move_and_refuse(*_: object, **__: object) -> None:
        with service.engine.begin() as connection:
            connection.execute(update(RUNS).values(next_at=later))
        raise CaseNotFound

    monkeypatch.setattr(service.cases, "take_step", move_and_refuse)
    Timers(service.engine, service.cases, time).fire_due()

    with service.engine.connect() as connection:
        looks = select(RUNS.c.next_at).where(RUNS.c.case_id == case_id)
        assert set(connection.execute(looks).scalars()) == {later}


def test_firing_holds_no_reader_back(
    service: Service, time: TimeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(service, urgency="urgent")
    read(service)
    time.now = BEGAN_AT + timedelta(hours=1)
    writing: list[int] = []
    take_step = service.cases.take_step

    def look(*given: Any, **named: Any) -> Any:
        with service.engine.connect() as connection:
            writing.append(connection.execute(text(WRITING)).scalar_one())
        return take_step(*given, **named)

    monkeypatch.setattr(service.cases, "take_step", look)
    fired = Timers(service.engine, service.cases, time).fire_due()

    assert fired
    assert set(writing) == {0}


def test_three_workers_and_their_restarts_record_everything_once(
    service: Service, settings: Settings, time: TimeMachine
) -> None:
    """Months pass in steps; every worker is made anew each time, and all of them run at once."""
    random = Random(11)
    cases = [
        report(service, BEGAN_AT + timedelta(minutes=random.randrange(600)), urgency=urgency)
        for urgency in ["urgent", "normal"] * 15
    ]
    for case_id in random.sample(cases, 12):
        step = random.choice(["acknowledge", "log_interaction", "await_customer"])
        at = BEGAN_AT + timedelta(hours=11)
        details = details_for(step, NOBODYS)
        by = circumstances(at=at)
        service.cases.take_step(case_id, step, details, expected_version=None, by=by)

    # A missed week is followed by the next once it has been read.
    for hours in (1, 4, 9, 12, 13, 47, 52, 70, 24 * 30, *[24 * 90] * 13):
        time.now = BEGAN_AT + timedelta(hours=hours)
        workers = [build(settings) for _ in range(3)]
        read(service)
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda each: Timers(each.engine, each.cases, time).fire_due(), workers))
        for worker in workers:
            worker.engine.dispose()
    read(service)

    for case_id in cases:
        case = service.cases.get(case_id)
        told = Counter(recorded(service, case_id))
        missed = [run for run in case.clock_runs(time.now) if run.missed_at]
        assert set(told.values()) <= {1}
        assert {name for name in told if "missed" in name} == {
            f"deadline_missed {run.clock}#{run.number}" for run in missed
        }
        assert {(e.clock, e.run): e.due_at for e in case.deadlines_missed} == {
            (run.clock, run.number): run.missed_at for run in missed
        }
    assert Timers(service.engine, service.cases, time).fire_due() == 0
