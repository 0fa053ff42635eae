"""Two whole lives, and the lessons-learned report about them."""

from __future__ import annotations

from typing import Any

import pytest

from api import examples
from projections.engine import ProjectionEngine
from tests.api.conftest import Callers, Json, shown

PATH = "/v1/reports/lessons-learned"
LIVED = f"{PATH}?from=2026-03-01&to=2026-03-31"
"""Of when the examples were reported; by default it tells of twelve months that end today."""
ATTACK = '<script>alert("1")</script>'


def live(callers: Callers, language: str, **lesson: Any) -> Json:
    """A whole example life by HTTP, with changed words in its lessons."""
    report, *later = examples.life(language)
    case = callers.of(report.role).report(report.body)
    for each in later:
        changed = lesson if each.step == "record_lessons" else {}
        case = callers.of(each.role).take(case, each.step, each.body | changed)
    return case


@pytest.fixture(scope="module")
def cases(callers: Callers, read_models: ProjectionEngine) -> list[Json]:
    """Two whole lives, read by the read models; the second one's lessons try to break out."""
    lives = [live(callers, "en"), live(callers, "zh", trigger=ATTACK)]
    read_models.catch_up()
    return lives


@pytest.fixture
def report(callers: Callers, cases: list[Json]) -> Json:
    return shown(callers.analyst.get(LIVED))
