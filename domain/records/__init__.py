"""Facts that belong to no single case: erasures, holds, who looked, warnings, risks, reviews.

No text that somebody typed stands in them: they outlive every person they concern.
"""

from domain.checking import check
from domain.records.base import Measured, Position, Record
from domain.records.of_alarms import AlarmAcknowledged, AlarmCaseLinked, AlarmClosed, AlarmRaised
from domain.records.of_people import (
    AccessReason,
    LegalHold,
    LegalHoldPlaced,
    LegalHoldReleased,
    PersonalDataAccessed,
    SubjectErased,
    require_one_scope,
)
from domain.records.of_reviews import (
    AuditFiguresRecorded,
    CorrectiveActionAssigned,
    CorrectiveActionDone,
    CorrectiveActionMissed,
    CorrectiveActionOpened,
    CorrectiveActionVerified,
    ReviewDecisionAssigned,
    ReviewDecisionDone,
    ReviewDecisionRescheduled,
    ReviewHeld,
    ReviewMissed,
    ReviewOpened,
    ReviewRhythmBegan,
)
from domain.records.of_risk import IndicatorSupplied
from domain.reference_books import CURRENT_EDITION, edition

__all__ = [
    "ALL",
    "BY_NAME",
    "AccessReason",
    "AlarmAcknowledged",
    "AlarmCaseLinked",
    "AlarmClosed",
    "AlarmRaised",
    "AuditFiguresRecorded",
    "CorrectiveActionAssigned",
    "CorrectiveActionDone",
    "CorrectiveActionMissed",
    "CorrectiveActionOpened",
    "CorrectiveActionVerified",
    "IndicatorSupplied",
    "LegalHold",
    "LegalHoldPlaced",
    "LegalHoldReleased",
    "Measured",
    "PersonalDataAccessed",
    "Position",
    "Record",
    "ReviewDecisionAssigned",
    "ReviewDecisionDone",
    "ReviewDecisionRescheduled",
    "ReviewHeld",
    "ReviewMissed",
    "ReviewOpened",
    "ReviewRhythmBegan",
    "SubjectErased",
    "checked",
    "require_one_scope",
]

ALL: tuple[type[Record], ...] = tuple(Record.__subclasses__())
BY_NAME: dict[str, type[Record]] = {record.NAME: record for record in ALL}


def checked(record: Record) -> None:
    """Check every field by its kind. Raises InvalidValue."""
    check(record, edition(CURRENT_EDITION))
