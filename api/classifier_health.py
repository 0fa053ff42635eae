"""The classifier in /readyz and /metrics: does it answer, and how long do reports wait for it?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from service.hearing import Hearing
from service.hearing_tally import LIMITS_SECONDS

CHECK: Final = "classifier"


def classifier_checks(hearing: Hearing) -> list[dict[str, Any]]:
    """The row of /readyz; none where nobody listens. Reports are taken whatever it does."""
    if hearing.classifier is None:
        return []
    found, now = hearing.tally.figures(), time.time()
    ago = found.failed_seconds_ago(now)
    return [
        {
            "name": CHECK,
            "ok": not found.is_failing(now),
            "needed": False,
            "failed_seconds_ago": None if ago is None else round(ago, 3),
        }
    ]


class ClassifierMetrics(Collector):
    """Questions to the classifier by outcome, and how long reports waited for it."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing

    def collect(self) -> Iterator[Metric]:
        found = self._hearing.tally.figures()
        questions = CounterMetricFamily(
            "amends_classifier_questions", "Words it was asked about", labels=["outcome"]
        )
        for outcome, number in found.outcomes.items():
            questions.add_metric([outcome], number)
        times = HistogramMetricFamily(
            "amends_classifier_seconds", "Time that reports waited for the classifier"
        )
        names = [*(str(limit) for limit in LIMITS_SECONDS), "+Inf"]
        buckets = list(zip(names, accumulate(found.times), strict=True))
        times.add_metric([], buckets, found.total_seconds)
        yield questions
        yield times
