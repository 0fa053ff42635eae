"""`python -m benchmarks.timers`: finding due work, firing in time, and what waiting costs.

100,000 open cases with five clocks each stand in the read model. Measured are the claim of due
runs, the pages of the work list, how long after its due time a real breach is on record, and the
processor time of timers that find nothing.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.processor_time import server_seconds
from domain.circumstances import Circumstances
from domain.personal import PersonalText
from domain.values import Actor, ActorKind, Customer, Role
from projections.engine import ProjectionEngine
from projections.ledger.keeping import keeping
from projections.read_models import build_engine
from projections.timers import Timers, claim
from projections.work_questions import WorkFilter, list_work
from service.assembly import Service, build
from service.database import migrate_database
from service.embedded_postgres import database_for
from service.settings import Settings

CASES = 100_000
STEP = 4_000
TRIES = 50
FIRED = 20
IDLE_SECONDS = 20
FILL = text("""
INSERT INTO deadlines.runs (case_id, clock, run, reference, handler, unit, edition, rule, state,
    is_open, started_at, due_at, warn_at, warning_recorded, miss_recorded, listed_at, next_at)
SELECT md5(number::text)::uuid, clock, 1, 'C-2026-' || lpad(number::text, 6, '0'),
    'handler-' || number % 200, 'unit-' || number % 20, 2, 'first_plan_48h', 'running', true,
    due - interval '48 hours', due, due - interval '4 hours', false, false, due,
    due - interval '4 hours'
FROM generate_series(CAST(:first AS int), :last) AS number,
    unnest(ARRAY['first_reply', 'first_plan', 'solution_plan', 'survey', 'minutes']) AS clock,
    LATERAL (
        SELECT now() + (random() + 0 * number) * interval '60 days' + interval '5 hours' AS due
    ) AS times
""")


def main() -> None:
    """Print every figure as JSON."""
    home = tempfile.TemporaryDirectory(prefix="amends-timers-")
    with home as directory, database_for(Settings(data_dir=Path(directory))) as settings:
        migrate_database(settings)
        service = build(settings)
        engine = build_engine(service)
        engine.catch_up()
        _fill(service)
        with service.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("VACUUM ANALYZE deadlines.runs"))
        figures = {**_finding(service), **_firing(service, engine), **_idling(service)}
        service.engine.dispose()
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


def _fill(service: Service) -> None:
    """In steps: a statement may not run for as long as it takes to write half a million rows."""
    for first in range(1, CASES + 1, STEP):
        with service.engine.begin() as connection:
            connection.execute(FILL, {"first": first, "last": first + STEP - 1})


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
    }


def _milliseconds(ask: Callable[[], None]) -> dict[str, float]:
    took = []
    for _ in range(TRIES):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1_000)
    return {"median": round(statistics.median(took), 2), "longest": round(max(took), 2)}


def _firing(service: Service, engine: ProjectionEngine) -> dict[str, Any]:
    """Breaches of cases that fall due one after the other within the next seconds."""
    started_at = datetime.now(UTC) - timedelta(minutes=15) + timedelta(seconds=3)
    cases = [
        _report(service, started_at + timedelta(milliseconds=250 * number))
        for number in range(FIRED)
    ]
    engine.catch_up()
    with keeping(Timers(service.engine, service.cases).fire_due):
        for _ in range(40):
            time.sleep(0.25)
            engine.feed_all()
    late = []
    for case_id in cases:
        (missed,) = (
            logged
            for logged in service.cases.history(case_id)
            if logged.event.NAME == "deadline_missed"
        )
        late.append((missed.recorded_at - missed.event.occurred_at).total_seconds())
    late_ms = [1_000 * seconds for seconds in late]
    return {
        "recorded_after_due_ms": {
            "median": round(statistics.median(late_ms)),
            "longest": round(max(late_ms)),
        }
    }


def _report(service: Service, at: datetime) -> Any:
    by = Circumstances(
        actor=Actor(id="bench", kind=ActorKind.SERVICE),
        roles=frozenset({Role.REPORTER}),
        now=datetime.now(UTC),
        correlation_id="bench",
        occurred_at=at,
    )
    details = {
        "channel": "chat",
        "urgency": "urgent",
        "customer": Customer(ref="K-1"),
        "summary": PersonalText("Nobody answers"),
    }
    return service.cases.begin("report", details, by).case.id


def _idling(service: Service) -> dict[str, float]:
    """Processor time of timers that find nothing, here and in the server, in % of a core."""
    server, here = server_seconds(service), time.process_time()
    with keeping(Timers(service.engine, service.cases).fire_due):
        time.sleep(IDLE_SECONDS)
    spent_here, spent_there = time.process_time() - here, server_seconds(service) - server
    return {
        "idle_percent_of_a_core": round(100 * spent_here / IDLE_SECONDS, 2),
        "idle_percent_of_a_core_with_server": round(
            100 * (spent_here + spent_there) / IDLE_SECONDS, 2
        ),
    }


if __name__ == "__main__":
    main()
