"""A proposed solution, and the plan that carries out the chosen one."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events import CustomerConsulted, RiskAssessed, SolutionProposed, SolutionRejected
from domain.personal import StaffText
from domain.solution_values import PlanStep, Risk


@dataclass
class Solution:
    """What became of one proposal: assessed, talked over with the customer, perhaps rejected."""

    proposal: SolutionProposed
    attempt: int
    assessment: RiskAssessed | None = None
    consultation: CustomerConsulted | None = None
    rejection: SolutionRejected | None = None
    replaced_by: str | None = None

    @property
    def id(self) -> str:
        return self.proposal.solution_id

    @property
    def was_explained(self) -> bool:
        """Whether the customer was told all of its pros, cons and risks (S27)."""
        return self.consultation is not None and self.consultation.explained.fully

    @property
    def highest_risk(self) -> int:
        """The highest likelihood x impact, 1 to 25; 0 while nothing is assessed."""
        return max((risk.score for risk in self.risks), default=0)

    @property
    def risks(self) -> tuple[Risk, ...]:
        return self.assessment.risks if self.assessment else ()


@dataclass(frozen=True)
class Plan:
    """An action plan; revision 1 is the chosen solution's own, a higher one has a reason (S38)."""

    revision: int
    attempt: int
    solution_id: str
    steps: tuple[PlanStep, ...]
    reason: StaffText | None = None
