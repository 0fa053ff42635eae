"""`python -m benchmarks.timers`: finding due work, firing in time, and what waiting costs.

100,000 open cases with five runs each stand in the read model: three clocks of any kind that the
service has (replies, plans, surveys, follow-up rounds, directors' orders, authorities' terms), a
promise, and open points of minutes or a second promise. Measured are the claim of due runs, pages
of the work list, how long after its due time a breach is on record with a worker as operators
start it, and the processor time of that worker and the server while nothing is due.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from benchmarks.beside import worker
from benchmarks.processor_time import server_seconds, spent_seconds
from domain.circumstances import Circumstances
from domain.conflict_case import ConflictCase
from domain.personal import PersonalText
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import Actor, ActorKind, Customer, Role
from projections.deadline_tables import PROMISE
from projections.engine import ProjectionEngine
from projections.read_models import build_engine
from projections.timers import claim
from projections.work_questions import WorkFilter, list_work
from service.assembly import Service, build
from service.embedded_postgres import database_for
from service.mapper import LoggedEvent
from service.migrating import migrate_database
from service.settings import Settings
from tests.given import details_for

CASES = 100_000
STEP = 4_000
TRIES = 50
FIRED = 20
FIRST_DUE_SECONDS = 8.0
FIRED_EVERY_SECONDS = 0.25
FIRED_WITHIN_SECONDS = 30.0
SETTLED_SECONDS = 12.0
IDLE_SECONDS = 20
CHAT_REPLY = timedelta(minutes=15)
"""An urgent chat is answered within so long (rule `chat_urgent`)."""
CLOCKS = sorted(entry.code for entry in edition(CURRENT_EDITION).books["service_clocks"].entries)
FILL = text("""
INSERT INTO deadlines.runs (case_id, clock, run, reference, handler, unit, owner, owed_kind,
    edition, rule, state, is_open, started_at, due_at, warn_at, warning_recorded, miss_recorded,
    told, next_step, act_at, listed_at, next_at)
SELECT md5(number::text)::uuid, kind, nth, 'C-2026-' || lpad(number::text, 6, '0'),
    'handler-' || number % 200, 'unit-' || number % 20,
    CASE WHEN is_owed THEN 'team-' || number % 50 END,
    CASE WHEN kind = 'commitment' THEN 'callback' END,
    :edition, CASE WHEN NOT is_owed THEN 'first_plan_48h' END, 'running', true,
    due - interval '48 hours', due, due - interval '4 hours', false, false, is_owed,
    CASE WHEN is_owed THEN 'break_commitment' END, CASE WHEN is_owed THEN due END,
    due, due - interval '4 hours'
FROM generate_series(CAST(:first AS int), :last) AS number,
    unnest(ARRAY[
        (CAST(:clocks AS text[]))[1 + number % :kinds],
        (CAST(:clocks AS text[]))[1 + (number + 5) % :kinds],
        (CAST(:clocks AS text[]))[1 + (number + 11) % :kinds],
        'commitment',
        CASE WHEN number % 2 = 0 THEN 'open_points' ELSE 'commitment' END
    ]) WITH ORDINALITY AS runs (kind, nth),
    LATERAL (SELECT kind IN ('commitment', 'open_points') AS is_owed) AS what,
    LATERAL (
        SELECT now() + (random() + 0 * number) * interval '60 days' + interval '5 hours' AS due
    ) AS times
