"""What the domain decides itself: the fields of an event that no caller supplies.

Each function takes the case before the step, the event as it stands and the circumstances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain import events
from domain.authority import exceeds_authority
from domain.book_answers import response_needs_approval
from domain.reference_books import CURRENT_EDITION
from domain.solution_values import ComparedSolution
from domain.values import Status

if TYPE_CHECKING:
    from domain.circumstances import Circumstances
    from domain.conflict_case import ConflictCase
    from domain.events import CaseEvent


def reference(case: ConflictCase, event: CaseEvent, by: Circumstances) -> str:
    """The short number people call the case by, e.g. C-2026-000123."""
    return f"C-{by.now.year}-{by.reference_number:06d}"


def edition(case: ConflictCase, event: CaseEvent, by: Circumstances) -> int:
    """The edition of the reference books this case keeps for good."""
    return CURRENT_EDITION


def evidence_id(case: ConflictCase, event: CaseEvent, by: Circumstances) -> str:
    return f"E{len(case.evidence) + 1}"


def attempt_of_analysis(case: ConflictCase, event: CaseEvent, by: Circumstances) -> int:
    """An analysis after a failed solution begins a new attempt."""
    return case.attempt + 1 if case.status is Status.RISK_ASSESSED else case.attempt


def solution_id(case: ConflictCase, event: CaseEvent, by: Circumstances) -> str:
    return f"S{len(case.solutions) + 1}"


def status_after_assessment(
    case: ConflictCase, event: events.RiskAssessed, by: Circumstances
) -> Status:
    """risk_assessed once every proposed solution of this attempt is assessed."""
    waiting = [s for s in case.proposed_solutions if not s.assessment and s.id != event.solution_id]
    return Status.SOLUTION_PROPOSED if waiting else Status.RISK_ASSESSED


def comparison(
    case: ConflictCase, event: CaseEvent, by: Circumstances
) -> tuple[ComparedSolution, ...]:
    """The figures of every solution that stood to choice (S24)."""
    return tuple(
        ComparedSolution(
            solution_id=solution.id,
            feasibility_total=solution.proposal.feasibility.total,
            highest_risk=solution.highest_risk,
        )
        for solution in case.proposed_solutions
    )


APPROVAL_REASONS: Final = ("high_risk", "accepted_risk", "remedy_beyond_limit")


def approval_reasons(
    case: ConflictCase, event: events.SolutionChosen, by: Circumstances
) -> tuple[str, ...]:
    """Why somebody else must approve the choice (S26, S30, S31); empty when nobody must."""
    solution = case.solutions[event.solution_id]
    holds = (
        any(risk.is_high for risk in solution.risks),
        any(
            risk.response is not None and response_needs_approval(case.edition, risk.response)
            for risk in solution.risks
        ),
        exceeds_authority(case, solution.proposal.remedies, by.roles),
    )
    return tuple(reason for reason, held in zip(APPROVAL_REASONS, holds, strict=True) if held)


def chosen_solution_id(case: ConflictCase, event: CaseEvent, by: Circumstances) -> str:
    return case.chosen_solution.id


def next_plan_revision(case: ConflictCase, event: CaseEvent, by: Circumstances) -> int:
    return case.plans[-1].revision + 1


def prevention_id(case: ConflictCase, event: CaseEvent, by: Circumstances) -> str:
    return f"P{len(case.preventions) + 1}"


def next_attempt(case: ConflictCase, event: CaseEvent, by: Circumstances) -> int:
    return case.attempt + 1


def status_after_reopening(case: ConflictCase, event: CaseEvent, by: Circumstances) -> Status:
    """Back to confirmed, or to reported where the customer never agreed to a restatement."""
    return Status.CONFIRMED if case.confirmation else Status.REPORTED


def status_before_merge(case: ConflictCase, event: CaseEvent, by: Circumstances) -> Status:
    return case.status_before_merge
