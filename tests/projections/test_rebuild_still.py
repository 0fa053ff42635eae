"""A rebuild tells that it moves on also where its position does not yet."""

from __future__ import annotations

from sqlalchemy import Engine, text

from projections import builds, rebuild_indexes
from projections.engine import ProjectionEngine
from projections.health import REBUILD_STILL_SECONDS_MAX
from tests.projections.test_engine import fill
from tests.projections.test_folding import coming, folding_engine, left
from tests.projections.toy import TOY, ToyLog


def stands_still(engine: Engine) -> None:
    """As if nobody had got on with the build for long."""
    with engine.begin() as connection:
        words = "UPDATE projection_builds SET fed_at = fed_at - make_interval(secs => :seconds)"
        connection.execute(text(words), {"seconds": 2 * REBUILD_STILL_SECONDS_MAX})


def is_still(made: ProjectionEngine) -> bool:
    (found,) = made.projection_health()
    return found.is_rebuild_still


def test_a_chunk_that_was_folded_and_the_end_of_folding_are_steps_on(
    toy_log: ToyLog, engine: Engine
) -> None:
    fill(toy_log, 60, cases=30)
    made = folding_engine(engine, toy_log)
    made.begin_rebuilds(["toy"])
    seen = []

    while left(engine):
        stands_still(engine)
        before = is_still(made)
        made.work_on_rebuilds()
        seen.append((before, is_still(made)))
    stands_still(engine)
    made.work_on_rebuilds()

    assert set(seen) == {(True, False)}
    assert not is_still(made)


def test_an_index_that_was_made_is_a_step_on(toy_log: ToyLog, engine: Engine) -> None:
    fill(toy_log, 60, cases=30)
    made = folding_engine(engine, toy_log)
    made.begin_rebuilds(["toy"])
    while (build := coming(engine)) and build.folds_to is not None:
        made.work_on_rebuilds()
    stands_still(engine)
    before = is_still(made)

    added = rebuild_indexes.add_missing(engine, TOY)

    assert (before, added, is_still(made)) == (True, True, False)


def test_who_gets_on_with_it_waits_for_nobody(toy_log: ToyLog, engine: Engine) -> None:
    fill(toy_log, 60, cases=30)
    folding_engine(engine, toy_log).begin_rebuilds(["toy"])
    found = coming(engine)

    with engine.begin() as holding, engine.begin() as connection:
        builds.lock(holding, "toy_next")
        connection.execute(text("SET LOCAL lock_timeout = '100ms'"))
        builds.move_on(connection, "toy_next")

    assert coming(engine) == found
