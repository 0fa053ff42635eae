"""The ledger in /readyz and /metrics: is it fed, signed and published?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from projections.ledger.health import LedgerHealth, ledger_health

LAG_SECONDS_MAX: Final = 60.0


def look_at_ledger(engine: Engine) -> LedgerHealth:
    """The state of the ledger in this database."""
    with engine.connect() as connection:
        return ledger_health(connection)


def ledger_checks(found: LedgerHealth) -> list[dict[str, Any]]:
    """The rows of /readyz. Where nothing was ever signed, only `doctor` says so."""
    unsigned = 0.0 if found.signed_size is None else found.unsigned_seconds
    return [
        {
            "name": "ledger",
            "ok": found.lag_seconds <= LAG_SECONDS_MAX and unsigned <= LAG_SECONDS_MAX,
            "needed": False,
            "size": found.size,
            "lag_seconds": round(found.lag_seconds, 3),
            "unsigned_seconds": round(unsigned, 3),
        },
        *(
            {
                "name": f"publishing to {place.place}",
                "ok": place.failing_seconds is None and place.behind_seconds <= LAG_SECONDS_MAX,
                "needed": False,
                "behind_seconds": round(place.behind_seconds, 3),
                "failing_seconds": round(place.failing_seconds or 0.0, 3),
            }
            for place in found.places
        ),
    ]


class LedgerMetrics(Collector):
    """The ledger's size, lag and publications, at each scrape."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        found = look_at_ledger(self._engine)
        for name, says, value in (
            ("size", "Events and records in the ledger", found.size),
            ("position", "The last position in it", found.position),
            ("lag_seconds", "Age of the oldest event that is not in it", found.lag_seconds),
            ("signed_size", "Size of the newest checkpoint; 0: none", found.signed_size or 0),
            ("unsigned_seconds", "Age of the oldest unsigned event", found.unsigned_seconds),
        ):
            yield GaugeMetricFamily(f"amends_ledger_{name}", says, value=value)
        yield from _publications(found)


def _publications(found: LedgerHealth) -> Iterator[Metric]:
    never = float("inf")
    for name, says, values in (
        (
            "published_age_seconds",
            "Since the last checkpoint was published; +Inf: never",
            [never if place.age_seconds is None else place.age_seconds for place in found.places],
        ),
        (
            "unpublished_seconds",
            "Age of the oldest event that nothing published covers",
            [place.behind_seconds for place in found.places],
        ),
        (
            "publishing_failing_seconds",
            "Since publishing fails; 0: it works",
            [place.failing_seconds or 0.0 for place in found.places],
        ),
    ):
        family = GaugeMetricFamily(f"amends_ledger_{name}", says, labels=["place"])
        for place, value in zip(found.places, values, strict=True):
            family.add_metric([place.place], value)
        yield family
