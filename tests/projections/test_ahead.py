"""A log that was put back without its read models: they notice it, and are made anew."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, text

from projections import ahead
from projections.engine import ProjectionEngine
from projections.read_models import READ_MODELS, build_engine
from projections.worker import run_worker
from service.assembly import Service
from tests.given import Story
from tests.projections.rows import stored_rows
from tests.service.event_store.steps import until

NAMES = [model.name for model in READ_MODELS]


@pytest.fixture
def read_models(service: Service) -> ProjectionEngine:
    """Read models that have taken two cases."""
    for _ in range(2):
        service.cases.record(Story().after("report", "acknowledge").events)
    engine = build_engine(service)
    engine.catch_up()
    return engine


@pytest.fixture
def put_back(read_models: ProjectionEngine, engine: Engine) -> Callable[[], None]:
    """Makes the read models remember an event, and a row, that the log does not have."""

    def put() -> None:
        with engine.begin() as connection:
            beyond = "(SELECT max(position) + 40960 FROM events)"
            connection.execute(text(f"UPDATE projection_builds SET position = {beyond}"))
            lost = "UPDATE case_list.cases SET case_id = gen_random_uuid() WHERE case_id = (SELECT"
            connection.execute(text(f"{lost} case_id FROM case_list.cases LIMIT 1)"))

    return put


def cases_in(engine: Engine) -> set[object]:
    return {row["case_id"] for row in stored_rows(engine, READ_MODELS[0])["cases"]}


def test_a_read_model_that_is_level_with_the_log_is_left_alone(
    read_models: ProjectionEngine,
) -> None:
    assert ahead.make_anew(read_models) == []
    assert all(each.rebuilding_version is None for each in read_models.projection_health())


def test_read_models_that_are_ahead_are_made_anew(
    read_models: ProjectionEngine,
    put_back: Callable[[], None],
    service: Service,
    engine: Engine,
) -> None:
    before = cases_in(engine)
    put_back()

    found = ahead.make_anew(read_models)
    (new,) = service.cases.record(Story().after("report").events)
    read_models.catch_up()

    assert found == NAMES
    assert cases_in(engine) == before | {new.originator_id}
    assert {each.position for each in read_models.projection_health()} == {new.id}


def test_an_unfinished_build_that_is_ahead_is_begun_again(
    read_models: ProjectionEngine, put_back: Callable[[], None], engine: Engine
) -> None:
    before = cases_in(engine)
    read_models.begin_rebuilds(NAMES)
    put_back()

    ahead.make_anew(read_models)
    read_models.catch_up()

    assert cases_in(engine) == before
    assert ahead.make_anew(read_models) == []


def test_a_worker_that_starts_looks_for_them(
    read_models: ProjectionEngine, put_back: Callable[[], None], engine: Engine
) -> None:
    before = cases_in(engine)
    put_back()
    stop = Event()
    worker = Thread(target=run_worker, args=(read_models, stop))

    worker.start()
    try:
        until(lambda: cases_in(engine) == before)
    finally:
        stop.set()
        worker.join()
