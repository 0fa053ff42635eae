"""The newest values of customers' risk indicators, as they were and as they were known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection

from domain.customer_risk.book import RiskBook
from domain.customer_risk.scoring import Supplied
from domain.customer_risk.supplying import stream_of
from service.erasure_records import erasures_of
from service.risk_statements import NEWEST

EVER: Final = datetime(9998, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class KnownValue:
    """A supplied value with when it was recorded, and who supplied it."""

    supplied: Supplied
    recorded_at: datetime
    actor_id: str
    actor_kind: str


@dataclass(frozen=True)
class Asked:
    """Of whom the newest values are asked that had been observed by an instant."""

    subject_ref: str
    as_of: datetime


def newest_values(
    connection: Connection,
    asked: Sequence[Asked],
    book: RiskBook,
    *,
    known_at: datetime = EVER,
    erased_by: datetime = EVER,
) -> list[dict[str, KnownValue]]:
    """For each asked the newest value of every indicator, by code.

    Counted is what was recorded by `known_at`, but nothing from before an erasure of the person
    that was recorded by `erased_by`.
    """
    if not asked:
        return []
    values = {
        "streams": [str(stream_of(each.subject_ref)) for each in asked],
        "erasures": [str(erasures_of(each.subject_ref)) for each in asked],
        "as_of": [each.as_of for each in asked],
        "codes": list(book.indicators),
        "known_at": known_at,
        "erased_by": erased_by,
    }
    found: list[dict[str, KnownValue]] = [{} for _ in asked]
    for row in connection.execute(NEWEST, values):
        supplied = Supplied(row.indicator, Decimal(row.value), row.observed_at, row.position)
        found[row.number][row.indicator] = KnownValue(
            supplied, row.recorded_at, row.actor_id, row.actor_kind
        )
    return found
