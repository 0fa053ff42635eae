"""The doctor: each thing that can be wrong is named, with what to do, and nothing else is."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread

import psycopg2
import pytest

from api.cli.machine_checks import look_at_machine
from api.cli.processes import LOCK_NAME
from projections.read_models import build_engine
from projections.watches import Pulse
from projections.worker import run_worker
from service.assembly import Service
from service.event_store import Blocker, HorizonHealth
from service.event_store.horizon import HELD_SECONDS_MAX
from service.settings import Settings
from tests.cli.conftest import Run, Start
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


def found(run: Run, **options: object) -> dict[str, dict[str, str]]:
    """What the doctor says, by check."""
    env = {"PORT": str(free_port()), **options}
    result = run("doctor", "--json", env=env)
    answer = json.loads(result.stdout)
    assert result.exit_code == (0 if answer["ok"] else 1), result.stderr
    return {each["check"]: each for each in answer["findings"]}


def get(port: int, path: str, token: str = "") -> str:
    """What the web server answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        return connection.getresponse().read().decode()


def faults(run: Run, **options: object) -> dict[str, str]:
    """The faults among it."""
    return {
        name: each["says"]
        for name, each in found(run, **options).items()
        if each["level"] == "fault"
    }


def change(url: str, *statements: str) -> None:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        for statement in statements:
            connection.cursor().execute(statement)


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
    says = faults(run)

    assert says["worker"] == "no worker runs, so lists and reports stand still"
    assert says["projection case_list"] == "it was never built"


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


def test_no_master_key(run: Run) -> None:
    assert "AMENDS_MASTER_KEY_FILE" in faults(run, AMENDS_MASTER_KEY=None)["master key"]


