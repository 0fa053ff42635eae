"""Fixtures of the ledger's tests: a log to write to, and a feeder in small pages."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from sqlalchemy import Engine

from projections.ledger.feeding import LedgerFeeder
from service.event_store import EventRecorder
from tests.projections.ledger.a_ledger import ALedger
from tests.service.event_store.steps import readable

Record = Callable[..., list[int]]


@pytest.fixture
def recorder(engine: Engine) -> EventRecorder:
    return EventRecorder(engine)


@pytest.fixture
def record(recorder: EventRecorder) -> Record:
    """Record so many events and wait until they may be read; their positions."""
    return recording(recorder)


def recording(recorder: EventRecorder) -> Record:
    chance = random.Random(11)

    def some(count: int, at_once: int = 7) -> list[int]:
        found: list[int] = []
        while len(found) < count:
            events = _events_of(uuid4(), min(at_once, count - len(found)), chance)
            found += [each.id for each in recorder.append(events)]
        readable(recorder, found[-1])
        return found

    return some


def _events_of(case_id: UUID, count: int, chance: random.Random) -> Sequence[StoredEvent]:
    return [
        StoredEvent(
            case_id, version, "interaction_logged:1", chance.randbytes(chance.randint(2, 90))
        )
        for version in range(1, count + 1)
    ]


@pytest.fixture
def feeder(engine: Engine) -> LedgerFeeder:
    """A feeder that takes pages of 40 events."""
    return LedgerFeeder(engine, page_size=40)


@pytest.fixture
def ledger(engine: Engine, tmp_path: Path) -> ALedger:
    """A ledger on this test's database, and a directory that nobody has made yet."""
    return ALedger(engine, tmp_path / "places" / "checkpoints")
