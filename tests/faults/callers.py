"""Callers who want an answer: each sends a command again, under the same name, until it has one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from api.outages import is_outage
from domain.conflict_case import ConflictCase
from service.assembly import Service
from service.conflict_cases import Taken
from service.event_store import Command, Pacing
from tests.faults.ledger import Acknowledged, Ledger
from tests.given import WAY_TO, circumstances_for, details_for

FINGERPRINT = bytes(32)
PATIENCE_SECONDS = 180.0
WHOLE_LIFE = tuple(step for steps in WAY_TO.values() for step in steps)


class Patience:
    """How long a caller tries to get one command answered: more than any fault here lasts."""

    def __init__(self) -> None:
        self._pacing = Pacing()
        self._never = Event()
        self._give_up_at = time.monotonic() + PATIENCE_SECONDS

    def wait(self) -> None:
        """Wait before the next try; fails when it is no use any more."""
        assert time.monotonic() < self._give_up_at, "the service never healed"
        self._pacing.wait(self._never)


@dataclass
class Caller:
    """Leads one case after another through its life, and writes down every answer."""

    service: Service
    ledger: Ledger
    chance: Random
    retries: int = 0

    def work(self, stop: Event) -> None:
        """Work until told to stop; the command under way is still answered."""
        while not stop.is_set():
            self.lead_a_case(stop)

    def lead_a_case(self, stop: Event) -> None:
        """Report a case and take its next steps, up to any of them."""
        taken = self._surely(partial(self._begin, ConflictCase(uuid4())))
        for step in WHOLE_LIFE[1 : self.chance.randint(1, len(WHOLE_LIFE))]:
            if stop.is_set():
                return
            taken = self._surely(partial(self._take, taken.case, step))

    def _begin(self, case: ConflictCase, command: Command) -> Taken:
        details = details_for("report", case)
        by = circumstances_for("report")
        return self.service.cases.begin("report", details, by, command=command)

    def _take(self, case: ConflictCase, step: str, command: Command) -> Taken:
        """Take a step of the case as it was last seen: a conflict would be a false one."""
        return self.service.cases.take_step(
            case.id,
            step,
            details_for(step, case),
            expected_version=case.version,
            by=circumstances_for(step),
            command=command,
        )

    def _surely(self, send: Callable[[Command], Taken]) -> Taken:
        command, patience = Command(uuid4(), FINGERPRINT), Patience()
        while True:
            try:
                taken = send(command)
            except Exception as error:
                if not is_outage(error):
                    raise
                self.retries += 1
                patience.wait()
            else:
                answer = Acknowledged(taken.case.id, taken.case.version, taken.position)
                self.ledger.note(command.command_id, answer)
                return taken


@dataclass
class Crowd:
    """Threads that run until the test has seen enough; what one of them raises fails the test."""

    stop: Event = field(default_factory=Event)
    errors: list[BaseException] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    stoppers: list[Callable[[], None]] = field(default_factory=list)

    def start(self, work: Callable[..., object], *arguments: Any) -> None:
        """Run `work(*arguments)` in a thread."""
        thread = Thread(target=self._run, args=(work, arguments))
        self.threads.append(thread)
        thread.start()

    def _run(self, work: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        try:
            work(*arguments)
        except BaseException as error:
            self.errors.append(error)

    def join(self) -> None:
        """Let everybody finish what is under way."""
        self.stop.set()
        for stop in self.stoppers:
            stop()
        for thread in self.threads:
            thread.join()

    def is_well(self) -> bool:
        """True as long as nobody failed; raises what the first one raised."""
        if self.errors:
            raise self.errors[0]
        return True


@contextmanager
def crowd() -> Iterator[Crowd]:
    """A crowd that is stopped at the end, however the block ends."""
    people = Crowd()
    try:
        yield people
    finally:
        people.join()
    assert people.is_well()
