"""Refusals of customers' risk: what cannot be supplied."""

from __future__ import annotations

from domain.errors.refusal import Refusal


class IndicatorNotNewer(Refusal):
    """A value of the indicator is known that was observed at this time or later (S56)."""

    code = "indicator_not_newer"


class ObservedBeforeErasure(Refusal):
    """The customer was erased after this was observed; nothing from before is taken or told."""

    code = "observed_before_erasure"
