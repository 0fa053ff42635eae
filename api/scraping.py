"""What Prometheus is told: of requests, and of what the database and the workers keep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from api.classifier_health import ClassifierMetrics
from api.front import Front
from api.ledger_health import LedgerMetrics
from api.outages import is_outage
from api.routes import Answer, Call
from api.timer_health import TimerMetrics
from api.watch_health import WatchMetrics
from domain.reference_books import CURRENT_EDITION, edition
from domain.reviews.corrective import ActionState
from domain.reviews.decisions import DecisionState, undone
from domain.reviews.review import ReviewState
from domain.values import Role
from projections.alarm_work import overdue_by_level
from projections.health import ProjectionHealth, projection_health
from projections.read_models import VERSIONS
from service.event_store import horizon_health

METRICS_READERS: Final = frozenset({Role.ADMIN, Role.AUDITOR})


def projections_of(front: Front) -> list[ProjectionHealth]:
    """The state of every read model of this database."""
    with front.engine.connect() as connection:
        return projection_health(connection, VERSIONS)


class DatabaseMetrics(Collector):
    """Whether the database answered this scrape."""

    def __init__(self, *, is_up: bool) -> None:
        self._is_up = is_up

    def collect(self) -> Iterator[Metric]:
        says = "1: the database answers; 0: it is away, and nothing is told of what it holds"
        yield GaugeMetricFamily("amends_database_up", says, value=float(self._is_up))


class ProjectionMetrics(Collector):
    """The worker's heartbeat, and lag and parked cases of every read model, at each scrape."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def collect(self) -> Iterator[Metric]:
        lag = GaugeMetricFamily(
            "amends_projection_lag_seconds", "Age of the oldest unread event", labels=["projection"]
        )
        parked = GaugeMetricFamily(
            "amends_projection_parked_cases", "Cases a projection set aside", labels=["projection"]
        )
        still = GaugeMetricFamily(
            "amends_projection_rebuild_still_seconds",
            "Since the rebuild of a projection last moved on; 0: none of this version is under way",
            labels=["projection"],
        )
        silent = GaugeMetricFamily(
            "amends_worker_silent_seconds",
            "Since a worker was last heard of; +Inf: none was, or it ended well",
        )
        models = projections_of(self._front)
        heard = models[0].heartbeat_age_seconds
        silent.add_metric([], float("inf") if heard is None else heard)
        for found in models:
            lag.add_metric([found.projection], found.lag_seconds)
            parked.add_metric([found.projection], found.parked_cases)
            still.add_metric([found.projection], found.rebuild_still_seconds or 0.0)
        yield silent
        yield lag
        yield parked
        yield still


class HorizonMetrics(Collector):
    """How far readers of the log are held back, and by which process, at each scrape."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def collect(self) -> Iterator[Metric]:
        found = horizon_health(self._front.engine)
        blocker = found.blocker
        for name, says, value in (
            ("lag_events", "Committed events that no reader may see yet", found.waiting_events),
            ("lag_seconds", "Age of the oldest of them", found.waiting_seconds),
            ("blocker_seconds", "Since the oldest writer began; 0: none", found.held_seconds),
            (
                "blocker_process_id",
                "Its server process; 0: none, or a prepared transaction",
                blocker.process_id or 0 if blocker else 0,
            ),
        ):
            yield GaugeMetricFamily(f"amends_horizon_{name}", says, value=value)


class AlarmMetrics(Collector):
    """Alarms of early warning that are not closed, and those overdue, by level, at each scrape."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def collect(self) -> Iterator[Metric]:
        with self._front.engine.connect() as connection:
            still_open = self._front.service.alarms.open_by_level(connection)
            overdue = overdue_by_level(connection, datetime.now(UTC))
        for name, says, found in (
            ("open", "Alarms not closed", still_open),
            ("overdue", "Alarms to acknowledge or close whose time has passed", overdue),
        ):
            family = GaugeMetricFamily(f"amends_alarms_{name}", says, labels=["level"])
            for level in edition(CURRENT_EDITION).book("alarm_levels").by_code:
                family.add_metric([level], found.get(level, 0))
            yield family


class ReviewMetrics(Collector):
    """Reviews to be held, what they decided, and corrective actions, by state, at each scrape."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def collect(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily(
            "amends_reviews_waiting",
            "Newest review of its kind, not held yet; missed: its time ran out",
            labels=["state"],
        )
        actions = GaugeMetricFamily(
            "amends_corrective_actions_open", "Corrective actions not verified", labels=["state"]
        )
        decisions = GaugeMetricFamily(
            "amends_review_decisions_open", "Decisions of reviews not done", labels=["state"]
        )
        with self._front.engine.connect() as connection:
            reviews, open_actions = self._front.service.reviews.waiting(connection)
        now, undone_ones = datetime.now(UTC), [d for each in reviews for d in undone(each)]
        for state in (ReviewState.OPEN, ReviewState.MISSED):
            waiting.add_metric([state], sum(each.state is state for each in reviews))
        for stage in (ActionState.OPEN, ActionState.LATE, ActionState.DONE):
            actions.add_metric([stage], sum(each.state is stage for each in open_actions))
        for step in (DecisionState.OPEN, DecisionState.LATE):
            decisions.add_metric([step], sum(each.state(now) is step for each in undone_ones))
        yield waiting
        yield decisions
        yield actions


def metrics(call: Call) -> Answer:
    """Counters of all web processes and the state of what workers keep, for Prometheus."""
    front = call.front
    try:
        return _scraped(
            DatabaseMetrics(is_up=True),
            front.metrics,
            ClassifierMetrics(front.service.hearing),
            ProjectionMetrics(front),
            HorizonMetrics(front),
            LedgerMetrics(front.engine),
            TimerMetrics(front.engine),
            WatchMetrics(front.engine),
            AlarmMetrics(front),
            ReviewMetrics(front),
        )
    except Exception as error:
        if not is_outage(error):
            raise
        return metrics_in_outage(call)


def metrics_in_outage(call: Call) -> Answer:
    """What can be told without the database: that it is away, as /readyz tells everybody.

    The counters of the web processes are told to whom they were told before.
    """
    front = call.front
    asker = call.asker or front.authenticator.proven_before(
        call.request.environ.get("HTTP_AUTHORIZATION")
    )
    away = DatabaseMetrics(is_up=False)
    if asker is None or METRICS_READERS.isdisjoint(asker.roles):
        return _scraped(away)
    return _scraped(away, front.metrics, ClassifierMetrics(front.service.hearing))


def _scraped(*collectors: Collector) -> Answer:
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    return Answer(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
