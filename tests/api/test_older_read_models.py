"""A web server whose read models were built by an older version: to be had later, not broken."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import column, select, text

from api.route_table import ROUTES
from api.routes import Route
from domain.reviews.rhythm import kinds_of
from projections.engine import ProjectionEngine
from projections.read_models import READ_MODELS
from tests.api.conftest import Callers, shown
from tests.api.test_errors import assert_problem

COMES_LATER = {(503, "read_model_not_ready"), (503, "not_signed_yet")}
ASKED: Any = [route for route in ROUTES if route.method == "GET" and not route.quiet]


@pytest.fixture(scope="module")
def case_id(callers: Callers, read_models: ProjectionEngine) -> str:
    """A case, in read models that lack every column but their keys."""
    case: str = callers.reporter.report()["id"]
    read_models.catch_up()
    with read_models.database.begin() as connection:
        connection.execute(text("UPDATE projection_builds SET version = version - 1"))
        for table in (table for model in READ_MODELS for table in model.tables):
            for column in table.columns:
                if not column.primary_key:
                    rename = f"ALTER TABLE {table.fullname} RENAME {column.name} TO {column.name}_"
                    connection.execute(text(rename))
    return case


@pytest.mark.parametrize("route", ASKED, ids=lambda route: route.name)
def test_what_asks_a_read_model_of_another_version_is_asked_to_come_again(
    case_id: str, callers: Callers, route: Route
) -> None:
    caller = callers.of("handler" if route.roles is None else max(route.roles))
    path = route.path.replace("<case:case_id>", case_id).replace("<path:ref>", "CUST-1")
    path = re.sub("<uuid:[a-z_]+>", str(uuid4()), path)
    path = re.sub("<name>", "channels", re.sub("<int.*>", "1", path))

    answer = caller.get(path)

    if answer.status_code >= 500:
        assert (answer.status_code, shown(answer)["code"]) in COMES_LATER
        assert answer.headers["Retry-After"]


@pytest.mark.usefixtures("case_id")
def test_operators_are_told_meanwhile(callers: Callers) -> None:
    ready = callers.admin.get("/readyz")
    metrics = callers.admin.get("/metrics")

    assert (ready.status_code, metrics.status_code) == (200, 200)
    ill = {check["name"] for check in shown(ready)["checks"] if not check["ok"]}
    assert ill >= {f"projection {model.name}" for model in READ_MODELS}


@pytest.mark.usefixtures("case_id")
def test_a_preview_of_reviews_shows_their_days_meanwhile_without_those_figures(
    callers: Callers,
) -> None:
    answer = callers.auditor.get("/v1/reviews/preview")

    assert answer.status_code == 200
    items = shown(answer)["items"]
    told = {item["source"]: item["figures"] for each in items for item in each["agenda"]}
    assert {each["kind"] for each in items} == set(kinds_of())
    of_read_models = {"lessons_learned", "satisfaction", "promises"}
    assert {source for source, figures in told.items() if figures is None} == of_read_models


def test_a_list_of_cases_comes_again_once_it_is_rebuilt(
    case_id: str, callers: Callers, read_models: ProjectionEngine
) -> None:
    before = callers.handler.get("/v1/cases")

    read_models.catch_up()

    assert_problem(before, 503, "read_model_not_ready")
    after = callers.handler.get("/v1/cases")
    assert case_id in {item["id"] for item in shown(after)["items"]}


def test_a_fault_of_our_own_is_no_matter_of_versions(
    app: Flask, callers: Callers, read_models: ProjectionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_models.catch_up()
    monkeypatch.setattr("projections.case_questions.select", lambda *_: select(column("nothing")))

    answer = callers.handler.get("/v1/cases")

    assert_problem(answer, 500, "internal_error")
