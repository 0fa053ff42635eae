"""A rebuild goes on beside the build in use and takes its place without a reader noticing."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from projections import builds, rebuild, rebuild_indexes
from projections.engine import ProjectionEngine, Sizes
from projections.read_model import ReadModel
from tests.projections.killing import Killed, die_after
from tests.projections.rows import folded_rows, stored_rows
from tests.projections.test_engine import fill
from tests.projections.toy import CASES, HANDLERS, IGNORED, TOY, Counted, ToyLog


def counted_twice(case: Any, event: Counted) -> None:
    """What the second version of the toy model does."""
    HANDLERS[Counted](case, Counted(amount=2 * event.amount))


SECOND = ReadModel("toy", 2, TOY.tables, {**HANDLERS, Counted: counted_twice}, IGNORED)


def engine_for(model: ReadModel, engine: Engine, log: ToyLog) -> ProjectionEngine:
    """A worker's engine that knows this version of the model."""
    return ProjectionEngine(engine, log, log, [model], sizes=Sizes(page=10, rebuild_page=10))


def schemas(engine: Engine) -> set[str]:
    """The schemas of the toy model that exist."""
    return {name for name in inspect(engine).get_schema_names() if name.startswith("toy")}


def build_named(engine: Engine, name: str) -> builds.Build | None:
    """What is noted about a build."""
    with engine.connect() as connection:
        return builds.find(connection, name)


def test_a_raised_version_rebuilds_by_itself(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 60)
    toy_engine.catch_up()

    engine_for(SECOND, engine, toy_log).catch_up()

    assert stored_rows(engine, TOY) == folded_rows(toy_log, SECOND)
    assert schemas(engine) == {"toy"}
    live = build_named(engine, "toy")
    assert live is not None
    assert live.version == 2


def test_the_build_in_use_is_fed_until_it_is_replaced(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 60)
    toy_engine.catch_up()
    coming = engine_for(SECOND, engine, toy_log)
    coming.feed_all()
    coming.feed_all()
    fill(toy_log, 5, cases=2)

    applied = toy_engine.feed_all()

    assert applied == 5
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)
    assert schemas(engine) == {"toy", "toy_next"}


def test_a_build_takes_over_though_the_end_of_the_log_is_out_of_reach(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 20)
    toy_engine.catch_up()
    fill(toy_log, 200, cases=2)
    coming = ProjectionEngine(
        engine, toy_log, toy_log, [SECOND], sizes=Sizes(page=10, rebuild_page=50)
    )

    begun, applied = coming.feed_all(), coming.feed_all()

    assert (begun, applied) == (0, 50)
    live = build_named(engine, "toy")
    assert live is not None
    assert live.version == 2
    assert live.position < (toy_log.max_notification_id() or 0)
    coming.catch_up()
    assert stored_rows(engine, TOY) == folded_rows(toy_log, SECOND)


def test_a_first_build_is_put_in_use_only_once_it_has_read_the_page_that_ends_the_log(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 60)
    toy_engine.feed_all()
    toy_engine.feed_all()
    read = build_named(engine, "toy_next")
    assert read is not None

    too_early = rebuild.switch(engine, TOY, read.position + 1)
    in_time = rebuild.switch(engine, TOY, read.position)

    assert (too_early, in_time) == (False, True)


def test_old_code_neither_feeds_nor_replaces_a_newer_build(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 30)
    engine_for(SECOND, engine, toy_log).catch_up()
    fill(toy_log, 5, cases=2)

    applied = toy_engine.feed_all()

    assert applied == 0
    assert schemas(engine) == {"toy"}
    assert toy_engine.is_ready()


