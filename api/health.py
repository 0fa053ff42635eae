"""Alive, ready, and counted: what operators and their tools ask."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import text

from api.classifier_health import classifier_checks
from api.errors import RETRY_AFTER_SECONDS, Problem
from api.front import Front
from api.ledger_health import LAG_SECONDS_MAX, ledger_checks, look_at_ledger
from api.outages import is_outage
from api.routes import Answer, Call, Route
from api.scraping import METRICS_READERS, metrics, metrics_in_outage, projections_of
from api.timer_health import look_at_timers, timers_check
from api.watch_health import look_at_watches, watch_checks
from projections.health import WORKER_HEARD_SECONDS, ProjectionHealth
from projections.read_models import VERSIONS
from service.event_store import HorizonHealth, horizon_health
from service.migrating import MIGRATED_BY_NEWER, pending_migrations

FAILED_APPEND_COUNTS_SECONDS: Final = 60.0


def alive(call: Call) -> Answer:
    """The process answers; nothing else is looked at."""
    return Answer({"status": "alive"})


def ready(call: Call) -> Answer:
    """Able to serve: the database answers and has every migration.

    A late or parked read model, a held horizon, a silent watch or a failing classifier makes it
    `degraded`, not unready: cases can still be changed and read, and the lists say how far they
    are.
    """
    # Anybody may ask, so it is looked at once a second at most.
    checks = call.front.readiness.get(lambda: _look(call.front))
    if not all(check["ok"] for check in checks if check["needed"]):
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        raise Problem("not_ready", checks=checks, headers=headers)
    status = "ready" if all(check["ok"] for check in checks) else "degraded"
    return Answer({"status": status, "checks": checks})


def _look(front: Front) -> list[dict[str, Any]]:
    try:
        with front.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        migrations = _migrations_check(front)
    except Exception as error:
        if not is_outage(error):
            raise
        return [{"name": "database", "ok": False, "needed": True}]
    checks: list[dict[str, Any]] = [
        {"name": "database", "ok": True, "needed": True},
        migrations,
    ]
    if migrations["waiting"]:
        return checks
    found = projections_of(front)
    horizon = _horizon_check(horizon_health(front.engine))
    appends = _appends_check(front.service.recorder.append_failed_seconds_ago())
    ledger = ledger_checks(look_at_ledger(front.engine))
    timers = timers_check(look_at_timers(front.engine))
    watches = watch_checks(look_at_watches(front.engine))
    heard = classifier_checks(front.service.hearing)
    worker, models = _worker_check(found[0]), map(_projection_check, found)
    return [*checks, appends, horizon, worker, timers, *watches, *heard, *models, *ledger]


def _migrations_check(front: Front) -> dict[str, Any]:
    """Whether the database is as far as this process.

    One that is further is a fault of this process, which goes on until it is replaced: during an
    upgrade a balancer must not find every server unready.
    """
    try:
        waiting = pending_migrations(front.engine)
    except MIGRATED_BY_NEWER:
        return {"name": "migrations", "ok": False, "needed": False, "waiting": 0}
    return {"name": "migrations", "ok": not waiting, "needed": True, "waiting": len(waiting)}


def _appends_check(failed_seconds_ago: float | None) -> dict[str, Any]:
    """Whether cases can be changed: a full disk may still be read from.

    Told by the last append of this process. One that is long past tells nothing any more.
    """
    return {
        "name": "appends",
        "ok": failed_seconds_ago is None or failed_seconds_ago > FAILED_APPEND_COUNTS_SECONDS,
        "needed": False,
        "failed_seconds_ago": None if failed_seconds_ago is None else round(failed_seconds_ago, 3),
    }


def _horizon_check(found: HorizonHealth) -> dict[str, Any]:
    """Whether readers see new events. Who holds them back is named to operators only."""
    return {
        "name": "horizon",
        "ok": not found.is_held,
        "needed": False,
        "lag_events": found.waiting_events,
        "lag_seconds": round(found.waiting_seconds, 3),
        "held_seconds": round(found.held_seconds, 3),
    }


def _worker_check(found: ProjectionHealth) -> dict[str, Any]:
    """Whether any worker was heard of lately: without events a dead one shows no lag."""
    silent = found.heartbeat_age_seconds
    return {
        "name": "worker",
        "ok": silent is not None and silent <= WORKER_HEARD_SECONDS,
        "needed": False,
        "silent_seconds": None if silent is None else round(silent, 3),
    }


def _projection_check(found: ProjectionHealth) -> dict[str, Any]:
    """Not ok also in another version: nobody of this one feeds it, or does what it shows as due."""
    is_ours = found.version == VERSIONS[found.projection]
    is_late = found.lag_seconds > LAG_SECONDS_MAX
    still = found.rebuild_still_seconds
    return {
        "name": f"projection {found.projection}",
        "ok": is_ours and not is_late and not found.is_rebuild_still and not found.parked_cases,
        "needed": False,
        "lag_seconds": round(found.lag_seconds, 3),
        "rebuild_still_seconds": None if still is None else round(still, 3),
        "parked_cases": found.parked_cases,
    }


HEALTH_ROUTES: Final = (
    Route(
        method="GET",
        path="/healthz",
        name="alive",
        summary="The process is alive.",
        tag="Operation",
        view=alive,
        roles=None,
        quiet=True,
        shows="Alive",
    ),
    Route(
        method="GET",
        path="/readyz",
        name="ready",
        summary="The service is able to serve.",
        tag="Operation",
        view=ready,
        roles=None,
        quiet=True,
        shows="Ready",
    ),
    Route(
        method="GET",
        path="/metrics",
        name="metrics",
        summary="Counters and gauges for Prometheus.",
        tag="Operation",
        view=metrics,
        roles=METRICS_READERS,
        in_outage=metrics_in_outage,
        shows="Metrics",
        media_types=("text/plain",),
    ),
)
