"""How a confirmed conflict is understood and a solution found, approved and carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.events.envelope import CaseEvent
from domain.kinds import CodeOf, EachOnce, ListLimit
from domain.solution_values import (
    ComparedSolution,
    Explained,
    Feasibility,
    PlanStep,
    PrincipleCheck,
    Remedy,
    Risk,
)
from domain.value_kinds import (
    Channel,
    LocalId,
    LongPersonalText,
    LongStaffText,
    Ordinal,
    ShortRestrictedText,
    ShortStaffText,
)
from domain.values import FishboneCause, Status


@dataclass(frozen=True, kw_only=True)
class ConflictAnalysed(CaseEvent):
    """We know what it is about, on the surface and at the root."""

    NAME = "conflict_analysed"

    attempt: int
    issues: Annotated[tuple[ShortStaffText, ...], ListLimit(20, least=1)]
    main_issue: Ordinal
    primary_cause: Annotated[str, CodeOf("cause_classes")]
    secondary_causes: tuple[Annotated[str, CodeOf("cause_classes")], ...] = ()
    surface_cause: LongStaffText
    root_cause: LongStaffText
    five_whys: Annotated[tuple[LongStaffText, ...], ListLimit(5, least=1)]
    fishbone: tuple[FishboneCause, ...] = ()
    kano_class: Annotated[str, CodeOf("kano_classes")] | None = None
    stated_needs: Annotated[tuple[LongPersonalText, ...], ListLimit(20)] = ()
    unstated_needs: Annotated[tuple[LongPersonalText, ...], ListLimit(20)] = ()
    accountable: ShortRestrictedText | None = None


@dataclass(frozen=True, kw_only=True)
class SolutionProposed(CaseEvent):
    """A way out is on the table; it may replace an earlier proposal of the same attempt."""

    NAME = "solution_proposed"

    solution_id: LocalId
    replaces: LocalId | None = None
    kind: Annotated[str, CodeOf("solution_kinds")]
    title: ShortStaffText
    steps: Annotated[tuple[PlanStep, ...], ListLimit(50, least=1)]
    expected_effect: LongStaffText
    remedies: Annotated[tuple[Remedy, ...], ListLimit(20)] = ()
    feasibility: Feasibility


@dataclass(frozen=True, kw_only=True)
class RiskAssessed(CaseEvent):
    """What could go wrong with one solution, in numbers.

    `leads_to` is decided: risk_assessed once every proposed solution is assessed.
    """

    NAME = "risk_assessed"

    solution_id: LocalId
    risks: Annotated[tuple[Risk, ...], ListLimit(4), EachOnce("risk_factors")]
    leads_to: Status


@dataclass(frozen=True, kw_only=True)
class CustomerConsulted(CaseEvent):
    """The customer heard the pros, cons and risks of a solution, and answered (S27)."""

    NAME = "customer_consulted"

    solution_id: LocalId
    channel: Channel
    explained: Explained
    answer: Annotated[str, CodeOf("consultation_answers")]
    comment: LongPersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class SolutionChosen(CaseEvent):
    """One of at least two solutions was chosen, with the comparison it was chosen on.

    `approval_reasons` is decided: why somebody else must approve; empty when nobody must.
    """

    NAME = "solution_chosen"

    solution_id: LocalId
    principles: Annotated[tuple[PrincipleCheck, ...], ListLimit(6), EachOnce("principles")]
    reason: LongStaffText | None = None
    comparison: tuple[ComparedSolution, ...]
    approval_reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SolutionApproved(CaseEvent):
    """Somebody other than proposer and chooser agreed to the chosen solution."""

    NAME = "solution_approved"

    solution_id: LocalId
    comment: LongStaffText | None = None


@dataclass(frozen=True, kw_only=True)
class SolutionRejected(CaseEvent):
    """Somebody other than proposer and chooser refused the chosen solution."""

    NAME = "solution_rejected"

    solution_id: LocalId
    reason: LongStaffText


@dataclass(frozen=True, kw_only=True)
class PlanStepCompleted(CaseEvent):
    """A step of the plan in force was done; steps are numbered from 1."""

    NAME = "plan_step_completed"

    step_number: Ordinal
    result: LongPersonalText | None = None


@dataclass(frozen=True, kw_only=True)
class PlanRevised(CaseEvent):
    """The plan missed its effect and was changed; the earlier plan stays readable (S38)."""

    NAME = "plan_revised"

    revision: int
    reason: LongStaffText
    steps: Annotated[tuple[PlanStep, ...], ListLimit(50, least=1)]