def test_a_key_file_that_others_may_read(run: Run, settings: Settings, tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(str(settings.master_key))
    env = {"AMENDS_MASTER_KEY": None, "AMENDS_MASTER_KEY_FILE": str(key_file)}

    key_file.chmod(0o644)
    open_to_all = found(run, **env)["master key"]
    key_file.chmod(0o600)
    private = found(run, **env)["master key"]

    assert open_to_all["level"] == "fault"
    assert open_to_all["advice"] == f"Run: chmod 600 {key_file}"
    assert private["level"] == "ok"


@pytest.mark.parametrize(
    "tampering",
    [
        "ALTER TABLE events DISABLE TRIGGER events_insert_only",
        "ALTER TABLE events ENABLE TRIGGER events_insert_only",
        "DROP TRIGGER events_insert_only ON events",
    ],
)
def test_a_log_that_could_be_changed(run: Run, owner_database_url: str, tampering: str) -> None:
    change(owner_database_url, tampering)

    assert "is missing or switched off" in faults(run)["insert-only log"]


def test_a_role_with_too_many_rights(run: Run, owner_database_url: str) -> None:
    before = found(run)["rights"]["level"]
    change(owner_database_url, "GRANT UPDATE ON events TO amends")

    rights = found(run)["rights"]

    assert before == "ok"
    assert rights["level"] == "warning"
    assert "AMENDS_OWNER_DATABASE_URL" in rights["advice"]


@pytest.mark.parametrize(
    ("tampering", "says"),
    [
        ("GRANT UPDATE (note) ON ledger.checkpoints TO amends", "may change ledger.checkpoints"),
        ("GRANT DELETE ON records TO amends", "may change records"),
        ("GRANT TRUNCATE ON ledger.leaves TO amends_auditor", "recorded: amends_auditor"),
        ("GRANT UPDATE (state) ON records TO PUBLIC", "may change records"),
    ],
)
def test_rights_to_change_the_ledger_or_the_access_log(
    run: Run, owner_database_url: str, tampering: str, says: str
) -> None:
    change(owner_database_url, tampering)

    rights = found(run)["rights"]

    assert rights["level"] == "warning"
    assert says in rights["says"]


@pytest.mark.parametrize("table", ["events", "records", "ledger.leaves", "ledger.checkpoints"])
@pytest.mark.parametrize("weakened", ["fewer", "later", "never", "nothing"])
def test_a_trigger_that_refuses_less_than_it_should(
    run: Run, owner_database_url: str, table: str, weakened: str
) -> None:
    name = f"{table.rpartition('.')[2]}_insert_only"
    own = {"events": "refuse_change", "records": "refuse_record_change"}
    function = own.get(table, "ledger.refuse_change")
    again = f"CREATE TRIGGER {name} {{}} ON {table} {{}} EXECUTE FUNCTION {function}()"
    every = "BEFORE UPDATE OR DELETE OR TRUNCATE"
    statements = {
        "fewer": again.format("BEFORE UPDATE OR DELETE", ""),
        "later": again.format("AFTER UPDATE OR DELETE OR TRUNCATE", ""),
        "never": again.format("BEFORE UPDATE", "WHEN (false)"),
        "nothing": f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
        f"'BEGIN RETURN NULL; END'; {again.format(every, '')}",
    }
    change(
        owner_database_url,
        f"DROP TRIGGER {name} ON {table}",
        statements[weakened],
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    )

    says = faults(run)["insert-only log"]
    assert "from being changed is missing or switched off, or refuses too little" in says
    assert table.partition(".")[0] in says


@pytest.mark.parametrize(
    ("added", "says"),
    [
        ("CREATE RULE drop_it AS ON INSERT TO records DO INSTEAD NOTHING", "the rule drop_it"),
        ("ALTER TABLE ledger.keys ENABLE ROW LEVEL SECURITY", "row security on ledger.keys"),
        (
            "CREATE TRIGGER mine BEFORE INSERT ON events EXECUTE FUNCTION refuse_change()",
            "the trigger mine on events",
        ),
    ],
)
def test_what_was_added_to_drop_or_hide_what_is_recorded(
    run: Run, owner_database_url: str, added: str, says: str
) -> None:
    change(owner_database_url, added)

    assert says in faults(run)["insert-only log"]


@pytest.mark.parametrize(
    "tampering",
    [
        "ALTER TABLE records DISABLE TRIGGER records_insert_only",
        "DROP TRIGGER subject_keys_kept ON subject_keys",
        "ALTER TABLE ledger.leaves ENABLE TRIGGER leaves_insert_only",
    ],
)
def test_records_keys_or_a_ledger_that_could_be_changed(
    run: Run, owner_database_url: str, tampering: str
) -> None:
    table = tampering.split()[-1] if "DROP" in tampering else tampering.split()[2]
    change(owner_database_url, tampering)

    assert f"keeps {table} from being changed" in faults(run)["insert-only log"]


def test_an_auditors_role(run: Run, owner_database_url: str) -> None:
    before = found(run)["auditor role"]
    change(owner_database_url, "GRANT SELECT ON subject_keys TO amends_auditor")
    more = found(run)["auditor role"]
    change(owner_database_url, "REVOKE SELECT ON events FROM amends_auditor")

    assert (before["level"], more["level"]) == ("ok", "warning")
    assert "it may read more than the log" in more["says"]
    assert faults(run)["auditor role"] == "it may not read the events"
    nobody = found(run, AMENDS_AUDITOR_ROLE="nobody_at_all")["auditor role"]
    assert nobody["says"] == "there is no such role in this database"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction is called old as soon as it has begun."""
    monkeypatch.setattr("service.event_store.horizon.HELD_SECONDS_MAX", 0.0)


def test_a_transaction_that_holds_the_readers_back(
    run: Run, postgres_url: str, service: Service, impatient: None
) -> None:
    with (
        closing(psycopg2.connect(postgres_url, application_name="stock taking")) as blocker,
        blocker.cursor() as cursor,
    ):
        cursor.execute("SELECT pg_current_xact_id(), pg_backend_pid()")
        _, process = cursor.fetchone() or (0, 0)
        service.cases.record(Story().after("report").events)

        found_one = found(run)["horizon"]
        blocker.rollback()

    assert found_one["level"] == "fault"
    assert found_one["says"].startswith(
        f"process {process} (idle in transaction, database postgres, application stock taking) "
        "has held back every reader for "
    )
    assert found_one["says"].endswith("; 1 events wait")
    assert f"pg_terminate_backend({process})" in found_one["advice"]


def test_a_prepared_transaction_that_holds_the_readers_back(
    run: Run, postgres_url: str, impatient: None
) -> None:
    with closing(psycopg2.connect(postgres_url)) as blocker:
        blocker.tpc_begin(blocker.xid(1, "forgotten", ""))
        blocker.cursor().execute("SELECT pg_current_xact_id()")
        blocker.tpc_prepare()
        try:
            found_one = found(run)["horizon"]
        finally:
            blocker.tpc_rollback()

    assert found_one["says"].startswith("a transaction (prepared, database postgres) has held back")
    assert "ROLLBACK PREPARED" in found_one["advice"]


@pytest.mark.parametrize(
    ("seconds", "level"), [(0.1, "ok"), (None, "warning"), (HELD_SECONDS_MAX + 0.1, "fault")]
)
def test_a_young_writer_is_no_fault_and_a_hidden_one_is_said_to_be(
    run: Run, monkeypatch: pytest.MonkeyPatch, seconds: float | None, level: str
) -> None:
    health = HorizonHealth(0, 0, 0.0, Blocker(7, "shop", "", None, seconds))
    monkeypatch.setattr("api.cli.database_checks.horizon_health", lambda engine: health)

    assert found(run)["horizon"]["level"] == level


def test_a_typing_error_in_a_setting(run: Run) -> None:
    checks = found(run, AMENDS_DATABSE_URL="postgresql://x")

    assert checks["settings"]["says"] == "no such setting: AMENDS_DATABSE_URL"


def test_a_setting_that_cannot_be_used(run: Run) -> None:
    checks = found(run, AMENDS_POOL_SIZE="many")

    assert list(checks) == ["settings"]
    assert checks["settings"]["says"].startswith("AMENDS_POOL_SIZE must be")


def test_a_port_that_something_else_uses(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0)
        port = str(other.getsockname()[1])

        checks = found(run, PORT=port)

    assert checks["port"]["level"] == "fault"
    assert checks["port"]["says"] == f"port {port} on 127.0.0.1 is in use"


def test_an_empty_directory_stays_empty(run: Run, tmp_path: Path) -> None:
    checks = found(
        run,
        AMENDS_DATABASE_URL=None,
        AMENDS_OWNER_DATABASE_URL=None,
        AMENDS_MASTER_KEY=None,
        AMENDS_DATA_DIR=str(tmp_path / "none"),
    )

    assert checks["database"] == {
        "check": "database",
        "level": "fault",
        "says": "there is none yet",
        "advice": "`amends serve` makes it.",
    }
    assert not (tmp_path / "none").exists()


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


@pytest.mark.parametrize("note", [None, "", "process 1 at http://127.0.0.1:{port}"])
def test_where_a_server_listened_that_is_gone(tmp_path: Path, note: str | None) -> None:
    here, gone = free_port(), free_port()
    if note is not None:
        (tmp_path / LOCK_NAME).write_text(note.format(port=gone))

    said = {each.check: each for each in look_at_machine(Settings(data_dir=tmp_path, port=here))}

    assert said["port"].says == f"nothing answers at http://127.0.0.1:{here}"
