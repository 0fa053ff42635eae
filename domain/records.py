"""Facts that belong to no single case: erasures, legal holds, who looked, early warnings.

No text that somebody typed stands in them: they outlive every person they concern.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

from domain.errors import HoldAlreadyReleased, InvalidValue
from domain.kinds import Between, CodeOf, ListLimit, TextLimit, check
from domain.reference_books import CURRENT_EDITION, edition
from domain.values import Actor, Count, ExternalRef, SourceText, SubjectRef, Via

AccessReason = ExternalRef
"""Why somebody looked: a ticket or a file number. No spaces, so that no name hides in it."""
Position = Annotated[int, Between(0, (1 << 63) - 1)]
"""A place in the log."""
Measured = Annotated[Decimal, Between(-1_000_000_000, 1_000_000_000)]
"""What was counted or computed, with at most four decimals."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """What every record carries, besides what the store adds: position and recorded_at."""

    NAME: ClassVar[str]
    SCHEMA: ClassVar[int] = 1

    originator_id: UUID
    originator_version: int
    occurred_at: datetime
    actor: Actor
    via: Via
    correlation_id: Annotated[str, TextLimit(128)]


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


@dataclass(frozen=True, kw_only=True)
class AlarmRaised(Record):
    """A rule of early warning found something; it stores what it saw (S54).

    `occurred_at` is the time of the look, where the window ends. The positions are those of the
    first and the last fact in the windows that were looked at; of the rest see `Finding`.
    """

    NAME = "alarm_raised"

    rule: Annotated[str, CodeOf("warning_rules")]
    rule_version: Count
    level: Annotated[str, CodeOf("alarm_levels")]
    indicator: Annotated[str, CodeOf("indicators")]
    scope: Annotated[str, CodeOf("warning_scopes")]
    scope_value: SourceText | None = None
    window_from: datetime
    value: Measured
    expected: Measured | None = None
    deviation: Measured | None = None
    count: Position
    baseline_count: Position
    from_position: Position
    to_position: Position


@dataclass(frozen=True, kw_only=True)
class AlarmAcknowledged(Record):
    """Somebody saw the alarm and sees to it."""

    NAME = "alarm_acknowledged"

    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class AlarmCaseLinked(Record):
    """A case looks for the root of what the alarm shows (S55)."""

    NAME = "alarm_case_linked"

    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class AlarmClosed(Record):
    """Nothing more is to be done about the alarm, on this ground."""

    NAME = "alarm_closed"

    ground: Annotated[str, CodeOf("alarm_grounds")]
    file_ref: ExternalRef | None = None


ALL: tuple[type[Record], ...] = tuple(Record.__subclasses__())
BY_NAME: dict[str, type[Record]] = {record.NAME: record for record in ALL}


def checked(record: Record) -> None:
    """Check every field by its kind. Raises InvalidValue."""
    check(record, edition(CURRENT_EDITION))


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
