"""What other services may supply about a customer: known codes, in range, newer than before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID, uuid5

from domain.checking import instant_fault
from domain.customer_risk.book import RiskBook
from domain.errors import (
    IndicatorNotNewer,
    InvalidValue,
    ObservedBeforeErasure,
    OccurredInFuture,
)
from domain.kinds import Between, CodeOf, Figure
from domain.times import CLOCK_TOLERANCE

STREAMS: Final = UUID("5b7a3c1e-9d42-5c88-8f6b-2e0d7c4a9b13")
"""The namespace of the ids of customers' streams (UUID version 5)."""


@dataclass(frozen=True, kw_only=True)
class SuppliedIndicator:
    """A value of one indicator, and when it was observed."""

    indicator: Annotated[str, CodeOf("risk_indicators")]
    value: Annotated[Decimal, Between(-1_000_000_000, 1_000_000_000), Figure()]
    observed_at: datetime


def stream_of(subject_ref: str) -> UUID:
    """The originator of everything that is supplied about a customer."""
    return uuid5(STREAMS, subject_ref)


def require_good(values: Sequence[SuppliedIndicator], now: datetime, book: RiskBook) -> None:
    """Check each value by itself. Raises InvalidValue, OccurredInFuture."""
    seen: set[str] = set()
    for number, each in enumerate(values):
        where = f"indicators.{number}"
        indicator = book.indicators.get(each.indicator)
        if indicator is None or each.indicator in seen:
            reason = "repeated_item" if indicator else "unknown_code"
            raise InvalidValue(field=f"{where}.indicator", reason=reason)
        if not each.value.is_finite():
            raise InvalidValue(field=f"{where}.value", reason="not_finite")
        if not indicator.least <= each.value <= indicator.most:
            reason = f"out_of_range {indicator.least}..{indicator.most}"
            raise InvalidValue(field=f"{where}.value", reason=reason)
        if indicator.is_whole and each.value != int(each.value):
            raise InvalidValue(field=f"{where}.value", reason="not_a_number")
        if fault := instant_fault(each.observed_at):
            raise InvalidValue(field=f"{where}.observed_at", reason=fault)
        if each.observed_at > now + CLOCK_TOLERANCE:
            raise OccurredInFuture(
                field=f"{where}.observed_at",
                tolerance_seconds=int(CLOCK_TOLERANCE.total_seconds()),
            )
        seen.add(each.indicator)


def require_newer(
    values: Sequence[SuppliedIndicator],
    known: Mapping[str, datetime],
    erased_at: datetime | None = None,
) -> None:
    """Raises IndicatorNotNewer, ObservedBeforeErasure.

    `known`: when the newest value of each indicator was observed that is not erased. What was
    observed before the person's last erasure is refused whatever was known then: neither the
    answer nor its time may tell.
    """
    for number, each in enumerate(values):
        if erased_at is not None and each.observed_at <= erased_at:
            field = f"indicators.{number}.observed_at"
            raise ObservedBeforeErasure(field=field, erased_at=erased_at)
        observed_at = known.get(each.indicator)
        if observed_at is not None and each.observed_at <= observed_at:
            raise IndicatorNotNewer(
                field=f"indicators.{number}.observed_at", newest_observed_at=observed_at
            )
