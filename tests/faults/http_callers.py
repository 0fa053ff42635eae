"""Callers over HTTP: a request that got no answer is sent again under the same key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from random import Random
from threading import Event
from typing import Any
from uuid import UUID, uuid4

from api import examples
from tests.api.conftest import REPORT
from tests.faults.callers import Patience
from tests.faults.extent import chance
from tests.faults.ledger import Acknowledged, Ledger

TIMEOUT_SECONDS = 30.0
MESSAGES_MAX = 12
MOVED = 412
REPORTS = (REPORT, examples.body("report", "en"))
"""Of today, of which nothing is due; and of long ago, of which everything is."""

Headers = Mapping[str, str]
NO_HEADERS: Headers = {}


@dataclass(frozen=True)
class Answer:
    """What a caller was told."""

    status: int
    shown: dict[str, Any]
    position: str | None

    def event(self) -> Acknowledged:
        """The event that it tells of. Fails where the request was refused."""
        assert self.status in (200, 201), self.shown
        assert self.position is not None
        return Acknowledged(UUID(self.shown["id"]), self.shown["version"], int(self.position))


@dataclass
class HttpCaller:
    """Reports one case after another and writes to each of them.

    `report`: what is reported. `retries`: requests without an answer that says what became of
    them; `refused`: those among them that got 503 with Retry-After. `moved`: steps that were
    decided anew, since a timer had written to the case meanwhile.
    """

    port: int
    token: str
    ledger: Ledger
    chance: Random
    stop: Event
    report: dict[str, Any]
    retries: int = 0
    refused: int = 0
    moved: int = 0

    def work(self) -> None:
        """Work until told to stop; the request under way is still answered."""
        while not self.stop.is_set():
            case = self._write("/v1/cases", self.report).shown
            steps = ["acknowledge"] + self.chance.randint(0, MESSAGES_MAX) * ["log_interaction"]
            for step in steps:
                if self.stop.is_set():
                    return
                case = self._take(case, step)

    def _take(self, case: dict[str, Any], step: str) -> dict[str, Any]:
        """Take a step, upon what the case has become where it has moved on."""
        path = f"/v1/cases/{case['id']}"
        while True:
            steps = f"{path}/{step.replace('_', '-')}"
            answer = self._write(steps, examples.body(step, "en"), case["version"])
            if answer.status != MOVED:
                return answer.shown
            assert answer.shown["code"] == "case_has_moved"
            self.moved += 1
            case = self._surely("GET", path).shown

    def _write(self, path: str, body: dict[str, Any], seen: int | None = None) -> Answer:
        """Write under a name of its own: what was refused once never happens later."""
        key = uuid4()
        headers = {"Idempotency-Key": str(key)} | ({"If-Match": f'"{seen}"'} if seen else {})
        answer = self._surely("POST", path, json.dumps(body), headers)
        if answer.status != MOVED:
            self.ledger.note(key, answer.event())
        return answer

    def _surely(
        self, method: str, path: str, body: str | None = None, headers: Headers = NO_HEADERS
    ) -> Answer:
        patience = Patience()
        while True:
            answer = self._send(method, path, body, headers)
            if answer is not None:
                return answer
            self.retries += 1
            patience.wait()

    def _send(self, method: str, path: str, body: str | None, headers: Headers) -> Answer | None:
        """The answer; None where nobody knows what became of the request."""
        always = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)) as connection:
            try:
                connection.request(method, path, body, {**always, **headers})
                answer = connection.getresponse()
                shown = json.loads(answer.read())
            except (OSError, HTTPException):
                return None
        if answer.status == 503:
            assert answer.headers["Retry-After"]
            self.refused += 1
            return None
        return Answer(answer.status, shown, answer.headers["Amends-Position"])


def callers(number: int, port: int, token: str, ledger: Ledger, stop: Event) -> list[HttpCaller]:
    """So many callers; every other one reports what is long overdue, so that timers write too."""
    return [
        HttpCaller(port, token, ledger, chance(f"caller {n}"), stop, REPORTS[n % len(REPORTS)])
        for n in range(number)
    ]
