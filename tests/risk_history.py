"""What services supply about customers: one value after the other, at the times they tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

import msgspec
from sqlalchemy import Engine, text

from domain.customer_risk.book import RiskIndicator, risk_book
from domain.customer_risk.supplying import SuppliedIndicator, stream_of
from domain.records import IndicatorSupplied
from domain.values import Actor, ActorKind, Via
from service.record_book import as_stored

BEGINNING = datetime(2025, 1, 6, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INSERT = text("""
    INSERT INTO records (position, recorded_at, originator_id, originator_version, topic, state)
    SELECT position, recorded_at, originator_id, originator_version, topic,
        convert_to(state, 'UTF8')
    FROM json_to_recordset(CAST(:rows AS json)) AS row(position bigint, recorded_at timestamptz,
        originator_id uuid, originator_version integer, topic text, state text)
""")
GRAVE = {
    "spend_change": "-60",
    "late_deliveries": "4",
    "support_contacts": "8",
    "days_since_last_order": "180",
}
"""Values that are worth all points of their indicators, and together enough for a score."""
CALM = {
    "spend_change": "0",
    "late_deliveries": "0",
    "support_contacts": "1",
    "days_since_last_order": "30",
}


@dataclass(frozen=True)
class Told:
    """A value as it is supplied."""

    customer: str
    indicator: str
    value: Decimal
    observed_at: datetime
    known_at: datetime


def told(
    customer: str, at: datetime, values: dict[str, str], late: timedelta = timedelta()
) -> list[Told]:
    """Several values that were observed at one time."""
    return [Told(customer, code, Decimal(each), at, at + late) for code, each in values.items()]


def supplied(at: datetime, values: dict[str, str] | None = None) -> list[SuppliedIndicator]:
    """The same as callers give it."""
    return [
        SuppliedIndicator(indicator=code, value=Decimal(each), observed_at=at)
        for code, each in (values or GRAVE).items()
    ]


def history(random: Random, customers: int, days: int) -> list[Told]:
    """Every day or so something is told of each customer; who is troubled gets worse for a week.

    A tenth is recorded hours late, as far as what is known stays in order; some services' clocks
    are up to four minutes ahead.
    """
    found: list[Told] = []
    indicators = list(risk_book().indicators.values())
    for number in range(customers):
        troubled = BEGINNING + random.randrange(days) * DAY
        watched = random.sample(indicators, random.randrange(4, 13))
        for about in watched:
            found += _of_one(random, f"CUST-{number}", about, troubled, days)
    return sorted(found, key=lambda each: each.known_at)


def _of_one(
    random: Random, customer: str, about: RiskIndicator, troubled: datetime, days: int
) -> Iterable[Told]:
    at, known_at = BEGINNING, BEGINNING
    while at < BEGINNING + days * DAY:
        at += random.choice((HOUR, DAY, DAY, 3 * DAY, 20 * DAY)) * (0.5 + random.random())
        late = random.random() < 0.1
        delay = random.random() * 9 * HOUR if late else -random.random() * 4 * HOUR / 60
        known_at = max(known_at + timedelta(seconds=1), at + delay)
        is_bad = troubled <= at < troubled + 7 * DAY
        way = Decimal(random.gauss(0.9 if is_bad else 0.3, 0.3))
        worth = about.calm + way * (about.alarming - about.calm)
        bounded = min(max(worth, about.least), about.most).quantize(Decimal("0.01"))
        yield Told(customer, about.code, bounded, at, known_at)


class RiskLog:
    """Puts what was told into a log of records, at positions that every reader may see."""

    def __init__(self, database: Engine, first: int = 1) -> None:
        self._database = database
        self._positions = count(first)
        self._versions: dict[str, int] = {}

    def record(self, tells: Sequence[Told]) -> None:
        rows = [self._row(each) for each in sorted(tells, key=lambda each: each.known_at)]
        with self._database.begin() as connection:
            connection.execute(INSERT, {"rows": msgspec.json.encode(rows).decode()})

    def _row(self, each: Told) -> dict[str, Any]:
        version = self._versions[each.customer] = self._versions.get(each.customer, 0) + 1
        stored = as_stored(_record(each, version))
        return {
            "position": next(self._positions),
            "recorded_at": each.known_at,
            "originator_id": stored.originator_id,
            "originator_version": version,
            "topic": stored.topic,
            "state": stored.state.decode(),
        }


def _record(each: Told, version: int) -> IndicatorSupplied:
    return IndicatorSupplied(
        originator_id=stream_of(each.customer),
        originator_version=version,
        occurred_at=each.observed_at,
        actor=Actor(id="crm", kind=ActorKind.SERVICE),
        via=Via.API,
        correlation_id="risk",
        subject_ref=each.customer,
        indicator=each.indicator,
        value=each.value,
    )
