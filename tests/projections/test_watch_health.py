"""A watch of a worker that stands still or fails is told everywhere, until a round goes well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from threading import Event, Thread

import psycopg2
import pytest
from sqlalchemy import text

from api.cli.findings import Level
from api.cli.watch_checks import look_at_the_watches
from api.cli.worker import rounds_beside
from api.watch_health import WatchMetrics, look_at_watches, watch_checks
from projections import order_watch, review_watch, warning_watch, worker
from projections.health import Worker, beat
from projections.ledger.keeping import once
from projections.ledger.rounds import LedgerRound, Publication
from projections.read_models import build_engine
from projections.resting import Stillness
from projections.watches import WATCHES, Kept, Pulse, silences
from projections.worker import run_worker
from service.assembly import Service
from tests.service.event_store.steps import until

WELL = dict.fromkeys(WATCHES, 1.0)
NEEDS = {
    "timers": "deadlines.runs",
    "orders": "satisfaction.cases",
    "warnings": "warning_looks",
    "reviews": "records",
    "ledger": "ledger.leaves",
}
"""What a round reads without which it fails."""


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever failed tries again at once."""
    monkeypatch.setattr(order_watch, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(warning_watch, "FAILED_SECONDS", 0.0)
    monkeypatch.setattr(review_watch, "LOOK_AGAIN", timedelta(0))
    monkeypatch.setattr(worker, "HEARTBEAT_SECONDS", 0.02)


def failing_now(service: Service) -> set[str]:
    """The watches that fail, as /readyz tells."""
    checks = watch_checks(look_at_watches(service.engine))
    return {check["name"].removeprefix("watch ") for check in checks if not check["ok"]}


def told(service: Service) -> set[str]:
    """The watches that fail, as /readyz, /metrics and `amends doctor` tell alike.

    They look one after the other: no worker may be at work.
    """
    looked_at = look_at_watches(service.engine)
    checks = watch_checks(looked_at)
    _, failing = WatchMetrics(service.engine).collect()
    findings = list(look_at_the_watches(service.engine))
    ready = {check["name"] for check in checks if not check["ok"]}
    scraped = {f"watch {each.labels['watch']}" for each in failing.samples if each.value}
    doctor = {each.check for each in findings if each.level is Level.FAULT and each.advice}
    assert ready == scraped == doctor
    assert len(checks) == len(failing.samples) == len(WATCHES)
    # Where nobody keeps them, the doctor has one line for all.
    assert len(findings) == (len(WATCHES) if looked_at[0].has_workers else 1)
    return {name.removeprefix("watch ") for name in ready}


def levels(service: Service) -> set[Level]:
    return {each.level for each in look_at_the_watches(service.engine)}


def change(service: Service, statement: str) -> None:
    with service.engine.begin() as connection:
        connection.execute(text(statement))


def began_long_ago(service: Service) -> None:
    change(service, "UPDATE projection_workers SET started_at = started_at - interval '1 day'")


@contextmanager
def lacking(superuser_url: str, service: Service, table: str) -> Iterator[None]:
    """While a table is not there under its name."""
    schema, _, name = table.rpartition(".")
    away = f"{schema or 'public'}.away"
    database = service.engine.url.database
    with closing(psycopg2.connect(superuser_url, dbname=database)) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"ALTER TABLE {table} RENAME TO away")
        try:
            yield
        finally:
            connection.cursor().execute(f"ALTER TABLE {away} RENAME TO {name}")


def beside(service: Service, watch: str) -> Kept:
    """A watch as a worker composes it."""
    rounds = rounds_beside(service, LedgerRound(service), Stillness())
    (kept,) = (each for each in rounds if each.pulse.watch.name == watch)
    return kept


@contextmanager
def working(service: Service, **options: Callable[[], object]) -> Iterator[None]:
    """A worker in a thread, that was begun a day ago."""
    stop = Event()
    thread = Thread(target=run_worker, args=(build_engine(service), stop), kwargs=options)
    thread.start()
    try:
        until(lambda: any(each.has_workers for each in look_at_watches(service.engine)))
        began_long_ago(service)
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("watch", WATCHES)
def test_a_watch_that_is_silent_for_too_long_is_told_everywhere_until_it_heals(
    service: Service, watch: str
) -> None:
    alone, most = Worker(), WATCHES[watch].silent_seconds_max

    beat(service.engine, alone, WELL | {watch: most + 1})
    silent = told(service)
    beat(service.engine, alone, WELL | {watch: most - 1})
    healed = told(service)

    assert silent == {watch}
    assert healed == set()


