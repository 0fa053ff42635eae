"""The decision gate: options, risks, the customer's word and a second pair of eyes (S23 to S31)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from domain import errors, events
from domain.authority import exceeds_authority
from domain.rules import require_evidence
from domain.values import Remedy

if TYPE_CHECKING:
    from domain.circumstances import Circumstances
    from domain.conflict_case import ConflictCase
    from domain.events import CaseEvent

    AboutASolution = events.RiskAssessed | events.CustomerConsulted | events.SolutionChosen


def solution_known(case: ConflictCase, event: AboutASolution, by: Circumstances) -> None:
    if not case.is_proposed(event.solution_id):
        raise errors.UnknownSolution(solution_id=event.solution_id)


def four_factors(case: ConflictCase, event: events.RiskAssessed, by: Circumstances) -> None:
    assessed = sorted(risk.factor for risk in event.risks)
    if assessed != sorted(case.edition.book("risk_factors").codes):
        raise errors.RiskFactorsIncomplete(assessed=assessed)


def high_risks_answered(case: ConflictCase, event: events.RiskAssessed, by: Circumstances) -> None:
    unanswered = [risk.factor for risk in event.risks if risk.is_high and risk.response is None]
    if unanswered:
        raise errors.RiskResponseMissing(factors=unanswered)


def two_options(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    proposed = len(case.proposed_solutions)
    if proposed < 2:
        raise errors.TooFewOptions(proposed=proposed, needed=2)


def not_rejected_before(
    case: ConflictCase, event: events.SolutionChosen, by: Circumstances
) -> None:
    if case.solutions[event.solution_id].rejection:
        raise errors.SolutionWasRejected(solution_id=event.solution_id)


def feasibility_complete(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    incomplete = [s.id for s in case.proposed_solutions if not s.proposal.feasibility.is_complete]
    if incomplete:
        raise errors.FeasibilityIncomplete(solution_ids=incomplete)


def every_risk_assessed(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    unassessed = [s.id for s in case.proposed_solutions if not s.assessment]
    if unassessed:
        raise errors.RiskUnassessed(solution_ids=unassessed)


def customer_consulted(case: ConflictCase, event: events.SolutionChosen, by: Circumstances) -> None:
    consultation = case.solutions[event.solution_id].consultation
    if consultation is None or not consultation.explained.fully:
        raise errors.CustomerNotConsulted(solution_id=event.solution_id)


def six_principles(case: ConflictCase, event: events.SolutionChosen, by: Circumstances) -> None:
    checked = sorted(check.principle for check in event.principles)
    if checked != sorted(case.edition.book("principles").codes):
        raise errors.PrinciplesIncomplete(checked=checked)


def fair_points_to_evidence(
    case: ConflictCase, event: events.SolutionChosen, by: Circumstances
) -> None:
    for check in event.principles:
        require_evidence(case, check.evidence_ids)
        if check.principle == "fair" and not check.evidence_ids:
            raise errors.FairWithoutEvidence


def something_chosen(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    if case.choice is None:
        raise errors.NothingChosen


def not_approved_yet(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    if case.approval is not None:
        raise errors.AlreadyApproved


def four_eyes(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    """Approver, proposer and chooser: the approver is neither of the other two (S31)."""
    if event.actor.id == case.chosen_solution.proposal.actor.id:
        raise errors.ApproverIsProposer
    if case.choice and event.actor.id == case.choice.actor.id:
        raise errors.ApproverIsChooser


def within_authority(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    if exceeds_authority(case, case.chosen_solution.proposal.remedies, by.roles):
        raise errors.BeyondAuthority


def decision_stands(case: ConflictCase, event: CaseEvent, by: Circumstances) -> None:
    """A solution is chosen and, where the choice asked for it, approved."""
    something_chosen(case, event, by)
    if case.choice and case.needs_approval:
        raise errors.ApprovalMissing(reasons=case.choice.approval_reasons)


def remedies_as_decided(
    case: ConflictCase, event: events.ConflictResolved, by: Circumstances
) -> None:
    """Nothing is granted that was not weighed, and nothing beyond its decided worth."""
    decided = _totals(case.chosen_solution.proposal.remedies)
    for what, granted in _totals(event.remedies).items():
        if granted > decided.get(what, 0):
            raise errors.RemedyBeyondDecision(remedy=what[0])


def _totals(remedies: tuple[Remedy, ...]) -> dict[tuple[str, str], Decimal]:
    """How often each remedy is listed, and what it is worth in each currency and in points."""
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for remedy in remedies:
        totals[remedy.remedy, "times"] += 1
        if remedy.value is not None:
            totals[remedy.remedy, remedy.value.currency] += remedy.value.amount
        if remedy.points is not None:
            totals[remedy.remedy, "points"] += remedy.points
    return totals