def test_a_rebuild_equals_what_was_fed_live(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    toy_engine.catch_up()
    for seed in range(4):
        fill(toy_log, 25, seed=seed)
        toy_engine.catch_up()
    live = stored_rows(engine, TOY)

    toy_engine.begin_rebuilds(["toy"])
    toy_engine.catch_up()

    assert stored_rows(engine, TOY) == live
    assert schemas(engine) == {"toy"}


@pytest.mark.parametrize("moment", ["begin", "switch", "drop_old", "_rename_schema"])
def test_a_kill_at_any_point_is_made_good(
    moment: str,
    toy_engine: ProjectionEngine,
    toy_log: ToyLog,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(toy_log, 35)
    toy_engine.catch_up()
    die_after(monkeypatch, rebuild, moment)
    with pytest.raises(Killed):
        engine_for(SECOND, engine, toy_log).catch_up()
    monkeypatch.undo()

    engine_for(SECOND, engine, toy_log).catch_up()

    assert stored_rows(engine, TOY) == folded_rows(toy_log, SECOND)
    assert schemas(engine) == {"toy"}


def test_a_rebuild_goes_on_where_a_killed_one_stopped(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 60)
    toy_engine.catch_up()
    killed = engine_for(SECOND, engine, toy_log)
    for _ in range(3):
        killed.feed_all()
    half_way = build_named(engine, "toy_next")

    applied = engine_for(SECOND, engine, toy_log).catch_up()

    assert half_way is not None
    assert half_way.position > 0
    assert applied == 40
    assert stored_rows(engine, TOY) == folded_rows(toy_log, SECOND)


def test_a_build_of_an_outdated_version_is_begun_anew(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    third = ReadModel("toy", 3, TOY.tables, HANDLERS, IGNORED)
    fill(toy_log, 60)
    toy_engine.catch_up()
    second = engine_for(SECOND, engine, toy_log)
    second.feed_all()
    second.feed_all()

    engine_for(third, engine, toy_log).catch_up()

    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)
    live = build_named(engine, "toy")
    assert live is not None
    assert live.version == 3


@contextmanager
def readers(engine: Engine) -> Iterator[list[int]]:
    """Three readers that count the cases over and over; hands out the counts they saw."""
    seen: list[int] = []
    stop = Event()

    def read() -> None:
        with engine.connect() as connection:
            while not stop.is_set():
                seen.append(
                    connection.execute(select(func.count()).select_from(CASES)).scalar_one()
                )
                connection.rollback()

    with ThreadPoolExecutor(3) as pool:
        reading = [pool.submit(read) for _ in range(3)]
        yield seen
        stop.set()
        for each in reading:
            each.result()


def test_readers_never_see_an_empty_or_missing_table(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 60, cases=20)
    toy_engine.catch_up()

    with readers(engine) as seen:
        for version in range(2, 8):
            newer = ReadModel("toy", version, TOY.tables, HANDLERS, IGNORED)
            engine_for(newer, engine, toy_log).catch_up()

    assert seen
    assert set(seen) == {20}


def test_a_long_reading_delays_only_the_clearing_up(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 30, cases=20)
    toy_engine.catch_up()

    with engine.connect() as reader:
        reader.execute(select(CASES)).all()
        engine_for(SECOND, engine, toy_log).catch_up()
        during = schemas(engine)

    assert during == {"toy", "toy_old"}
    assert stored_rows(engine, TOY) == folded_rows(toy_log, SECOND)
    assert rebuild.drop_old(engine, TOY)
    assert schemas(engine) == {"toy"}


def test_nothing_is_lost_when_events_arrive_during_the_switch(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 200)
    toy_engine.catch_up()
    toy_engine.begin_rebuilds(["toy"])

    while build_named(engine, "toy_next") is not None:
        fill(toy_log, 3, cases=1)
        toy_engine.feed_all()
    toy_engine.catch_up()

    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


INDEXES = {"cases_by_title", "cases_by_number"}


def indexes(engine: Engine, build: str) -> set[str]:
    """The indexes, besides keys, that a build's tables have."""
    found = inspect(engine).get_indexes("cases", schema=build)
    return {str(index["name"]) for index in found}


@pytest.mark.parametrize("folded", [False, True])
def test_the_tables_have_their_keys_and_indexes(
    folded: bool, toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 30)
    rebuild.begin(engine, TOY, toy_log.plan() if folded else None)
    before = indexes(engine, "toy_next")

    toy_engine.catch_up()

    assert before == (set() if folded else INDEXES)
    assert indexes(engine, "toy") == INDEXES
    key = inspect(engine).get_pk_constraint("tags", schema="toy")
    assert key["constrained_columns"] == ["case_id", "tag"]
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_an_index_left_half_made_is_made_anew(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 30)
    rebuild.begin(engine, TOY, toy_log.plan())
    toy_engine.feed_all()
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        breaking = "CREATE UNIQUE INDEX CONCURRENTLY cases_by_title ON toy_next.cases ((1))"
        with pytest.raises(IntegrityError):
            connection.execute(text(breaking))

    toy_engine.catch_up()

    assert indexes(engine, "toy") == INDEXES
    assert all(not index["unique"] for index in inspect(engine).get_indexes("cases", schema="toy"))


def test_what_is_recorded_while_indexes_are_made_is_read_before_the_switch(
    toy_engine: ProjectionEngine,
    toy_log: ToyLog,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(toy_log, 30)
    rebuild.begin(engine, TOY, toy_log.plan())
    made = rebuild_indexes.add_missing

    def make_and_record(*given: Any) -> bool:
        fill(toy_log, 5, cases=1)
        return made(*given)

    monkeypatch.setattr(rebuild_indexes, "add_missing", make_and_record)
    while build_named(engine, "toy") is None:
        toy_engine.feed_all()
        monkeypatch.undo()

    live = build_named(engine, "toy")
    assert live is not None
    assert live.position >= toy_log.stored[-1].id
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)
