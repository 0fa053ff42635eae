"""An event of nobody's domain that has changed its form twice, and how each form is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from unittest.mock import patch

from domain import events
from domain.events import CaseEvent
from domain.kinds import Between
from service.upcasting import UPCASTS


@dataclass(frozen=True, kw_only=True)
class ParcelWeighed(CaseEvent):
    """A parcel was put on the scales. Schema 1 had pounds, schema 2 kilograms, 3 has grams."""

    NAME = "parcel_weighed"
    SCHEMA = 3

    weight_grams: Annotated[int, Between(1, 100_000)]


def pounds_to_kilograms(state: dict[str, Any]) -> dict[str, Any]:
    pounds = state.pop("pounds")
    return {**state, "kilograms": pounds * 0.5}


def kilograms_to_grams(state: dict[str, Any]) -> dict[str, Any]:
    kilograms = state.pop("kilograms")
    return {**state, "weight_grams": round(kilograms * 1_000)}


STEPS = {
    ("parcel_weighed", 1): pounds_to_kilograms,
    ("parcel_weighed", 2): kilograms_to_grams,
}


def registered() -> Iterator[None]:
    """Known to the service until the generator is closed; what a fixture yields from."""
    known = {**events.BY_NAME, ParcelWeighed.NAME: ParcelWeighed}
    with patch.dict(UPCASTS, STEPS), patch.object(events, "BY_NAME", known):
        yield
