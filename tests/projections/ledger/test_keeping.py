"""The ledger is kept while a worker runs, through failures and up to its end."""

from __future__ import annotations

from threading import Event

import pytest
from sqlalchemy import Engine

from projections.ledger import keeping as module
from projections.ledger.feeding import LedgerFeeder
from projections.ledger.keeping import OUTAGE_SECONDS, keeping
from tests.projections.ledger.conftest import Record
from tests.projections.ledger.test_feeding import expected_root, stored_root
from tests.service.event_store.steps import until


def test_events_enter_the_ledger_while_a_worker_runs(
    feeder: LedgerFeeder, record: Record, engine: Engine
) -> None:
    with keeping(feeder.catch_up):
        record(120)
        until(lambda: stored_root(engine)[0] == 120)
        record(1)

    assert stored_root(engine) == expected_root(engine)


def test_a_round_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROUND_SECONDS", 0.001)
    done, attempts = Event(), []

    def fail_twice() -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise OSError
        done.set()

    with keeping(fail_twice):
        finished = done.wait(timeout=60)

    assert finished


def test_failures_are_tried_ever_less_often() -> None:
    def fail() -> None:
        raise OSError

    waits = [0.0]
    for _ in range(8):
        waits.append(module._round(fail, waits[-1]))

    assert waits == sorted(waits)
    assert waits[-1] == OUTAGE_SECONDS
