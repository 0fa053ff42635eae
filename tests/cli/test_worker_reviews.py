"""Workers as processes: three at once, killed and made anew, and every review opened once."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from domain.records import ReviewMissed, ReviewOpened
from domain.reference_books import CURRENT_EDITION
from domain.reviews.rhythm import due_between, kinds_of
from service.assembly import Service
from service.settings import Settings
from tests.cli.conftest import Start
from tests.cli.processes import environment_of, until

STANDSTILL = timedelta(days=700)


def test_three_workers_that_are_killed_open_every_review_of_a_standstill_once(
    service: Service, settings: Settings, start: Start
) -> None:
    now = datetime.now(UTC)
    for kind in kinds_of():
        service.reviews.begin_rhythm(kind, CURRENT_EDITION, 1, now - STANDSTILL)
    due = {
        (kind.code, each.scheduled_on)
        for kind in kinds_of().values()
        for each in due_between(kind, now - STANDSTILL, now)
    }
    env = environment_of(settings)

    workers = [start("worker", env=env) for _ in range(3)]
    for number in range(3):
        until(lambda so_many=30 * number: len(opened(service)) > so_many)
        workers[number].send_signal(signal.SIGKILL)
        workers.append(start("worker", env=env))
    until(lambda: len(opened(service)) >= len(due) and not running(service, now))
    until(lambda: looked_at(service))
    for worker in workers:
        worker.terminate()
        worker.communicate(timeout=60)

    assert Counter(opened(service)) == Counter(due)
    missed = Counter(logged.record.originator_id for logged in of(service, ReviewMissed))
    assert set(missed.values()) == {1}


def of(service: Service, kind: type[ReviewOpened | ReviewMissed]) -> list:  # type: ignore[type-arg]
    return service.records.of_kinds(kind)


def opened(service: Service) -> list[tuple[str, object]]:
    found = (logged.record for logged in of(service, ReviewOpened))
    return [(record.kind, record.scheduled_on) for record in found]


def looked_at(service: Service) -> bool:
    """Whether a worker finished a look without a fault, as its heartbeat tells."""
    told = text("SELECT count(*) FROM projection_workers WHERE silences ->> 'reviews' IS NOT NULL")
    with service.engine.connect() as connection:
        return connection.execute(told).scalar_one() > 0


def running(service: Service, now: datetime) -> int:
    """Reviews whose time is over and that nobody has noted as missed yet."""
    with service.engine.connect() as connection:
        found = service.reviews.running(connection)
        return sum(kept.standing.opened.due_at < now for kept in found)
