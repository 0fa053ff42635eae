"""The watch over the review calendar in /readyz and /metrics: does anybody open what is due?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from projections.review_health import ReviewHealth, review_health


def look_at_reviews(engine: Engine) -> ReviewHealth:
    """The state of the watch of this database."""
    with engine.connect() as connection:
        return review_health(connection)


def reviews_check(found: ReviewHealth) -> dict[str, Any]:
    """The row of /readyz. Without any worker that one's own row says so."""
    silent = found.silent_seconds
    return {
        "name": "reviews",
        "ok": not found.is_failing,
        "needed": False,
        "silent_seconds": None if silent is None else round(silent, 3),
    }


class ReviewWatchMetrics(Collector):
    """When a look at the calendar last went well, at each scrape."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        found = look_at_reviews(self._engine)
        silent = float("inf") if found.silent_seconds is None else found.silent_seconds
        for name, says, value in (
            ("silent_seconds", "Since a look at the calendar went well; +Inf: no worker", silent),
            ("failing", "1: workers are there, but no look goes well", float(found.is_failing)),
        ):
            yield GaugeMetricFamily(f"amends_review_watch_{name}", says, value=value)
