"""The doctor: each thing that can be wrong is named, with what to do, and nothing else is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from threading import Event, Thread

import psycopg2
import pytest

from projections.read_models import build_engine
from projections.watches import WATCHES, Pulse
from projections.worker import run_worker
from service.assembly import Service
from service.settings import Settings
from tests.cli.conftest import Run, Start
from tests.cli.doctoring import change, faults, found
from tests.cli.processes import environment_of, free_port, until
from tests.given import Story

OTHER_KEY = "A" * 43 + "="
BESIDE = ("timers", "orders", "warnings", "reviews", "ledger")


@pytest.fixture
def worker(service: Service) -> Iterator[Callable[[], None]]:
    """A running worker; calling it stops it without a farewell."""
    stop = Event()
    engine = build_engine(service)
    pulses = [Pulse(name) for name in BESIDE]
    for pulse in pulses:
        pulse.beats()
    options = {"beside": pulses}
    thread = Thread(target=run_worker, args=(engine, stop), kwargs=options)
    thread.start()
    until(lambda: engine.is_ready())
    yield stop.set
    stop.set()
    thread.join()


def get(port: int, path: str, token: str = "") -> str:
    """What the web server answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    with closing(connection):
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        return connection.getresponse().read().decode()


def test_all_is_well(run: Run, worker: object, service: Service) -> None:
    service.cases.record(Story().after("report").events)

    checks = found(run)

    # The test server may lose data in a crash, on purpose; no web server runs, nobody signs.
    wrong = {name for name, each in checks.items() if each["level"] != "ok"}
    assert wrong == {"durability", "port", "checkpoints"}
    assert set(checks) >= {"settings", "master key", "migrations", "store", "worker", "horizon"}


def test_a_server_that_may_lose_commits(run: Run, worker: object) -> None:
    assert faults(run) == {
        "durability": "fsync, full_page_writes off: a crash may lose events that were acknowledged"
    }


def test_no_worker(run: Run) -> None:
    checks = found(run)

    assert checks["worker"]["says"] == "no worker runs, so lists and reports stand still"
    assert checks["projection case_list"]["says"] == "it was never built"
    assert {checks[name]["level"] for name in ("worker", "projection case_list")} == {"fault"}


def test_what_no_worker_keeps_is_not_called_well(run: Run) -> None:
    told = {name: each for name, each in found(run).items() if name.startswith("watch")}

    assert list(told) == ["watches"]
    assert told["watches"]["level"] == "warning"
    assert told["watches"]["says"] == f"{len(WATCHES)} not looked at: nobody keeps them"


def test_a_worker_that_fell_silent(
    run: Run, worker: Callable[[], None], owner_database_url: str
) -> None:
    worker()
    until(lambda: _workers(owner_database_url) == 0)
    beat = "gen_random_uuid(), 'host', 1, now(), now() - interval '5 min'"
    change(owner_database_url, f"INSERT INTO projection_workers VALUES ({beat})")

    says = faults(run)

    assert re.fullmatch(r"no worker was heard of for 3\d\d s", says["worker"])


def test_due_work_that_nobody_does(
    start: Start, run: Run, service: Service, settings: Settings
) -> None:
    story = Story().after("report")
    service.cases.record(story.events)
    build_engine(service).catch_up()
    port = free_port()
    env = {**environment_of(settings), "PORT": str(port), "AMENDS_WEB_PROCESSES": "1"}
    start("web", env=env)
    token = run("token", "create", "--role", "admin", "--name", "prometheus").stdout.strip()
    until(lambda: found(run, PORT=str(port))["port"]["level"] == "ok")

    says = faults(run, PORT=str(port))["timers"]
    ready = json.loads(get(port, "/readyz"))
    metrics = get(port, "/metrics", token)

    assert re.fullmatch(
        r"\d+ warnings or breaches wait, the oldest for \d+ s; timers were heard of never", says
    )
    (timers,) = (check for check in ready["checks"] if check["name"] == "timers")
    assert not timers["ok"]
    assert timers["due_runs"] > 0
    assert "\namends_timers_overdue 1.0\n" in metrics
    assert "\namends_timers_silent_seconds +Inf\n" in metrics


