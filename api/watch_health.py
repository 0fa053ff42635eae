"""The watches of the workers in /readyz and /metrics: does every round of theirs go well?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from projections.watch_health import WatchHealth, watch_health


def look_at_watches(engine: Engine) -> list[WatchHealth]:
    """The state of every watch of this database."""
    with engine.connect() as connection:
        return watch_health(connection)


def watch_checks(found: list[WatchHealth]) -> list[dict[str, Any]]:
    """The rows of /readyz. Without any worker that one's own row says so."""
    return [
        {
            "name": f"watch {each.watch.name}",
            "ok": not each.is_failing,
            "needed": False,
            "silent_seconds": None
            if each.silent_seconds is None
            else round(each.silent_seconds, 3),
        }
        for each in found
    ]


class WatchMetrics(Collector):
    """When a round of each watch last went well, at each scrape."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        silent = GaugeMetricFamily(
            "amends_watch_silent_seconds",
            "Since a worker's round went well; +Inf: no worker tells of it",
            labels=["watch"],
        )
        failing = GaugeMetricFamily(
            "amends_watch_failing", "1: workers are there, but no round goes well", labels=["watch"]
        )
        for found in look_at_watches(self._engine):
            name, seconds = found.watch.name, found.silent_seconds
            silent.add_metric([name], float("inf") if seconds is None else seconds)
            failing.add_metric([name], float(found.is_failing))
        yield silent
        yield failing
