"""A watch over the review calendar that fails, or never begins, is told."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from api.cli.review_checks import look_at_the_calendar
from api.review_health import ReviewWatchMetrics, reviews_check
from projections.health import Worker, beat
from projections.review_health import SILENT_SECONDS_MAX, ReviewHealth, review_health
from service.assembly import Service

TOO_LONG = SILENT_SECONDS_MAX + 1


def told(service: Service) -> ReviewHealth:
    with service.engine.connect() as connection:
        return review_health(connection)


def metrics(service: Service) -> dict[str, float]:
    found = ReviewWatchMetrics(service.engine).collect()
    return {family.name: family.samples[0].value for family in found}


def test_without_a_worker_the_watch_is_not_what_fails(service: Service) -> None:
    found = told(service)

    assert found == ReviewHealth(None)
    assert reviews_check(found)["ok"]
    assert metrics(service)["amends_review_watch_silent_seconds"] == float("inf")


@pytest.mark.parametrize(("silent_seconds", "ok"), [(1.0, True), (TOO_LONG, False)])
def test_a_worker_whose_looks_fail_is_told_everywhere(
    service: Service, silent_seconds: float, ok: bool
) -> None:
    beat(service.engine, Worker(), 1.0, silent_seconds)

    found = told(service)

    assert reviews_check(found)["ok"] is ok
    assert metrics(service)["amends_review_watch_failing"] == float(not ok)
    assert (look_at_the_calendar(service.engine).advice == "") is ok


def test_a_worker_that_never_finished_a_look_fails_once_it_had_its_time(service: Service) -> None:
    beat(service.engine, Worker(), 1.0, None)
    begins = told(service)
    with service.engine.begin() as connection:
        earlier = "UPDATE projection_workers SET started_at = started_at - interval '1 hour'"
        connection.execute(text(earlier))

    assert not begins.is_failing
    assert told(service).is_failing


def test_one_worker_that_looks_is_enough(service: Service) -> None:
    for silent_seconds in (TOO_LONG, 1.0):
        beat(service.engine, Worker(), 1.0, silent_seconds)

    assert not told(service).is_failing