@pytest.mark.parametrize("watch", WATCHES)
def test_a_watch_of_which_no_round_ever_went_well_is_told_once_it_had_its_time(
    service: Service, watch: str
) -> None:
    beat(service.engine, Worker(), WELL | {watch: None})
    begins = told(service)
    began_long_ago(service)

    found = told(service)

    assert begins == set()
    assert found == {watch}


@pytest.mark.parametrize("watch", WATCHES)
def test_one_worker_that_keeps_a_watch_is_enough(service: Service, watch: str) -> None:
    for silent_seconds in (10_000.0, 1.0, 10_000.0):
        beat(service.engine, Worker(), WELL | {watch: silent_seconds})

    assert told(service) == set()


@pytest.mark.parametrize(("watch", "table"), NEEDS.items())
@pytest.mark.usefixtures("impatient")
def test_a_watch_that_fails_at_each_look_is_told_everywhere_until_it_heals(
    service: Service, postgres_url: str, watch: str, table: str
) -> None:
    build_engine(service).catch_up()
    kept, this = beside(service, watch), Worker()
    beat(service.engine, this, {})
    began_long_ago(service)

    with lacking(postgres_url, service, table):
        once(kept.do)
    beat(service.engine, this, WELL | silences([kept.pulse]))
    failing = told(service)
    once(kept.do)
    beat(service.engine, this, WELL | silences([kept.pulse]))
    healed = told(service)

    assert failing == {watch}
    assert healed == set()


@pytest.mark.usefixtures("impatient")
def test_feeding_and_rebuilds_that_fail_are_told_until_they_heal(service: Service) -> None:
    mended = Event()

    def fail() -> None:
        if not mended.is_set():
            raise PermissionError

    with working(service, look=fail, call_crew=fail):
        until(lambda: failing_now(service) == {"feeding", "rebuilds"})
        mended.set()
        until(lambda: failing_now(service) == set())


@pytest.mark.usefixtures("impatient")
def test_chores_that_fail_keep_nothing_from_being_fed(service: Service) -> None:
    def fail() -> None:
        raise PermissionError

    with working(service, housekeeping=fail, call_crew=fail):
        until(lambda: build_engine(service).is_ready())
        until(lambda: failing_now(service) == {"housekeeping"})


def test_a_place_that_cannot_be_published_to_is_silent_in_between_too() -> None:
    faults = iter([PermissionError()])

    def publish() -> None:
        for fault in faults:
            raise fault

    place = Publication(publish, 0.0)
    slow = Publication(publish, 600.0)

    once(slow)
    once(slow)
    once(place)

    assert slow.pulse.silent_seconds() is None
    assert place.pulse.silent_seconds() is not None


def test_of_several_places_the_most_silent_one_counts() -> None:
    there, away = Pulse("publishing"), Pulse("publishing")
    there.beats()

    assert silences([there, away]) == {"publishing": None}
    assert silences([there, there])["publishing"] is not None
    assert silences([]) == {}


def test_without_a_worker_that_is_heard_of_no_watch_is_what_fails(service: Service) -> None:
    never = told(service), levels(service)
    beat(service.engine, Worker(), dict.fromkeys(WATCHES, 10_000.0))
    change(service, "UPDATE projection_workers SET beat_at = beat_at - interval '1 minute'")

    gone = told(service), levels(service)

    assert never == gone == (set(), {Level.WARNING})


def test_a_worker_of_an_older_version_keeps_its_watches_without_telling(service: Service) -> None:
    older = """
        INSERT INTO projection_workers
            (worker_id, host, process_id, started_at, beat_at, timers_at, reviews_at)
        VALUES (gen_random_uuid(), 'host', 1, now() - interval '1 day', now(), now(), now())
    """
    change(service, older)
    alone = told(service), levels(service)

    beat(service.engine, Worker(), WELL)

    assert alone == (set(), {Level.OK, Level.WARNING})
    assert (told(service), levels(service)) == (set(), {Level.OK})


def test_web_servers_of_an_older_version_hear_of_timers_and_reviews(service: Service) -> None:
    beat(service.engine, Worker(), WELL | {"timers": 30.0, "reviews": None})

    with service.engine.connect() as connection:
        columns = "extract(epoch FROM beat_at - timers_at)::float8, reviews_at"
        (row,) = connection.execute(text(f"SELECT {columns} FROM projection_workers"))

    assert tuple(row) == (pytest.approx(30.0, abs=1.0), None)
