"""Request counts and times, kept in memory that all web processes share: no files, no growth."""

from __future__ import annotations

import mmap
import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

BUCKETS_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STATUS_CLASSES: Final = ("2xx", "3xx", "4xx", "5xx")
MAX_PROCESSES: Final = 128
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
        self._slots = min(processes, MAX_PROCESSES)
        self._slot_cells = len(self._places) * _CELLS
        size = max(1, self._slots * self._slot_cells) * 8
        self._cells_of_all = memoryview(mmap.mmap(-1, size)).cast("d")
        self._slot = 0
        self._lock = threading.Lock()

    def use_slot(self, number: int) -> None:
        """Write to this slot from now on; called once in each process after it forked."""
        self._slot = number % self._slots

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer: HEAD as GET, a request that no route takes as UNKNOWN."""
        counted = "GET" if method == "HEAD" else method
        place = self._places.get((counted, route), self._places.get(UNKNOWN, 0))
        first = self._slot * self._slot_cells + place * _CELLS
        status_cell = min(max(status // 100, 2), 5) - 2
        bucket = bisect_left(BUCKETS_SECONDS, seconds)
        cells = self._cells_of_all
        with self._lock:
            cells[first + status_cell] += 1
            cells[first + len(STATUS_CLASSES) + bucket] += 1
            cells[first + _CELLS - 1] += seconds

    def _cells(self, place: int) -> list[float]:
        """The cells of one route, added up over the slots."""
        starts = (slot * self._slot_cells + place * _CELLS for slot in range(self._slots))
        rows = [self._cells_of_all[start : start + _CELLS] for start in starts]
        return [sum(cells) for cells in zip(*rows, strict=True)]

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
