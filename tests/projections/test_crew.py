"""Processes that fold cases beside the worker, and what is left when they are killed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pytest

from projections.crew import Crew
from projections.engine import ProjectionEngine, Sizes
from projections.read_models import READ_MODELS, build_engine
from service.assembly import Service, build
from service.settings import Settings
from tests.given import STAGES, Story
from tests.projections.rows import Snapshot, stored_rows

NAMES = [model.name for model in READ_MODELS]
SMALL = Sizes(chunk=20, folded_chunks=2)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    """A service with cases in every stage."""
    service = build(settings)
    stories = [Story().to(stage) for stage in (*STAGES, *STAGES)]
    service.cases.record(list(chain.from_iterable(story.events for story in stories)))
    yield service
    service.engine.dispose()


@pytest.fixture
def feeding(service: Service) -> ProjectionEngine:
    """A worker's engine that leaves folding to others. Every read model has caught up."""
    build_engine(service).catch_up()
    engine = build_engine(service, folds=False)
    engine.sizes = SMALL
    return engine


def rows(service: Service) -> list[Snapshot]:
    """Every row of every read model."""
    return [stored_rows(service.engine, model) for model in READ_MODELS]


def test_a_crew_folds_what_the_worker_puts_in_use(
    service: Service, feeding: ProjectionEngine
) -> None:
    followed = rows(service)
    feeding.begin_rebuilds(NAMES)

    with Crew(service.settings) as crew:
        crew.call_if_needed(feeding)
        feeding.catch_up()

    assert rows(service) == followed
    assert not feeding.has_long_work()
    assert feeding.chunks_left(NAMES) == 0


def test_a_crew_that_is_killed_is_called_again(service: Service, feeding: ProjectionEngine) -> None:
    followed = rows(service)
    feeding.begin_rebuilds(NAMES)
    crew = Crew(service.settings)
    crew.call_if_needed(feeding)
    crew.dismiss()
    was_left = feeding.chunks_left(NAMES)

    with crew:
        crew.call_if_needed(feeding)
        feeding.catch_up()

    assert was_left
    assert rows(service) == followed


def test_no_crew_comes_when_there_is_no_long_work(
    service: Service, feeding: ProjectionEngine
) -> None:
    crew = Crew(service.settings)

    crew.call_if_needed(feeding)

    assert crew.is_away
