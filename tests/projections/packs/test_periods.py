"""A pack of a period holds what was recorded in it, however the clock and the writers behaved."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg2
import pytest
from sqlalchemy import Engine, text

from projections.ledger import feeding
from projections.ledger.feeding import LedgerFeeder
from projections.packs.evidence import Limits, NothingToPack, gather
from projections.packs.scope import of_period
from service.event_store import EventRecorder
from tests.projections.ledger.a_ledger import ALedger, as_superuser
from tests.service.event_store.steps import an_event, append_without_commit, readable

MOST = Limits(cases=10_000, events=10_000, state_bytes=10**9)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
Found = Sequence[tuple[UUID, int, int]]


@pytest.fixture
def ledger(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ALedger:
    """A ledger whose worker sums up after every sixteen events."""
    monkeypatch.setattr(feeding, "RUN_LENGTH", 16)
    ledger = ALedger(engine, tmp_path / "checkpoints")
    ledger.feeder = LedgerFeeder(engine, page_size=40)
    return ledger


def record_by_a_bad_clock(ledger: ALedger, url: str, chance: random.Random) -> None:
    """A clock that is set back and forward by days, and stands still now and then."""
    now, after = BEGIN, -1
    with as_superuser(ledger.superuser_dsn(url)) as cursor:
        for _ in range(12):
            ledger.record(chance.randint(1, 40), chance)
            cursor.execute("SELECT position FROM events WHERE position > %s ORDER BY 1", (after,))
            for (after,) in cursor.fetchall():
                now += timedelta(hours=chance.choice((0, 0, 1, 1, 1, 70, -90)))
                change = "UPDATE events SET recorded_at = %s WHERE position = %s"
                cursor.execute(change, (now, after))
            if chance.random() < 0.7:
                ledger.feeder.catch_up()
    ledger.keep()


def packed(engine: Engine, begin: datetime, end: datetime) -> Found:
    try:
        return sorted(gather(engine, of_period(begin, end), MOST).slices)
    except NothingToPack:
        return []


def recorded(engine: Engine, begin: datetime, end: datetime) -> Found:
    """By a look at every event."""
    asked = text("""
        SELECT originator_id, min(originator_version), max(originator_version) FROM events
        WHERE recorded_at + interval '0' >= :begin AND recorded_at + interval '0' < :end
        GROUP BY originator_id
    """)
    with engine.connect() as connection:
        rows = connection.execute(asked, {"begin": begin, "end": end})
        return sorted((case_id, first, last) for case_id, first, last in rows)


def runs(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM ledger.runs")).scalar_one())


@pytest.mark.parametrize("seed", range(4))
def test_times_out_of_order_hide_nothing(
    ledger: ALedger, engine: Engine, postgres_url: str, seed: int
) -> None:
    chance = random.Random(seed)
    record_by_a_bad_clock(ledger, postgres_url, chance)
    with engine.connect() as connection:
        times = list(connection.execute(text("SELECT recorded_at FROM events")).scalars())
    moment = timedelta(microseconds=1)

    periods = [
        (min(pair), max(pair) + chance.choice((0, 1)) * moment)
        for pair in (chance.choices(times, k=2) for _ in range(60))
    ]

    assert runs(engine) > 5
    assert any(recorded(engine, *period) for period in periods)
    for period in periods:
        assert packed(engine, *period) == recorded(engine, *period)


def test_an_append_that_stays_open_is_in_no_run_before_its_commit(
    ledger: ALedger, engine: Engine, database_url: str
) -> None:
    begin = datetime.now(UTC)
    held = an_event()
    recorder = EventRecorder(engine)

    with closing(psycopg2.connect(database_url)) as other_writer:
        position = append_without_commit(other_writer, held)
        for _ in range(50):
            last = recorder.append([an_event()])[0]
        ledger.keep()
        summed_up_early = runs(engine)
        other_writer.commit()
    readable(recorder, last.id)
    ledger.keep()

    assert summed_up_early == 0
    assert runs(engine) == 2
    assert position < last.id
    found = packed(engine, begin, datetime.now(UTC))
    assert (held.originator_id, 1, 1) in found
    assert len(found) == 51