def test_timers_that_stand_still_beside_a_worker_that_feeds(
    run: Run, worker: Callable[[], None], owner_database_url: str
) -> None:
    worker()
    until(lambda: _workers(owner_database_url) == 0)
    silences = "'{\"timers\": 300.0}'"
    beat = f"gen_random_uuid(), 'host', 1, now(), now(), NULL, NULL, {silences}"
    change(owner_database_url, f"INSERT INTO projection_workers VALUES ({beat})")

    told = found(run)["watch timers"]

    assert told["level"] == "fault"
    assert re.match(r"no round has gone well for 3\d\d s; meanwhile warnings, br", told["says"])


def _workers(url: str) -> int:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM projection_workers")
        (number,) = cursor.fetchone() or (0,)
        return int(number)


def test_a_parked_case(run: Run, worker: object, owner_database_url: str) -> None:
    parked = "'case_list', gen_random_uuid(), 1, 1, 'x:1', 'E', 1, now()"
    change(owner_database_url, f"INSERT INTO parked_cases VALUES ({parked})")

    assert faults(run)["projection case_list"] == "1 cases are parked"


def test_a_read_model_of_another_version(
    run: Run, worker: Callable[[], None], owner_database_url: str
) -> None:
    worker()
    change(owner_database_url, "UPDATE projection_builds SET version = 0 WHERE build = 'case_list'")

    says = faults(run)["projection case_list"]

    assert says.startswith("version 0 is in use, this program asks for version ")


def test_a_database_that_is_not_migrated(run: Run, empty_database: Settings) -> None:
    checks = found(run, **environment_of(empty_database))

    assert checks["migrations"]["level"] == "fault"
    assert checks["migrations"]["says"].startswith("not applied: 0001, ")
    assert checks["migrations"]["advice"] == "Run `amends migrate`."
    assert "store" not in checks


def test_a_database_that_is_away(run: Run) -> None:
    nowhere = "postgresql://amends:secret@127.0.0.1:1/amends"

    checks = found(run, AMENDS_DATABASE_URL=nowhere, AMENDS_OWNER_DATABASE_URL=None)

    assert checks["database"]["level"] == "fault"
    assert "cannot be reached" in checks["database"]["says"]
    assert "secret" not in json.dumps(checks)
    assert "doctor" not in checks["database"]["advice"]


def test_another_master_key(run: Run, worker: object, service: Service) -> None:
    service.cases.record(Story().after("report").events)

    says = faults(run, AMENDS_MASTER_KEY=OTHER_KEY)

    assert says["personal texts"].startswith("the master key does not open them")


def test_people_read_one_line_per_check_and_the_advice(run: Run) -> None:
    result = run("doctor")

    assert result.exit_code == 1
    assert "\nFAULT   worker " in result.stdout
    assert "→ Start `amends worker`" in result.stdout
    assert result.stdout.splitlines()[-1].endswith(" faults")


def test_a_stopped_worker_is_reported_while_the_web_server_runs(
    start: Start, run: Run, settings: Settings
) -> None:
    """A web server alone: readers must learn that nobody feeds the lists."""
    port = free_port()
    env = {**environment_of(settings), "PORT": str(port), "AMENDS_WEB_PROCESSES": "1"}
    start("web", env=env)
    token = run("token", "create", "--role", "admin", "--name", "prometheus").stdout.strip()
    until(lambda: found(run, PORT=str(port))["port"]["level"] == "ok")

    says = faults(run, PORT=str(port))
    ready = json.loads(get(port, "/readyz"))
    metrics = get(port, "/metrics", token)

    assert "worker" in says
    assert ready["status"] == "degraded"
    assert {"name": "worker", "ok": False, "needed": False, "silent_seconds": None} in ready[
        "checks"
    ]
    assert "\namends_worker_silent_seconds +Inf\n" in metrics
