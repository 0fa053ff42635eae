"""A single read model that another worker hangs in is told by its own row, wherever one asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import text

from api import health
from api.app import create_app
from api.cli import database_checks
from api.cli.database_checks import look_at_database
from api.cli.findings import Level
from projections import case_list, rebuild
from projections.engine import ProjectionEngine
from projections.health import REBUILD_STILL_SECONDS_MAX
from projections.resting import Stillness
from projections.worker import Feeding
from service.assembly import Service
from service.settings import Settings
from tests.api.conftest import Callers, shown
from tests.given import a_whole_story

STILL = "amends_projection_rebuild_still_seconds"
LAG = "amends_projection_lag_seconds"


@contextmanager
def hanging_in(service: Service, build: str) -> Iterator[None]:
    """While another worker holds a build and gets no further."""
    with service.engine.begin() as connection:
        held = text("SELECT FROM projection_builds WHERE build = :build FOR UPDATE")
        assert connection.execute(held, {"build": build}).all()
        yield


def ready_tells(settings: Settings) -> set[str]:
    """The read models that are not well, as /readyz says."""
    app = create_app(settings)
    answer = shown(app.test_client().get("/readyz"))
    app.extensions["amends"].engine.dispose()
    return {
        each["name"].removeprefix("projection ")
        for each in answer["checks"]
        if each["name"].startswith("projection ") and not each["ok"]
    }


def doctor_tells(service: Service, engine: ProjectionEngine) -> set[str]:
    """The read models that are not well, as `amends doctor` says, with what to do."""
    return {
        each.check.removeprefix("projection ")
        for each in look_at_database(service, engine)
        if each.check.startswith("projection ") and each.level is Level.FAULT and each.advice
    }


def metrics_tell(callers: Callers, metric: str, most: float) -> set[str]:
    """The read models for which a metric is above a limit."""
    lines = callers.admin.get("/metrics").get_data(as_text=True).splitlines()
    told = (line.removeprefix(f'{metric}{{projection="').split('"} ') for line in lines
            if line.startswith(f"{metric}{{"))  # fmt: skip
    return {name for name, value in told if float(value) > most}


def test_one_in_use_is_told_by_its_lag_though_the_others_are_fed(
    app: Flask,
    shared_settings: Settings,
    callers: Callers,
    read_models: ProjectionEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service: Service = app.extensions["amends"].service
    for asked in (health, database_checks):
        monkeypatch.setattr(asked, "LAG_SECONDS_MAX", 0.0)
    read_models.catch_up()
    service.cases.record(a_whole_story().events)
    feeding = Feeding(read_models, object, Stillness())

    with hanging_in(service, "case_list"):
        applied = feeding.feed()
        silent = feeding.pulse.silent_seconds()
        while feeding.feed():
            pass
        held = (
            ready_tells(shared_settings),
            metrics_tell(callers, LAG, 0.0),
            doctor_tells(service, read_models),
        )
    read_models.catch_up()

    assert applied > 0
    assert silent is not None, "the others are fed here, so the pulse says nothing of this one"
    assert held == ({"case_list"}, {"case_list"}, {"case_list"})
    assert ready_tells(shared_settings) == doctor_tells(service, read_models) == set()


def test_one_that_is_rebuilt_is_told_once_it_has_stood_still_for_long(
    app: Flask, shared_settings: Settings, callers: Callers, read_models: ProjectionEngine
) -> None:
    service: Service = app.extensions["amends"].service
    read_models.catch_up()
    read_models.begin_rebuilds(["case_list"])
    begun = ready_tells(shared_settings), doctor_tells(service, read_models)
    long_ago = "UPDATE projection_builds SET fed_at = fed_at - interval '1 hour'"
    with service.engine.begin() as connection:
        connection.execute(text(f"{long_ago} WHERE build = 'case_list_next'"))

    with hanging_in(service, "case_list_next"):
        read_models.feed_all()
        held = (
            ready_tells(shared_settings),
            metrics_tell(callers, STILL, REBUILD_STILL_SECONDS_MAX),
            doctor_tells(service, read_models),
        )
    read_models.catch_up()

    assert begun == (set(), set())
    assert held == ({"case_list"}, {"case_list"}, {"case_list"})
    assert ready_tells(shared_settings) == doctor_tells(service, read_models) == set()
    assert metrics_tell(callers, STILL, 0.0) == set()


def test_one_that_a_newer_version_began_is_nobodys_fault_after_a_return_to_this_one(
    app: Flask, shared_settings: Settings, callers: Callers, read_models: ProjectionEngine
) -> None:
    service: Service = app.extensions["amends"].service
    read_models.catch_up()
    read_models.begin_rebuilds(["case_list"])
    newer = "version = version + 1, fed_at = fed_at - interval '1 hour'"
    with service.engine.begin() as connection:
        connection.execute(
            text(f"UPDATE projection_builds SET {newer} WHERE build = 'case_list_next'")
        )

    read_models.feed_all()
    told = (
        ready_tells(shared_settings),
        metrics_tell(callers, STILL, 0.0),
        doctor_tells(service, read_models),
    )
    (waiting,) = (each for each in read_models.projection_health() if each.rebuilding_version)
    rebuild.give_up(service.engine, case_list.READ_MODEL)

    assert told == (set(), set(), set())
    assert waiting.rebuilding_version == case_list.READ_MODEL.version + 1
