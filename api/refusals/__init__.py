"""What the domain refuses, as HTTP says it: a status, a title, and what a caller can do about it.

409: the state of the case forbids it; 422: the body contradicts a rule by itself;
403: another credential may do it. An advice may name a member of `params`, or `errors`, only where
that refusal always has it.
"""

from __future__ import annotations

from typing import Final

from api.problem_catalogue import Kind
from api.refusals import (
    alarms,
    any_step,
    commitments,
    exceptional,
    follow_up,
    handling,
    intake,
    outcome,
    raising,
    refusal,
    reviews,
    risk,
    solving,
)

REFUSAL_PROBLEMS: Final[dict[str, Kind]] = {
    **refusal.PROBLEMS,
    **any_step.PROBLEMS,
    **intake.PROBLEMS,
    **solving.PROBLEMS,
    **outcome.PROBLEMS,
    **follow_up.PROBLEMS,
    **handling.PROBLEMS,
    **commitments.PROBLEMS,
    **exceptional.PROBLEMS,
    **raising.PROBLEMS,
    **alarms.PROBLEMS,
    **risk.PROBLEMS,
    **reviews.PROBLEMS,
}
