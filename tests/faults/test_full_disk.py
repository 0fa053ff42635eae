"""The database's disk filled to the last byte under load, and emptied again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import pytest

from domain.values import Role
from service.access_tokens import AccessTokens
from service.assembly import Service, build
from tests.cli.processes import until
from tests.faults.callers import Crowd, crowd
from tests.faults.disks import SmallDisk, small_disk
from tests.faults.extent import chance, extent, tell
from tests.faults.fleet import Fleet, fleet
from tests.faults.http_callers import HttpCaller
from tests.faults.ledger import Ledger, compare
from tests.faults.own_server import OwnServer, own_server
from tests.faults.read_models import are_equal, differences, listed

DISK_MEGABYTES = 200
CALLERS = 8
TIMES_FILLED = extent(short=1, long=5)
ANSWERS_BETWEEN = 100
REFUSALS_BETWEEN = 100


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with small_disk(DISK_MEGABYTES) as disk:
        yield disk


@pytest.mark.parametrize("log_elsewhere", [True, False], ids=["tables", "tables and log"])
def test_a_full_disk_refuses_politely_and_heals(
    disk: SmallDisk, tmp_path: Path, log_elsewhere: bool
) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(own_server(disk.path, log_elsewhere=log_elsewhere))
        service = build(server.settings)
        stack.callback(service.engine.dispose)
        ships = stack.enter_context(fleet(service, tmp_path / "output", chance("nobody")))
        ledger = Ledger()
        with crowd() as people:
            callers = _callers(ships, service, ledger, people)
            states = [
                _fill_and_free(disk, server, ships, callers, people) for _ in range(TIMES_FILLED)
            ]
        compared, found = compare(ledger, service), differences(service)

    where = "its tables" if log_elsewhere else "its tables and its log"
    refused = sum(caller.refused for caller in callers)
    tell(f"disk with {where} full {TIMES_FILLED} times: {compared}")
    tell(f"  {refused:,} answers of 503; /readyz meanwhile {', '.join(states)}; {listed(found)}")
    assert compared.is_clean
    assert are_equal(found)
    assert "ready" not in states


def _callers(ships: Fleet, service: Service, ledger: Ledger, people: Crowd) -> list[HttpCaller]:
    _, token = AccessTokens(service.engine).create("caller", [Role.HANDLER])
    callers = [
        HttpCaller(ships.port, token, ledger, chance(f"caller {n}"), people.stop)
        for n in range(CALLERS)
    ]
    for caller in callers:
        people.start(caller.work)
    return callers


def _fill_and_free(
    disk: SmallDisk, server: OwnServer, ships: Fleet, callers: list[HttpCaller], people: Crowd
) -> str:
    """Fill the disk until callers are refused, then make room until they are answered again."""
    ledger = callers[0].ledger

    def until_more(count: object, wanted: int) -> None:
        until(lambda: people.is_well() and count() >= wanted)

    until_more(lambda: len(ledger), len(ledger) + ANSWERS_BETWEEN)
    refused = sum(caller.refused for caller in callers)
    disk.fill()
    if not server.log_elsewhere:
        server.fill_log()
    until_more(lambda: sum(caller.refused for caller in callers), refused + REFUSALS_BETWEEN)
    state = until(lambda: (said := readiness(ships.port)) != "ready" and said)
    disk.free()
    server.start()
    until_more(lambda: len(ledger), len(ledger) + ANSWERS_BETWEEN)
    return str(state)


def readiness(port: int) -> str:
    """What /readyz says: ready, degraded, or the code of the problem."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/readyz")
        shown = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return str(shown.get("code") or shown["status"])
