"""A storm: crowds of adversarial writers, and readers that tail from beginning to end."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import wait
from random import Random
from typing import Any

import psycopg2

from service.database import create_engine
from service.event_store import MAX_EVENTS_PER_APPEND, EventRecorder, statements
from service.settings import Settings
from tests.no_skip.ledger import SPAWN, Ledger
from tests.no_skip.readers import END, Reading, Verdict, read
from tests.no_skip.writers import CROWD, ELSEWHERE, write
from tests.service.event_store.steps import an_event, ask, readable

READERS = 4
CROWDS = 2
EVENTS_BEFORE = 500
SECONDS_PER_EVENT_AT_MOST = 0.005
SECONDS_TO_START_AT_MOST = 300


@dataclass(frozen=True)
class Storm:
    """Its seed, its size, and where it takes place."""

    seed: int
    events: int
    url: str
    url_elsewhere: str
    page_query: str = statements.PAGE
    largest_append: int = MAX_EVENTS_PER_APPEND

    @property
    def most_seconds(self) -> float:
        """When to give up."""
        return SECONDS_TO_START_AT_MOST + self.events * SECONDS_PER_EVENT_AT_MOST


@dataclass(frozen=True)
class Outcome:
    """What became of a storm: events acknowledged to writers, and what each reader says."""

    acknowledged: int
    stored: int
    verdicts: list[Verdict]

    @property
    def faults(self) -> list[str]:
        """Everything that a reader noticed."""
        return [f"reader {each.reader}: {text}" for each in self.verdicts for text in each.faults]


def raise_storm(storm: Storm) -> Outcome:
    """Let it happen and hear every reader. Raises AssertionError when a process fails."""
    engine = create_engine(Settings(database_url=storm.url), pool_size=1)
    recorder, ledger = EventRecorder(engine), Ledger(storm.events, READERS)
    give_up_at = time.monotonic() + storm.most_seconds
    verdicts = SPAWN.SimpleQueue()
    readings = _readings(storm, *_quiet_log(recorder))
    readers = [SPAWN.Process(target=read, args=(each, ledger, verdicts)) for each in readings]
    writers = [SPAWN.Process(target=write, args=each) for each in _crowds(storm, ledger)]
    processes = [*readers, *writers]
    for process in processes:
        process.start()
    try:
        _until_ended(writers, processes, give_up_at)
        recorder.append([an_event(topic=END)])
        _until_ended(readers, processes, give_up_at)
    finally:
        for process in processes:
            process.kill()
        engine.dispose()
    said = [verdicts.get() for _ in readers]
    return Outcome(EVENTS_BEFORE + ledger.written + 1, _stored(storm.url), said)


def _quiet_log(recorder: EventRecorder) -> tuple[int, int]:
    """Some events before the storm, so that there are places to start from: first and newest."""
    positions = [recorder.append([an_event()])[0].id for _ in range(EVENTS_BEFORE)]
    readable(recorder, positions[-1])
    return positions[0], positions[-1]


def _readings(storm: Storm, first: int, newest: int) -> list[Reading]:
    """Half of the readers ask for pages, half subscribe; each starts somewhere else."""
    random = Random(storm.seed)
    return [
        Reading(
            number=number,
            url=storm.url,
            after=random.randint(first - 1, newest),
            subscribes=number % 2 == 1,
            seed=random.getrandbits(32),
            page_query=storm.page_query,
        )
        for number in range(READERS)
    ]


def _crowds(storm: Storm, ledger: Ledger) -> list[tuple[Any, ...]]:
    names = [f"crowd{number}" for number in range(CROWDS)]
    same = (storm.seed, storm.largest_append, ledger)
    return [
        *((name, storm.url, CROWD, *same) for name in names),
        ("elsewhere", storm.url_elsewhere, ELSEWHERE, *same),
    ]


def _until_ended(some: list[Any], processes: list[Any], give_up_at: float) -> None:
    """Wait for some processes while none of all fails."""
    while waited_for := _running(some):
        sentinels = {process.sentinel for process in [*waited_for, *_running(processes)]}
        assert wait(sentinels, max(0.0, give_up_at - time.monotonic())), "the storm took too long"
        failed = [process for process in processes if process.exitcode not in (None, 0)]
        assert not failed, "a reader or a writer failed"


def _running(processes: list[Any]) -> list[Any]:
    return [process for process in processes if process.exitcode is None]


def _stored(url: str) -> int:
    with closing(psycopg2.connect(url)) as connection:
        return int(ask(connection, "SELECT count(*) FROM events"))
