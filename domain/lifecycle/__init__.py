"""What may follow what: the one table every command passes through, whoever sends it."""

from __future__ import annotations

from domain.events import CaseEvent
from domain.lifecycle import (
    commitments,
    exceptional,
    follow_up,
    handling,
    intake,
    outcome,
    raising,
    solving,
)
from domain.lifecycle.step import NEW as NEW
from domain.lifecycle.step import OPEN as OPEN
from domain.lifecycle.step import Step as Step
from domain.values import Status

TABLE: tuple[Step, ...] = (
    *intake.STEPS,
    *solving.STEPS,
    *outcome.STEPS,
    *follow_up.STEPS,
    *handling.STEPS,
    *commitments.STEPS,
    *exceptional.STEPS,
    *raising.STEPS,
)

STEPS: dict[str, Step] = {step.command: step for step in TABLE}
STEP_OF_EVENT: dict[type[CaseEvent], Step] = {step.event: step for step in TABLE}
FIRST_STEPS: tuple[Step, ...] = tuple(step for step in TABLE if step.begins_a_case)
STEPS_IN: dict[Status, tuple[Step, ...]] = {
    status: tuple(step for step in TABLE if status in step.allowed_in) for status in Status
}
"""The steps that each status allows, in the order of the table."""
