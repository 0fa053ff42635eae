"""Records about people: who was erased, what must be kept, who looked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from domain.errors import HoldAlreadyReleased, InvalidValue
from domain.kinds import CodeOf, ListLimit, TextLimit
from domain.records.base import Record
from domain.value_kinds import Count, ExternalRef, SubjectRef

AccessReason = ExternalRef
"""Why somebody looked: a ticket or a file number. No spaces, so that no name hides in it."""


@dataclass(frozen=True, kw_only=True)
class SubjectErased(Record):
    """Every key of a person was destroyed, and with them what their cases say in words.

    `keys` and `cases`: how many there were at that moment.
    """

    NAME = "subject_erased"

    subject_ref: SubjectRef
    ground: Annotated[str, CodeOf("erasure_grounds")]
    request_ref: ExternalRef | None = None
    keys: Count
    cases: Count


@dataclass(frozen=True, kw_only=True)
class LegalHoldPlaced(Record):
    """What is stored about a person, or about the person of a case, must be kept for now."""

    NAME = "legal_hold_placed"

    subject_ref: SubjectRef | None = None
    case_id: UUID | None = None
    ground: Annotated[str, CodeOf("hold_grounds")]
    matter: ExternalRef


@dataclass(frozen=True, kw_only=True)
class LegalHoldReleased(Record):
    """The reason for keeping it is gone."""

    NAME = "legal_hold_released"

    ground: Annotated[str, CodeOf("hold_release_grounds")]


@dataclass(frozen=True, kw_only=True)
class PersonalDataAccessed(Record):
    """Somebody was shown personal text, or searched in it.

    `what` names the route or the command; `cases` those whose texts were shown, `texts` how many
    texts that were. What they say, and what was searched for, is not repeated.
    """

    NAME = "personal_data_accessed"

    what: Annotated[str, TextLimit(60)]
    credential_id: UUID | None = None
    cases: Annotated[tuple[UUID, ...], ListLimit(10_000)] = ()
    subject_ref: SubjectRef | None = None
    texts: Count
    searched: bool = False
    reason: AccessReason | None = None


@dataclass
class LegalHold:
    """A duty to keep, from its placing to its release."""

    placed: LegalHoldPlaced
    released: LegalHoldReleased | None = field(default=None)

    @property
    def id(self) -> UUID:
        return self.placed.originator_id

    @property
    def stands(self) -> bool:
        return self.released is None

    def concerns(self, subject_ref: str, case_ids: frozenset[UUID]) -> bool:
        """Whether it keeps this person's data, whose cases these are."""
        return self.placed.subject_ref == subject_ref or self.placed.case_id in case_ids

    def release(self, release: LegalHoldReleased) -> None:
        """End it. Raises HoldAlreadyReleased."""
        if self.released is not None:
            raise HoldAlreadyReleased
        self.released = release


def require_one_scope(hold: LegalHoldPlaced) -> None:
    """A hold names a person or a case. Raises InvalidValue."""
    if (hold.subject_ref is None) == (hold.case_id is None):
        raise InvalidValue(field="subject_ref", reason="one_of_two")
