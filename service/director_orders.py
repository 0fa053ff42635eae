"""Directors' orders: raised once, on what all cases of a customer say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

from domain.circumstances import Circumstances
from domain.errors import CaseHasMoved, OrderAlreadyOpen
from domain.order_triggers import Trigger, due_order, orders_of
from domain.values import Actor, ActorKind, Role, Via
from service.conflict_cases import ConflictCases, Taken
from service.event_store import Command, StoreBusy
from service.subjects import Subjects
from service.tries import MOST_TRIES

TIMER: Final = Actor(id="timer", kind=ActorKind.SYSTEM)
COMMANDS: Final = UUID("0b1c7a55-30b5-5f0e-9a3e-7a5d9c1e4f20")
"""The namespace of the names of commands (UUID version 5)."""


@dataclass(frozen=True)
class DirectorOrders:
    """Raises an order for a customer where one is due. Any number of processes may ask."""

    cases: ConflictCases
    subjects: Subjects

    def raise_due(self, subject_ref: str, now: datetime) -> Taken | None:
        """The order that was raised; None where none is due, or somebody else was faster.

        Judged by the log itself, not by a read model. What makes it once is the name of the
        command, which no two transactions can both store: the customer and the number of the
        order, whichever case it would stand in. Raises StoreBusy where the cases keep moving.
        """
        for _ in range(MOST_TRIES):
            cases = self.cases.find(list(self.subjects.cases_of(subject_ref)))
            trigger = due_order(cases.values())
            if trigger is None:
                return None
            number, version = orders_of(cases.values()) + 1, cases[trigger.case_id].version
            try:
                taken = self._open(subject_ref, number, trigger, version, now)
            except (CaseHasMoved, OrderAlreadyOpen):
                continue
            return None if taken.replayed else taken
        raise StoreBusy("the cases of a customer kept moving")

    def _open(
        self, subject_ref: str, number: int, trigger: Trigger, version: int, now: datetime
    ) -> Taken:
        by = Circumstances(
            actor=TIMER,
            roles=frozenset({Role.ADMIN}),
            now=now,
            correlation_id=f"timer:{trigger.code}",
            via=Via.TIMER,
        )
        return self.cases.take_step(
            trigger.case_id,
            "open_director_order",
            {"number": number, "trigger": trigger.code, "grounds": trigger.grounds},
            expected_version=version,
            by=by,
            command=command_of(subject_ref, number),
        )


def command_of(subject_ref: str, number: int) -> Command:
    """The command that opens this order of this customer, the same whoever gives it."""
    name = f"{subject_ref}/{number}"
    return Command(uuid5(COMMANDS, name), sha256(name.encode()).digest())
