"""Valid details for every command, as a caller would give them to the case as it stands."""

from __future__ import annotations

from domain.conflict_case import ConflictCase
from tests.details.commitments import COMMITMENTS
from tests.details.common import Details, Giving
from tests.details.exceptional import EXCEPTIONAL
from tests.details.follow_up import FOLLOW_UP
from tests.details.handling import HANDLING
from tests.details.intake import INTAKE
from tests.details.outcome import OUTCOME
from tests.details.raising import RAISING
from tests.details.solving import SOLVING

DETAILS: Giving = {
    **INTAKE,
    **SOLVING,
    **OUTCOME,
    **FOLLOW_UP,
    **HANDLING,
    **COMMITMENTS,
    **EXCEPTIONAL,
    **RAISING,
}


def details_for(command: str, case: ConflictCase) -> Details:
    """Details that `case` accepts for `command`, once it has come far enough to take it."""
    return DETAILS[command](case)
