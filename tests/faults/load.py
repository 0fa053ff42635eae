"""The whole service under load on a database server that is about to suffer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from domain.values import Role
from service.access_tokens import AccessTokens
from service.assembly import Service, build
from tests.cli.processes import until
from tests.faults.callers import Crowd, crowd
from tests.faults.extent import chance
from tests.faults.fleet import Fleet, fleet
from tests.faults.http_callers import HttpCaller, callers
from tests.faults.ledger import Comparison, Ledger, compare
from tests.faults.own_server import OwnServer
from tests.faults.read_models import Difference, differences

CALLERS = 8
ENOUGH = 100


@dataclass
class Load:
    """Two web processes, two workers, and callers who never give up."""

    service: Service
    ships: Fleet
    ledger: Ledger
    callers: list[HttpCaller]
    people: Crowd

    @property
    def refused(self) -> int:
        """Answers of 503 so far."""
        return sum(caller.refused for caller in self.callers)

    def until_answered(self) -> None:
        """Wait until callers got many more answers."""
        self._until_more(lambda: len(self.ledger))

    def until_refused(self, number: int = ENOUGH) -> None:
        """Wait until callers got so many more answers of 503."""
        self._until_more(lambda: self.refused, number)

    def _until_more(self, count: Callable[[], int], number: int = ENOUGH) -> None:
        wanted = count() + number
        until(lambda: self.people.is_well() and count() >= wanted)

    def until_not_ready(self) -> str:
        """Wait until /readyz says so, and how: `degraded`, or the code of the problem."""
        return str(until(lambda: (said := self._readiness()) != "ready" and said))

    def _readiness(self) -> str:
        with closing(HTTPConnection("127.0.0.1", self.ships.port, timeout=30)) as connection:
            connection.request("GET", "/readyz")
            shown = json.loads(connection.getresponse().read())
        return str(shown.get("code") or shown["status"])

    def end(self) -> tuple[Comparison, list[Difference]]:
        """Let every caller get an answer, then compare the store and the read models."""
        self.people.join()
        assert self.people.is_well()
        self.ships.until_nothing_is_due()
        return compare(self.ledger, self.service), differences(self.service)


@contextmanager
def under_load(server: OwnServer, output: Path) -> Iterator[Load]:
    """The service at work, stopped at the end."""
    with ExitStack() as stack:
        service = build(server.settings)
        stack.callback(service.engine.dispose)
        ships = stack.enter_context(fleet(service, output, chance("victims")))
        people = stack.enter_context(crowd())
        _, token = AccessTokens(service.engine).create(
            "caller", [Role.HANDLER], actor_kind="person"
        )
        ledger = Ledger()
        load = callers(CALLERS, ships.port, token, ledger, people.stop)
        for caller in load:
            people.start(caller.work)
        yield Load(service, ships, ledger, load, people)
