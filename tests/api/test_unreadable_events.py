"""An event of a newer version of the service: named to whoever needs its case, to nobody else."""

from __future__ import annotations

from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent
from flask import Flask

from projections.engine import ProjectionEngine
from tests.api.conftest import Callers, Json, shown
from tests.api.test_errors import assert_problem

ACKNOWLEDGEMENT = {"channel": "phone", "text": "We know."}


@pytest.fixture(params=["case_sold:1", "conflict_acknowledged:2"])
def topic(request: pytest.FixtureRequest) -> str:
    """An event, and a schema of one, that this version does not know."""
    name: str = request.param
    return name


@pytest.fixture
def case(app: Flask, callers: Callers, topic: str) -> Json:
    """A case whose second event nobody here can read."""
    case = callers.reporter.report()
    event = StoredEvent(UUID(case["id"]), 2, topic, b'{"secret": 1}')
    app.extensions["amends"].service.recorder.append([event])
    return case


def test_a_case_with_an_event_of_the_future_is_not_shown_in_part(
    callers: Callers, case: Json, topic: str
) -> None:
    path = f"/v1/cases/{case['id']}"

    answers = [callers.handler.get(f"{path}{rest}") for rest in ("", "/events")]
    step = callers.handler.post(f"{path}/acknowledge", ACKNOWLEDGEMENT, If_Match='"2"')

    for answer in (*answers, step):
        assert_problem(answer, 503, "event_not_readable")
        assert shown(answer)["event"] == topic
        assert shown(answer)["version"] == 2
        assert "secret" not in answer.get_data(as_text=True)


def test_what_came_before_it_and_every_other_case_is_shown(
    callers: Callers, case: Json, read_models: ProjectionEngine
) -> None:
    other = callers.reporter.report()
    read_models.catch_up()

    earlier = callers.handler.get(f"/v1/cases/{case['id']}?version=1")
    listed = callers.handler.get("/v1/cases?limit=200")

    assert earlier.status_code == 200
    assert {each["id"] for each in shown(listed)["items"]} >= {case["id"], other["id"]}
