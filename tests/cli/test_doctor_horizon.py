"""The doctor: who holds back the readers of the log."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest

from service.assembly import Service
from service.event_store import Blocker, HorizonHealth
from service.event_store.horizon import HELD_SECONDS_MAX
from tests.cli.conftest import Run
from tests.cli.doctoring import found
from tests.given import Story


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
