"""The decision gate: options, risks, the customer's word and a second pair of eyes (S23 to S31)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Set
from decimal import Decimal
from typing import TYPE_CHECKING

from domain import errors, events
from domain.rules import require_evidence
from domain.solution_values import Remedy

if TYPE_CHECKING:
    from domain.circumstances import Circumstances
    from domain.conflict_case import ConflictCase

    AboutASolution = events.RiskAssessed | events.CustomerConsulted | events.SolutionChosen


def solution_known(case: ConflictCase, event: AboutASolution, by: Circumstances) -> None:
    if not case.is_proposed(event.solution_id):
        raise errors.UnknownSolution(solution_id=event.solution_id)


def four_factors(case: ConflictCase, event: events.RiskAssessed, by: Circumstances) -> None:
    assessed = sorted(risk.factor for risk in event.risks)
    if wrong := _not_once_each(assessed, case.edition.book("risk_factors").codes):
        raise errors.RiskFactorsIncomplete(field="risks", assessed=assessed, **wrong)


def high_risks_answered(case: ConflictCase, event: events.RiskAssessed, by: Circumstances) -> None:
    unanswered = [risk.factor for risk in event.risks if risk.is_high and risk.response is None]
    if unanswered:
        raise errors.RiskResponseMissing(factors=unanswered)


def not_rejected_before(
    case: ConflictCase, event: events.SolutionChosen, by: Circumstances
) -> None:
    if case.solutions[event.solution_id].rejection:
        raise errors.SolutionWasRejected(solution_id=event.solution_id)


def customer_consulted(case: ConflictCase, event: events.SolutionChosen, by: Circumstances) -> None:
    if not case.solutions[event.solution_id].was_explained:
        raise errors.CustomerNotConsulted(solution_id=event.solution_id)


def accepted_or_explained(
    case: ConflictCase, event: events.SolutionChosen, by: Circumstances
) -> None:
    """What the customer did not accept is chosen only with a reason on record (S27)."""
    consultation = case.solutions[event.solution_id].consultation
    if consultation and consultation.answer != "accepted" and event.reason is None:
        raise errors.CustomerHasNotAccepted(
            field="reason", solution_id=event.solution_id, answer=consultation.answer
        )


def six_principles(case: ConflictCase, event: events.SolutionChosen, by: Circumstances) -> None:
    checked = sorted(check.principle for check in event.principles)
    if wrong := _not_once_each(checked, case.edition.book("principles").codes):
        raise errors.PrinciplesIncomplete(field="principles", checked=checked, **wrong)


def _not_once_each(found: Iterable[str], codes: Set[str]) -> dict[str, list[str]]:
    """Which of the codes are missing, and which are there more than once; empty if all is well."""
    counted = Counter(found)
    missing, repeated = codes - counted.keys(), [c for c, times in counted.items() if times > 1]
    wrong = missing or repeated
    return {"missing": sorted(missing), "repeated": sorted(repeated)} if wrong else {}


def fair_points_to_evidence(
    case: ConflictCase, event: events.SolutionChosen, by: Circumstances
) -> None:
    """Evidence that the choice is fair; where it is not, evidence or a note that says why."""
    for number, check in enumerate(event.principles):
        require_evidence(case, check.evidence_ids)
        explained = check.evidence_ids or (check.note and not check.met)
        if check.principle == "fair" and not explained:
            raise errors.FairWithoutEvidence(field=f"principles.{number}.evidence_ids")


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
