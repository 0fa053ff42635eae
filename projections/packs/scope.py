"""What a pack is about: a case, a customer or a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from projections.packs.layout import Json, utc


@dataclass(frozen=True)
class Scope:
    """What a pack is about: the cases named, or what was recorded in a period (end excluded)."""

    kind: str
    case_ids: Sequence[UUID] = ()
    subject_ref: str | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None

    def told(self) -> Json:
        """What `pack.json` says of it."""
        if self.recorded_from and self.recorded_to:
            times = (utc(self.recorded_from), utc(self.recorded_to))
            return {"kind": self.kind, "recorded_from": times[0], "recorded_to": times[1]}
        if self.subject_ref is not None:
            return {"kind": self.kind, "subject_ref": self.subject_ref}
        return {"kind": self.kind, "case_id": str(self.case_ids[0])}


def of_case(case_id: UUID) -> Scope:
    return Scope("case", [case_id])


def of_customer(subject_ref: str, case_ids: Sequence[UUID]) -> Scope:
    return Scope("customer", case_ids, subject_ref=subject_ref)


def of_period(recorded_from: datetime, recorded_to: datetime) -> Scope:
    return Scope("period", recorded_from=recorded_from, recorded_to=recorded_to)
