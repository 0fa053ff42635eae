"""Records about customers' risk: what other services supply (S56)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.kinds import CodeOf
from domain.records.base import Measured, Record
from domain.value_kinds import SubjectRef


@dataclass(frozen=True, kw_only=True)
class IndicatorSupplied(Record):
    """Another service told the value of an indicator about a customer (S56).

    `occurred_at`: when it was observed. All values of a customer are one stream.
    """

    NAME = "indicator_supplied"

    subject_ref: SubjectRef
    indicator: Annotated[str, CodeOf("risk_indicators")]
    value: Measured
