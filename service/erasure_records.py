"""What is on record of an erasure: that it happened, to whom, and where it stands in the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from domain.circumstances import Circumstances
from domain.records import SubjectErased
from service.record_book import LoggedRecord, envelope

ERASURES_OF: Final = UUID("6f1d8f0e-4a0c-5e1b-9a55-2b0f3c7d1e66")
"""The name space (RFC 9562, version 5) in which a person's erasures have their originator."""


@dataclass(frozen=True)
class Erasure:
    """A person was erased: the record of it, and where it stands in the log.

    `is_new` is False where it had been done before, and this is the same answer again.
    """

    record: SubjectErased
    position: int
    recorded_at: datetime
    is_new: bool

    @property
    def id(self) -> UUID:
        """What the events of the cases name it by."""
        return uuid5(self.record.originator_id, str(self.record.originator_version))

    def covers(self, told: LoggedRecord) -> bool:
        """Whether a record about the person goes with it: told, or observed, before it.

        Where both were under way at once, a value may stand behind it that was observed before.
        """
        return told.position < self.position or told.record.occurred_at <= self.recorded_at


def erasures_of(subject_ref: str) -> UUID:
    """The originator of a person's erasures."""
    return uuid5(ERASURES_OF, subject_ref)


def erasure_record(
    subject_ref: str,
    by: Circumstances,
    before: Erasure | None,
    ground: str,
    request_ref: str | None,
    keys: int,
    cases: int,
) -> SubjectErased:
    """The record that follows the one before, if the person was erased before."""
    version = before.record.originator_version + 1 if before else 1
    return SubjectErased(
        **envelope(erasures_of(subject_ref), version, by),
        subject_ref=subject_ref,
        ground=ground,
        request_ref=request_ref,
        keys=keys,
        cases=cases,
    )


def as_erasure(logged: LoggedRecord, *, is_new: bool) -> Erasure:
    """The erasure that a record in the log tells of."""
    return Erasure(logged.record, logged.position, logged.recorded_at, is_new)
