"""What `amends doctor` looks at in the database: its schema, the log, the read models."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from api.cli.enforcement_checks import auditor, insert_only, rights
from api.cli.findings import Finding, fault, fine, warning
from api.cli.ledger_checks import look_at_the_ledger
from api.cli.privacy_checks import look_at_erasures
from api.cli.start_checks import newest_key_opens
from api.cli.timer_checks import look_at_the_timers
from api.cli.watch_checks import look_at_the_watches
from api.ledger_health import LAG_SECONDS_MAX
from projections.engine import ProjectionEngine
from projections.health import WORKER_HEARD_SECONDS, ProjectionHealth
from projections.read_models import VERSIONS
from service.assembly import Service
from service.data_keys import MasterKeyMissing, SealBroken
from service.event_store import (
    Blocker,
    HorizonHealth,
    StoreFromAnotherCluster,
    check_cluster,
    horizon_health,
)
from service.migrating import pending_migrations

OLDEST_SERVER = 150_000  # server_version_num
CLOCK_SECONDS_MAX = 5.0

UNSAFE = text("""
    SELECT name FROM pg_settings
    WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'
    ORDER BY name
""")


def look_at_database(service: Service, engine: ProjectionEngine) -> Iterator[Finding]:
    """Everything in a database that can be reached; the rest is left out until it is migrated."""
    with service.engine.connect() as connection:
        yield from (check(connection) for check in SERVER_CHECKS)
    if waiting := pending_migrations(service.engine):
        yield fault("migrations", f"not applied: {', '.join(waiting)}", "Run `amends migrate`.")
        return
    yield fine("migrations", "all applied")
    yield _cluster(service)
    with service.engine.connect() as connection:
        yield from (check(connection) for check in STORE_CHECKS)
    yield _horizon(horizon_health(service.engine))
    yield _right_key(service)
    if role := service.settings.auditor_role:
        with service.engine.connect() as connection:
            yield auditor(connection, role)
    yield look_at_erasures(service)
    yield from _read_models(engine)
    silent = engine.projection_health()[0].heartbeat_age_seconds
    yield look_at_the_timers(service.engine, worker_is_heard=_is_heard(silent))
    yield from look_at_the_watches(service.engine)
    yield from look_at_the_ledger(service.engine, service.settings)


def _server_version(connection: Connection) -> Finding:
    version = connection.execute(text("SHOW server_version")).scalar_one()
    number = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    if number < OLDEST_SERVER:
        return fault("database", f"PostgreSQL {version} is too old", "Use PostgreSQL 15 or newer.")
    return fine("database", f"PostgreSQL {version} answers")


def _durability(connection: Connection) -> Finding:
    off = list(connection.execute(UNSAFE).scalars())
    if off:
        return fault(
            "durability",
            f"{', '.join(off)} off: a crash may lose events that were acknowledged",
            "Switch it on in postgresql.conf.",
        )
    return fine("durability", "a commit is on disk before it is acknowledged")


def _clock(connection: Connection) -> Finding:
    theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    apart = abs((theirs - datetime.now(UTC)).total_seconds())
    if apart > CLOCK_SECONDS_MAX:
        return warning(
            "clock",
            f"this machine and the database differ by {apart:.0f} s",
            "Let both follow a time server: events carry times of both.",
        )
    return fine("clock", "this machine and the database agree")


def _horizon(found: HorizonHealth) -> Finding:
    if found.blocker is None:
        return fine("horizon", "no transaction holds the readers back")
    says = f"{_named(found.blocker)} has held back every reader for {found.held_seconds:.0f} s"
    if found.waiting_events:
        says += f"; {found.waiting_events} events wait"
    if found.is_held:
        return fault("horizon", says, _way_to_end(found.blocker))
    if found.blocker.seconds is None:
        return warning(
            "horizon",
            f"{_named(found.blocker)} is writing; since when is hidden from the service's role",
            "GRANT pg_monitor to that role, then ask again.",
        )
    return fine("horizon", "the transactions under way are young")


def _named(blocker: Blocker) -> str:
    who = f"process {blocker.process_id}" if blocker.process_id else "a transaction"
    application = f", application {blocker.application}" if blocker.application else ""
    return f"{who} ({blocker.state or 'state hidden'}, database {blocker.database}{application})"


def _way_to_end(blocker: Blocker) -> str:
    if blocker.process_id is None:
        return "ROLLBACK PREPARED or COMMIT PREPARED it; pg_prepared_xacts has its name."
    return f"Find out what it is, then: SELECT pg_terminate_backend({blocker.process_id})"


def _cluster(service: Service) -> Finding:
    try:
        check_cluster(service.engine)
    except StoreFromAnotherCluster:
        return fault(
            "store",
            "it comes from another PostgreSQL cluster, so new events would sort before old ones",
            "Stop every Amends process and run `amends store adopt`.",
        )
    return fine("store", "belongs to this PostgreSQL cluster")


def _right_key(service: Service) -> Finding:
    try:
        opened = newest_key_opens(service)
    except (MasterKeyMissing, SealBroken):
        return fault(
            "personal texts",
            "the master key does not open them: they were stored under another one",
            "Put that key back (AMENDS_MASTER_KEY_FILE). Nothing is lost as long as it exists.",
        )
    says = "the master key opens them" if opened else "there are none yet"
    return fine("personal texts", says)


def _read_models(engine: ProjectionEngine) -> Iterator[Finding]:
    models = engine.projection_health()
    yield _worker(models[0].heartbeat_age_seconds)
    for model in models:
        check = f"projection {model.projection}"
        if model.parked_cases:
            yield fault(
                check,
                f"{model.parked_cases} cases are parked",
                "`amends projections list` says why; then `retry` or `skip` them.",
            )
        elif model.is_rebuild_still:
            yield fault(
                check,
                f"its rebuild has not moved on for {model.rebuild_still_seconds:.0f} s",
                "See the workers' logs; where none says why, one hangs, or a long query holds the "
                "tables: restart the workers.",
            )
        elif model.version is None:
            yield fault(check, "it was never built", "A running `amends worker` builds it.")
        elif model.version != VERSIONS[model.projection]:
            yield _other_version(check, model)
        elif model.lag_seconds > LAG_SECONDS_MAX:
            yield fault(
                check,
                f"it is {model.lag_seconds:.0f} s and {model.lag_events} events behind",
                "See the worker's log; more workers help when there is simply much to read.",
            )
        else:
            yield fine(check, f"version {model.version}, {model.lag_events} events to read")


def _other_version(check: str, model: ProjectionHealth) -> Finding:
    ours = VERSIONS[model.projection]
    says = f"version {model.version} is in use, this program asks for version {ours}"
    if model.rebuilding_version == ours:
        return warning(check, says, "It is being rebuilt: `amends projections list` says how far.")
    return fault(
        check, says, "A running `amends worker` of the newest version in use here rebuilds it."
    )


def _worker(silent_seconds: float | None) -> Finding:
    advice = "Start `amends worker` (or `amends serve`); its log says why it ended."
    if silent_seconds is None:
        return fault("worker", "no worker runs, so lists and reports stand still", advice)
    if not _is_heard(silent_seconds):
        return fault("worker", f"no worker was heard of for {silent_seconds:.0f} s", advice)
    return fine("worker", f"heard of {silent_seconds:.0f} s ago")


def _is_heard(silent_seconds: float | None) -> bool:
    return silent_seconds is not None and silent_seconds <= WORKER_HEARD_SECONDS


SERVER_CHECKS: tuple[Callable[[Connection], Finding], ...] = (_server_version, _durability, _clock)
STORE_CHECKS: tuple[Callable[[Connection], Finding], ...] = (insert_only, rights)
