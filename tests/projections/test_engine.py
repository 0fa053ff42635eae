"""Pages and positions commit together: whatever happens, the rows equal a fold of the events."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import OperationalError

from projections import builds, row_io
from projections.engine import ProjectionEngine, Sizes, UnknownProjection
from tests.projections.killing import Killed, die_after
from tests.projections.rows import folded_rows, stored_rows
from tests.projections.toy import TOY, Counted, Looked, Opened, Tagged, ToyLog, new_case_id


def fill(log: ToyLog, events: int, cases: int = 12, seed: int = 7) -> None:
    """Record events of several cases in turns."""
    chance = random.Random(seed)
    ids = [new_case_id() for _ in range(cases)]
    for case_id in ids:
        log.record(case_id, Opened(title=f"case {chance.randrange(99)}"))
    for _ in range(events - cases):
        made = (Counted(amount=chance.randrange(50)), Tagged(tag=chance.choice("abc")), Looked())
        log.record(chance.choice(ids), chance.choice(made))


def test_the_rows_equal_a_fold_of_the_events(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 90)
    toy_engine.catch_up()
    fill(toy_log, 45)

    applied = toy_engine.catch_up()

    assert applied == 45
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_a_page_read_twice_is_applied_once(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 20)
    toy_engine.catch_up()

    applied = toy_engine.catch_up()

    assert applied == 0
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


@pytest.mark.parametrize("moment", ["take_turn", "load", "write"])
def test_a_crash_before_the_commit_changes_nothing(
    moment: str,
    toy_engine: ProjectionEngine,
    toy_log: ToyLog,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(toy_log, 30)
    toy_engine.catch_up()
    before = stored_rows(engine, TOY)
    fill(toy_log, 30)
    owner: Any = builds if moment == "take_turn" else row_io
    die_after(monkeypatch, owner, moment)

    with pytest.raises(Killed):
        toy_engine.catch_up()

    assert stored_rows(engine, TOY) == before
    monkeypatch.undo()
    toy_engine.catch_up()
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_several_workers_at_once_apply_every_event_once(toy_log: ToyLog, engine: Engine) -> None:
    fill(toy_log, 600)
    workers = [
        ProjectionEngine(engine, toy_log, toy_log, [TOY], sizes=Sizes(page=9, rebuild_page=9))
        for _ in range(4)
    ]
    workers[0].feed_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ProjectionEngine.catch_up, workers))

    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_a_worker_leaves_a_build_that_another_one_feeds(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    toy_engine.catch_up()
    fill(toy_log, 20)

    with engine.begin() as connection:
        builds.lock(connection, "toy")
        applied = toy_engine.feed_all()

    assert applied == 0
    assert toy_engine.catch_up() == 20


def test_a_lost_connection_is_no_reason_to_park(
    toy_engine: ProjectionEngine,
    toy_log: ToyLog,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    toy_engine.catch_up()
    fill(toy_log, 20)

    def shut_down(connection: Connection, *_: Any) -> None:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    monkeypatch.setattr(row_io, "write", shut_down)

    with pytest.raises(OperationalError):
        toy_engine.feed_all()

    monkeypatch.undo()
    assert toy_engine.parked_cases("toy") == []
    toy_engine.catch_up()
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_a_page_costs_a_fixed_number_of_statements(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 12)
    toy_engine.catch_up()
    case_id = toy_log.stored[0].originator_id
    toy_engine.sizes = Sizes(page=1_000)
    toy_log.record(case_id, *[Counted(amount=1), Tagged(tag="x")] * 250)
    statements: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(*given: Any) -> None:
        statements.append(given[2])

    applied = toy_engine.feed_all()

    assert applied == 500
    # Turn and position, two loads, three writes; builds are asked for beside the pool.
    assert len(statements) == 6


def test_the_position_is_what_nothing_is_left_to_read_below(
    toy_engine: ProjectionEngine, toy_log: ToyLog
) -> None:
    fill(toy_log, 25)
    last = toy_log.stored[-1].id
    toy_engine.catch_up()

    state = toy_engine.wait_until("toy", last, timeout_seconds=0)

    assert state
    assert not toy_engine.wait_until("toy", last + ToyLog.GAP, timeout_seconds=0.01)


def test_waiting_ends_when_the_position_is_read(
    toy_engine: ProjectionEngine, toy_log: ToyLog
) -> None:
    toy_engine.catch_up()
    fill(toy_log, 15)
    last = toy_log.stored[-1].id

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(toy_engine.wait_until, "toy", last, 5)
        toy_engine.catch_up()

    assert waiting.result()


def test_a_name_that_is_no_read_model_is_refused(toy_engine: ProjectionEngine) -> None:
    name = "toys"

    with pytest.raises(UnknownProjection):
        toy_engine.wait_until(name, 1, timeout_seconds=1)
