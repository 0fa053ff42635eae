"""PostgreSQL killed with SIGKILL, all its processes at once, while everybody works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from threading import Event
from uuid import uuid4

import pytest

from projections.event_log import EventLog
from projections.read_models import build_engine
from projections.worker import run_worker
from service.assembly import Service, build
from service.event_store import StoreUnavailable, VersionConflict
from tests.cli.processes import until
from tests.faults.callers import Caller, Crowd, crowd
from tests.faults.extent import chance, extent, tell
from tests.faults.ledger import Ledger, compare, whole_log
from tests.faults.own_server import OwnServer, own_server
from tests.faults.read_models import are_equal, differences, listed
from tests.faults.tails import PagingTail, Subscriber
from tests.service.event_store.steps import an_event

WRITERS = 8
KILLS = extent(short=3, long=50)
ANSWERS_BETWEEN_KILLS = 60
MOMENT_SECONDS = 0.3
MOMENTS = chance("moments")


@pytest.fixture
def server() -> Iterator[OwnServer]:
    with own_server() as server:
        yield server


@pytest.fixture
def service(server: OwnServer) -> Iterator[Service]:
    service = build(server.settings)
    yield service
    service.engine.dispose()


def test_a_reader_misses_nothing_when_a_crash_takes_transaction_ids_back(
    server: OwnServer, service: Service
) -> None:
    """What was refused need not reach the disk; its ids are given out again after a crash."""
    case_id, recorder = uuid4(), service.recorder
    recorder.append([an_event(case_id, 1)])
    server.stop_flushing()
    for _ in range(5):
        with pytest.raises(VersionConflict):
            recorder.append([an_event(case_id, 1)])
    horizon, remembered = recorder.horizon(), _what_readers_remember(service)

    server.kill()
    server.start()

    (after,) = until(lambda: _appended(service, case_id))
    assert after.id < horizon, "the crash took no ids back: this proves nothing"
    for read_to in remembered:
        assert [each.id for each in recorder.read_page(read_to, 10).events] == [after.id]


def _what_readers_remember(service: Service) -> list[int]:
    """Where each kind of reader goes on, once it has read everything there is."""
    page = service.recorder.read_page(0, 10)
    of_topics = service.recorder.read_page(0, 10, topics=["of_interest_to_nobody:1"])
    subscription = service.recorder.subscribe(gt=0)
    subscription._read()
    of_read_models = EventLog(service.recorder, service.mapper).read(0, 10)
    return [page.read_to, of_topics.read_to, subscription._after, of_read_models.read_to]


def _appended(service: Service, case_id: object) -> list[object]:
    with suppress(StoreUnavailable):
        return list(service.recorder.append([an_event(case_id, 2)]))
    return []


def test_children_that_hang_do_not_keep_a_killed_server_down(
    server: OwnServer, service: Service
) -> None:
    case_id = uuid4()
    service.recorder.append([an_event(case_id, 1)])

    server.behead()
    server.start()

    (after,) = until(lambda: _appended(service, case_id))
    assert [each.id for each in service.recorder.select_events(case_id)][1:] == [after.id]


def test_nothing_acknowledged_is_lost_or_doubled(server: OwnServer, service: Service) -> None:
    ledger, worker = Ledger(), build(server.settings)
    callers = [Caller(service, ledger, chance(f"caller {n}")) for n in range(WRITERS)]
    tails = PagingTail(service.recorder), Subscriber(service.recorder)

    with crowd() as readers, crowd() as writers:
        readers.stoppers.append(tails[1].stop)
        for tail in tails:
            readers.start(tail.follow, readers.stop)
        readers.start(run_worker, build_engine(worker), readers.stop)
        for caller in callers:
            writers.start(caller.work, writers.stop)
        writers.start(_be_refused, service, ledger, writers.stop)
        killed = [_kill(server, writers, ledger) for _ in range(KILLS)]
        writers.join()
        compared = compare(ledger, service)
        positions = [each.id for each in whole_log(service)]
        for tail in tails:
            until(lambda tail=tail: readers.is_well() and len(tail.seen) >= len(positions))
        found = differences(service)
    worker.engine.dispose()

    tell(f"PostgreSQL killed {len(killed)} times under {WRITERS} writers: {compared}")
    tell(f"  {sum(caller.retries for caller in callers):,} commands sent again; {listed(found)}")
    assert compared.is_clean
    assert positions == sorted(set(positions))
    assert [tail.seen for tail in tails] == [positions, positions]
    assert are_equal(found)


def _kill(server: OwnServer, writers: Crowd, ledger: Ledger) -> int:
    """Kill the server at some moment while answers come, and start it again."""
    wanted = len(ledger) + ANSWERS_BETWEEN_KILLS
    until(lambda: writers.is_well() and len(ledger) >= wanted)
    Event().wait(MOMENTS.uniform(0, MOMENT_SECONDS))
    number = server.kill()
    server.start()
    return number


def _be_refused(service: Service, ledger: Ledger, stop: Event) -> None:
    """Append what must be refused: such transactions leave nothing, perhaps not even their id."""
    until(lambda: len(ledger) > 0)
    case_id = next(iter(ledger.answers.values())).case_id
    while not stop.wait(0.001):
        with suppress(StoreUnavailable, VersionConflict):
            service.recorder.append([an_event(case_id, 1)])
