"""Fixtures of the projection tests: an engine that feeds the toy read model."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from projections.engine import ProjectionEngine, Sizes
from service.assembly import Service
from tests.projections.desk import Desk
from tests.projections.toy import TOY, ToyLog


@pytest.fixture
def toy_log() -> ToyLog:
    """An empty log in memory."""
    return ToyLog()


@pytest.fixture
def toy_engine(engine: Engine, toy_log: ToyLog) -> ProjectionEngine:
    """An engine that feeds the toy read model from that log, in small pages."""
    return ProjectionEngine(engine, toy_log, toy_log, [TOY], sizes=Sizes(page=10, rebuild_page=20))


@pytest.fixture
def desk(service: Service) -> Desk:
    return Desk(service)
