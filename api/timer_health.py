"""The timers in /readyz and /metrics: does anybody do what is due?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from projections.timer_health import TimerHealth, timer_health


def look_at_timers(engine: Engine) -> TimerHealth:
    """The state of the timers of this database."""
    with engine.connect() as connection:
        return timer_health(connection)


def timers_check(found: TimerHealth) -> dict[str, Any]:
    """The row of /readyz. Silent timers are a fault once something is due."""
    silent = found.silent_seconds
    return {
        "name": "timers",
        "ok": not found.are_overdue,
        "needed": False,
        "due_runs": found.due_runs,
        "due_seconds": round(found.due_seconds, 3),
        "silent_seconds": None if silent is None else round(silent, 3),
    }


class TimerMetrics(Collector):
    """What is due and waits, and when timers were last heard of, at each scrape."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        found = look_at_timers(self._engine)
        silent = float("inf") if found.silent_seconds is None else found.silent_seconds
        for name, says, value in (
            ("due_runs", "Runs of clocks with a warning or breach to record", found.due_runs),
            ("due_seconds", "Since when the oldest of them is due; 0: none", found.due_seconds),
            ("silent_seconds", "Since timers were last heard of; +Inf: never", silent),
            ("overdue", "1: something is due and nobody does it", float(found.are_overdue)),
        ):
            yield GaugeMetricFamily(f"amends_timers_{name}", says, value=value)
