"""A return to an older release: what a newer one has begun, or left in use."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from projections import builds
from projections.engine import ProjectionEngine
from tests.projections.rows import folded_rows, stored_rows
from tests.projections.test_engine import fill
from tests.projections.test_rebuild import SECOND, build_named, engine_for, schemas
from tests.projections.toy import TOY, ToyLog


@pytest.fixture
def newer(
    toy_engine: ProjectionEngine, toy_log: ToyLog, engine: Engine
) -> Callable[[], ProjectionEngine]:
    """A newer release, which begins its build beside what is in use."""
    fill(toy_log, 60)
    toy_engine.catch_up()

    def begin() -> ProjectionEngine:
        coming = engine_for(SECOND, engine, toy_log)
        coming.feed_all()
        coming.feed_all()
        return coming

    return begin


def test_the_older_one_goes_on_and_waits_for_nobody(
    newer: Callable[[], ProjectionEngine],
    toy_engine: ProjectionEngine,
    toy_log: ToyLog,
    engine: Engine,
) -> None:
    newer()
    fill(toy_log, 5, cases=2)

    applied = toy_engine.catch_up()

    assert applied == 5
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)
    assert not toy_engine.is_rebuilding(["toy"])
    assert schemas(engine) == {"toy", "toy_next"}


def test_it_leaves_the_newer_build_alone(
    newer: Callable[[], ProjectionEngine], toy_engine: ProjectionEngine, engine: Engine
) -> None:
    newer()

    begun = toy_engine.begin_rebuilds(["toy"])

    coming = build_named(engine, "toy_next")
    assert begun == []
    assert coming is not None
    assert (coming.version, coming.position > 0) == (2, True)


def test_it_makes_its_own_instead_when_told_to(
    newer: Callable[[], ProjectionEngine],
    toy_engine: ProjectionEngine,
    toy_log: ToyLog,
    engine: Engine,
) -> None:
    newer()

    begun = toy_engine.begin_rebuilds(["toy"], instead_of_newer=True)
    toy_engine.catch_up()

    assert begun == ["toy"]
    assert {name: each.version for name, each in builds.find_all(engine).items()} == {"toy": 1}
    assert schemas(engine) == {"toy"}
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)


def test_a_rebuild_puts_the_older_version_in_the_place_of_a_newer_one_in_use(
    newer: Callable[[], ProjectionEngine],
    toy_engine: ProjectionEngine,
    toy_log: ToyLog,
    engine: Engine,
) -> None:
    newer().catch_up()
    fill(toy_log, 5, cases=2)

    toy_engine.begin_rebuilds(["toy"])
    toy_engine.catch_up()

    live = build_named(engine, "toy")
    assert live is not None
    assert live.version == 1
    assert stored_rows(engine, TOY) == folded_rows(toy_log, TOY)
