"""The golden cases of directors' orders: read from their table, told in its words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from domain import events
from domain.conflict_case import ConflictCase
from domain.events import CaseEvent
from domain.order_triggers import Trigger, due_order
from domain.personal import PersonalText, StaffText
from domain.values import (
    Actor,
    ActorKind,
    Customer,
    SatisfactionScore,
    Via,
)
from tests.details.common import OTHER_CASE

TABLE = Path(__file__).parent / "golden" / "orders.txt"
MONTH = datetime(2026, 10, 31, tzinfo=UTC)
SCALES = {"/5": "csat_1_5", "/10": "csat_1_10"}
ANN = Actor(id="ann", kind=ActorKind.PERSON)


@dataclass
class CustomerLife:
    """The cases of one customer, made of bare events: nothing is refused here."""

    cases: dict[str, ConflictCase] = field(default_factory=dict)

    def remember(self, name: str, kind: type[CaseEvent], at: datetime, **said: Any) -> None:
        case = self.cases.setdefault(name, ConflictCase(UUID(int=len(self.cases) + 1)))
        event = kind(
            originator_id=case.id,
            originator_version=case.version + 1,
            occurred_at=at,
            actor=ANN,
            via=Via.API,
            correlation_id="c",
            subject_ref="K-1",
            **said,
        )
        case.remember(event)

    def report(self, name: str, channel: str, at: datetime) -> None:
        self.remember(
            name,
            events.ConflictReported,
            at,
            reference=name,
            edition=2 if name[0].islower() else 3,
            channel=channel,
            customer=Customer(ref="K-1"),
            summary=PersonalText("x"),
        )

    def score(self, name: str, scale: str, value: int, at: datetime) -> None:
        score = SatisfactionScore(scale=scale, value=value)
        self.remember(name, events.ConflictFollowedUp, at, channel="phone", score=score)

    def due(self) -> Trigger | None:
        return due_order(self.cases.values())

    def order(self, at: datetime) -> None:
        """Open what is due, in the case it belongs to."""
        due = self.due()
        assert due is not None
        name = self.name_of(due.case_id)
        self.remember(
            name,
            events.DirectorOrderOpened,
            at,
            order_id=f"D{len(self.cases[name].orders) + 1}",
            number=1,
            trigger=due.code,
            grounds=due.grounds,
            led_by="director",
        )

    def close(self, at: datetime) -> None:
        (name,) = (name for name, case in self.cases.items() if case.open_order)
        order = self.cases[name].open_order
        assert order is not None
        said = {"order_id": order.order_id, "result": StaffText("x")}
        self.remember(name, events.DirectorOrderClosed, at, **said)

    def name_of(self, case_id: UUID) -> str:
        return next(name for name, case in self.cases.items() if case.id == case_id)

    def told(self) -> str:
        due = self.due()
        if due is None:
            return "nothing"
        grounds = [f"{self.name_of(each.case_id)}{each.version}" for each in due.grounds]
        return " ".join([due.code, *grounds])


@dataclass(frozen=True)
class OrderCase:
    """One line of the table."""

    name: str
    history: str
    says: str

    def told(self) -> str:
        life, answers = CustomerLife(), []
        for item in map(str.strip, self.history.split(";")):
            if item == "?":
                answers.append(life.told())
            else:
                _take(life, item.split())
        return " & ".join(answers)


def _take(life: CustomerLife, words: list[str]) -> None:
    day, clock, *rest = words
    at = MONTH + timedelta(days=int(day)) + _since_midnight(clock)
    match rest:
        case ["order"]:
            life.order(at)
        case ["closed"]:
            life.close(at)
        case [name, "merged"]:
            said = {"into_case_id": OTHER_CASE, "reason": StaffText("x")}
            life.remember(name, events.CaseMerged, at, **said)
        case [name, "dismissed"]:
            said = {"reason": "outside_scope", "explanation": PersonalText("x")}
            life.remember(name, events.ConflictDismissed, at, alternatives_offered=(), **said)
        case [name, what]:
            _score_or_report(life, name, what, at)


def _score_or_report(life: CustomerLife, name: str, what: str, at: datetime) -> None:
    if found := re.fullmatch(r"nps(\d+)", what):
        life.score(name, "nps", int(found[1]), at)
    elif found := re.fullmatch(r"(\d+)(/\d+)", what):
        life.score(name, SCALES[found[2]], int(found[1]), at)
    else:
        life.report(name, what, at)


def _since_midnight(clock: str) -> timedelta:
    hours, minutes, *seconds = map(int, clock.split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))


def order_cases() -> list[OrderCase]:
    """Every line of the table that is no heading."""
    rows = [line for line in TABLE.read_text("utf-8").splitlines() if line and line[0] != "#"]
    return [OrderCase(*(cell.strip() for cell in row.split("|"))) for row in rows]