""")


def main() -> None:
    """Print every figure as JSON."""
    home = tempfile.TemporaryDirectory(prefix="amends-timers-", ignore_cleanup_errors=True)
    with home as directory, database_for(_settings(directory)) as settings:
        migrate_database(settings)
        service = build(settings)
        engine = build_engine(service)
        engine.catch_up()
        _fill(service)
        with service.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("VACUUM ANALYZE deadlines.runs"))
        figures = _finding(service)
        with worker(settings) as pid:
            wait_for_worker(engine)
            figures |= _firing(service)
            time.sleep(SETTLED_SECONDS)
            figures |= _idling(service, pid)
        service.engine.dispose()
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


def _settings(directory: str) -> Settings:
    home = Path(directory)
    home.chmod(0o711)
    return Settings(data_dir=home, log_level="warning")


def _fill(service: Service) -> None:
    """In steps: a statement may not run for as long as it takes to write half a million rows."""
    words = {"clocks": CLOCKS, "kinds": len(CLOCKS), "edition": CURRENT_EDITION}
    for first in range(1, CASES + 1, STEP):
        with service.engine.begin() as connection:
            connection.execute(FILL, {**words, "first": first, "last": first + STEP - 1})


def wait_for_worker(engine: ProjectionEngine) -> None:
    """Until a worker has told of itself."""
    while engine.projection_health()[0].heartbeat_age_seconds is None:
        time.sleep(FIRED_EVERY_SECONDS)


def _finding(service: Service) -> dict[str, Any]:
    later = datetime.now(UTC) + timedelta(days=2)

    def claimed() -> None:
        with service.engine.connect() as connection:
            assert len(claim(connection, later)) == 20

    def listed(**wanted: Any) -> Callable[[], None]:
        def ask() -> None:
            with service.engine.connect() as connection:
                assert list_work(connection, WorkFilter(now=later, **wanted)).work

        return ask

    return {
        "claim_of_20_ms": _milliseconds(claimed),
        "work_page_ms": _milliseconds(listed()),
        "work_page_overdue_ms": _milliseconds(listed(overdue=True)),
        "work_page_of_handler_ms": _milliseconds(listed(handler="handler-7")),
        "work_page_of_unit_and_kind_ms": _milliseconds(listed(unit="unit-3", clock="minutes")),
        "promises_of_owner_ms": _milliseconds(listed(owner="team-7", clock=PROMISE)),
    }


def _milliseconds(ask: Callable[[], None]) -> dict[str, float]:
    took = []
    for _ in range(TRIES):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1_000)
    return {"median": round(statistics.median(took), 2), "longest": round(max(took), 2)}


def _firing(service: Service) -> dict[str, Any]:
    """Breaches of clocks and promises that fall due one after the other in the next seconds."""
    now = datetime.now(UTC)
    times = [
        now + timedelta(seconds=FIRST_DUE_SECONDS + FIRED_EVERY_SECONDS * number)
        for number in range(FIRED)
    ]
    clocks = [_report(service, at - CHAT_REPLY) for at in times]
    promised = [_promise(service, at) for at in times]
    return {
        "clock_recorded_after_due_ms": _late(service, clocks, "deadline_missed"),
        "promise_recorded_after_due_ms": _late(service, promised, "commitment_broken"),
    }


def _late(service: Service, cases: list[UUID], breach: str) -> dict[str, float]:
    late_ms = []
    for case_id in cases:
        missed = _first(service, case_id, breach)
        late = missed.recorded_at - missed.event.occurred_at
        late_ms.append(1_000 * late.total_seconds())
    return {"median": round(statistics.median(late_ms)), "longest": round(max(late_ms))}


def _first(service: Service, case_id: UUID, name: str) -> LoggedEvent:
    """The first event of this name in a case, as soon as it is there."""
    until = time.monotonic() + FIRED_WITHIN_SECONDS
    while time.monotonic() < until:
        for logged in service.cases.history(case_id):
            if name == logged.event.NAME:
                return logged
        time.sleep(FIRED_EVERY_SECONDS)
    raise TimeoutError(f"no {name} within {FIRED_WITHIN_SECONDS} s")


def _report(service: Service, at: datetime) -> UUID:
    details = {
        "channel": "chat",
        "urgency": "urgent",
        "customer": Customer(ref="K-1"),
        "summary": PersonalText("Nobody answers"),
    }
    return service.cases.begin("report", details, _by(at)).case.id


def _promise(service: Service, due_at: datetime) -> UUID:
    """A case that somebody has answered, and a promise in it."""
    case_id = _report(service, datetime.now(UTC) - timedelta(seconds=1))
    promise = details_for("make_commitment", ConflictCase(case_id))
    promise |= {"due_at": due_at, "in_writing": False}
    by = replace(_by(None), roles=frozenset({Role.HANDLER}))
    service.cases.take_step(case_id, "make_commitment", promise, expected_version=None, by=by)
    return case_id


def _by(occurred_at: datetime | None) -> Circumstances:
    return Circumstances(
        actor=Actor(id="bench", kind=ActorKind.SERVICE),
        roles=frozenset({Role.REPORTER}),
        now=datetime.now(UTC),
        correlation_id="bench",
        occurred_at=occurred_at,
    )


def _idling(service: Service, worker_pid: int) -> dict[str, float]:
    """Processor time of the whole worker and of the server, in % of a core."""
    before = spent_seconds(worker_pid), server_seconds(service)
    time.sleep(IDLE_SECONDS)
    ours, theirs = spent_seconds(worker_pid) - before[0], server_seconds(service) - before[1]
    return {
        "idle_worker_percent_of_a_core": round(100 * ours / IDLE_SECONDS, 2),
        "idle_worker_and_server_percent_of_a_core": round(100 * (ours + theirs) / IDLE_SECONDS, 2),
    }


if __name__ == "__main__":
    main()
