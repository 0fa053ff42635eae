"""Request counts and times, kept in memory that all web processes share: no files, no growth."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from service.shared_cells import SharedCells

BUCKETS_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STATUS_CLASSES: Final = ("2xx", "3xx", "4xx", "5xx")
UNKNOWN: Final = ("", "(none)")
"""Method and route of requests that no route takes (404, 405)."""
# Per route: one count for each class of status, one for each bucket and "longer", and the sum.
_CELLS: Final = len(STATUS_CLASSES) + len(BUCKETS_SECONDS) + 2


class RequestMetrics(Collector):
    """Counters of every route in one anonymous shared mapping, made before the processes fork.

    Each process writes its own slot, so no lock spans processes; a reader adds the slots up. A
    process that takes over the slot of one that ended goes on counting there, so that counters
    never fall and the mapping never grows.
    """

    def __init__(self, routes: Iterable[tuple[str, str]], processes: int) -> None:
        self._places = {route: number for number, route in enumerate(sorted(set(routes)))}
        self._shared = SharedCells(processes, len(self._places) * _CELLS)
        self._lock = threading.Lock()

    def use_slot(self, number: int) -> None:
        """Write to this slot from now on; called once in each process after it forked."""
        self._shared.use_slot(number)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer: HEAD as GET, a request that no route takes as UNKNOWN."""
        counted = "GET" if method == "HEAD" else method
        place = self._places.get((counted, route), self._places.get(UNKNOWN, 0))
        first = place * _CELLS
        status_cell = min(max(status // 100, 2), 5) - 2
        bucket = bisect_left(BUCKETS_SECONDS, seconds)
        cells = self._shared.own
        with self._lock:
            cells[first + status_cell] += 1
            cells[first + len(STATUS_CLASSES) + bucket] += 1
            cells[first + _CELLS - 1] += seconds

    def _cells(self, place: int) -> list[float]:
        """The cells of one route, added up over the slots."""
        return self._shared.sums(place * _CELLS, _CELLS)

    def collect(self) -> Iterator[Metric]:
        """The metrics in the form that the Prometheus client writes out."""
        requests = CounterMetricFamily(
            "amends_http_requests", "Answers", labels=("method", "route", "status")
        )
        times = HistogramMetricFamily(
            "amends_http_request_seconds", "Time to answer", labels=("method", "route")
        )
        for (method, route), place in self._places.items():
            cells = self._cells(place)
            for number, status in enumerate(STATUS_CLASSES):
                if cells[number]:
                    requests.add_metric((method, route, status), cells[number])
            if any(cells):
                counts = cells[len(STATUS_CLASSES) : -1]
                times.add_metric((method, route), _cumulated(counts), cells[-1])
        yield requests
        yield times


def _cumulated(counts: list[float]) -> list[tuple[str, float]]:
    total, buckets = 0.0, []
    names = [*(str(limit) for limit in BUCKETS_SECONDS), "+Inf"]
    for name, count in zip(names, counts, strict=True):
        total += count
        buckets.append((name, total))
    return buckets
