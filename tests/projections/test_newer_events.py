"""Events of a newer version: parked under their name, and taken once this version knows them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import Engine

from domain.events import CaseAssigned
from projections import case_list
from projections.engine import ProjectionEngine
from projections.read_models import READ_MODELS, build_engine
from service.assembly import Service, build
from service.settings import Settings
from service.upcasting import UPCASTS
from tests.given import Story
from tests.projections.rows import stored_rows


@pytest.fixture
def service(settings: Settings, engine: Engine) -> Service:
    return build(settings)


@pytest.fixture
def read_models(service: Service) -> ProjectionEngine:
    return build_engine(service)


def record_newer(service: Service, story: Story) -> None:
    """The case's last event, as a version of Amends stores it whose schema has gone on by one."""
    with service.mapper.sealing() as sealing:
        *earlier, last = service.mapper.stored(story.events, sealing)
        state: dict[str, Any] = json.loads(last.state)
        state["person"] = state.pop("handler")
        content = json.dumps(state).encode()
        newer = StoredEvent(last.originator_id, last.originator_version, "case_assigned:2", content)
        service.recorder.append([*earlier, newer], new_keys=sealing.new_keys)


def handler_of(story: Story) -> str:
    """Whom the case's last event names."""
    (assigned,) = (event for event in story.events if isinstance(event, CaseAssigned))
    return assigned.handler


def the_newer_version_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schema 2 calls the handler `person`; here its class still has `handler`, so it is renamed."""
    monkeypatch.setattr(CaseAssigned, "SCHEMA", 3)
    monkeypatch.setitem(UPCASTS, ("case_assigned", 1), lambda state: state)
    monkeypatch.setitem(
        UPCASTS, ("case_assigned", 2), lambda state: {**state, "handler": state.pop("person")}
    )


def test_nothing_is_skipped_until_the_version_that_knows_the_event_comes(
    service: Service,
    read_models: ProjectionEngine,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = Story().after("report", "assign")
    record_newer(service, story)
    other = Story().after("report", "assign")
    service.cases.record(other.events)
    read_models.catch_up()
    parked = {model.name: read_models.parked_cases(model.name) for model in READ_MODELS}

    the_newer_version_runs(monkeypatch)
    still = [read_models.retry_all(model.name) for model in READ_MODELS]

    for cases in parked.values():
        assert [(each.case_id, each.event, each.error, each.version) for each in cases] == [
            (story.case.id, "case_assigned:2", "UnreadableEvent", 2)
        ]
    assert still == [[]] * len(READ_MODELS)
    rows = stored_rows(engine, case_list.READ_MODEL)["cases"]
    assert {row["case_id"]: row["handler"] for row in rows} == {
        story.case.id: handler_of(story),
        other.case.id: handler_of(other),
    }
