"""Callers over HTTP: a request that got no answer is sent again under the same key."""

from __future__ import annotations

import json
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
from tests.faults.ledger import Acknowledged, Ledger

TIMEOUT_SECONDS = 30.0
MESSAGES_MAX = 12


@dataclass
class HttpCaller:
    """Reports one case after another and writes to each of them.

    `retries`: requests without an answer that says what became of them; `refused`: those among
    them that got 503 with Retry-After.
    """

    port: int
    token: str
    ledger: Ledger
    chance: Random
    stop: Event
    retries: int = 0
    refused: int = 0

    def work(self) -> None:
        """Work until told to stop; the request under way is still answered."""
        while not self.stop.is_set():
            case = self._surely("/v1/cases", "report")
            steps = ["acknowledge"] + self.chance.randint(0, MESSAGES_MAX) * ["log_interaction"]
            for step in steps:
                if self.stop.is_set():
                    return
                path = f"/v1/cases/{case['id']}/{step.replace('_', '-')}"
                case = self._surely(path, step, f'"{case["version"]}"')

    def _surely(self, path: str, step: str, seen: str | None = None) -> dict[str, Any]:
        key, patience = uuid4(), Patience()
        headers = {"Idempotency-Key": str(key)} | ({"If-Match": seen} if seen else {})
        # A case of today: timers would add what is due of an older one, and nobody asked for that.
        body = json.dumps(REPORT if step == "report" else examples.body(step, "en"))
        while True:
            answer = self._send(path, body, headers)
            if answer is not None:
                self.ledger.note(key, answer[1])
                return answer[0]
            self.retries += 1
            patience.wait()

    def _send(
        self, path: str, body: str, headers: dict[str, str]
    ) -> tuple[dict[str, Any], Acknowledged] | None:
        """The case and where its event stands; None where nobody knows. Raises where refused."""
        always = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)) as connection:
            try:
                connection.request("POST", path, body, {**always, **headers})
                answer = connection.getresponse()
                shown = json.loads(answer.read())
            except (OSError, HTTPException):
                return None
        if answer.status == 503:
            assert answer.headers["Retry-After"]
            self.refused += 1
            return None
        assert answer.status in (200, 201), shown
        position = int(answer.headers["Amends-Position"])
        return shown, Acknowledged(UUID(shown["id"]), shown["version"], position)
