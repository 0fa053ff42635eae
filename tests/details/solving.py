"""What an analysis, solutions, their choice and their plan say."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from domain.conflict_case import ConflictCase
from domain.personal import PersonalText, RestrictedText, StaffText
from domain.solution_values import (
    Explained,
    Feasibility,
    Money,
    PlanStep,
    PrincipleCheck,
    Remedy,
    Risk,
)
from domain.values import FishboneCause
from tests.details.common import BEGAN_AT, Details, Giving


def remedy(code: str, amount: str | None = None, currency: str = "CNY") -> Remedy:
    """A remedy worth `amount`, or of no stated worth."""
    value = None if amount is None else Money(amount=Decimal(amount), currency=currency)
    return Remedy(remedy=code, value=value)


LATER = BEGAN_AT + timedelta(days=3650)
"""After anything that a test makes up: what a plan sets lies ahead of its step."""
REMEDIES = (
    remedy("apology"),
    remedy("compensation", "900"),
    Remedy(remedy="points", points=300),
)


def feasibility(**changes: int | None) -> Feasibility:
    """Scores on all five dimensions, with some changed or, by None, left out."""
    scores = {"resources": 4, "time": 3, "manpower": 4, "customer_acceptance": 5, "market": 3}
    return Feasibility(**(scores | changes))


def risks(
    likelihood: int = 2, impact: int = 3, response: str | None = "reduce"
) -> tuple[Risk, ...]:
    """The four factors, all judged alike."""
    return tuple(
        Risk(factor=factor, likelihood=likelihood, impact=impact, response=response)
        for factor in ("negative_effect", "legal", "customer_reaction", "market")
    )


def principles(evidence_ids: tuple[str, ...] = ("E1",)) -> tuple[PrincipleCheck, ...]:
    """All six principles met, with the evidence that "fair" points to."""
    codes = ("customer_centred", "fair", "lawful", "flexible", "long_term", "proactive")
    return tuple(
        PrincipleCheck(
            principle=code,
            met=True,
            evidence_ids=evidence_ids if code == "fair" else (),
            note=StaffText("与同类客户一致 As others were treated") if code == "fair" else None,
        )
        for code in codes
    )


def plan(*actions: str, since: datetime = LATER) -> tuple[PlanStep, ...]:
    """An action plan, a day apart from step to step."""
    return tuple(
        PlanStep(
            action=StaffText(action),
            owner="ann",
            due=since + timedelta(days=number),
            priority=2,
        )
        for number, action in enumerate(actions or ("Refund the fee", "向客户致歉"), start=1)
    )


def _analyse(case: ConflictCase) -> Details:
    return {
        "issues": (StaffText("Late delivery 延迟送达"), StaffText("Calls unanswered")),
        "main_issue": 1,
        "primary_cause": "process",
        "secondary_causes": ("staff_error",),
        "surface_cause": StaffText("The parcel lay in the wrong depot"),
        "root_cause": StaffText("分拣规则没有更新"),
        "five_whys": (StaffText("Wrong label"), StaffText("旧的规则")),
        "fishbone": (FishboneCause(category="method", cause=StaffText("Old sorting table")),),
        "kano_class": "basic",
        "stated_needs": (PersonalText("退款"),),
        "unstated_needs": (PersonalText("To be taken seriously"),),
        "accountable": RestrictedText("Depot 4, 李四"),
    }


def _propose_solution(case: ConflictCase) -> Details:
    return {
        "kind": "compensate",
        "title": StaffText(f"Way {len(case.solutions) + 1} 方案"),
        "steps": plan(),
        "expected_effect": StaffText("The customer stays 客户留存"),
        "remedies": REMEDIES,
        "feasibility": feasibility(),
    }


def _assess_risk(case: ConflictCase) -> Details:
    """For the first solution that waits for it; one risk is high, so a choice needs approval."""
    waiting = [s.id for s in case.proposed_solutions if not s.assessment]
    high = Risk(
        factor="legal", likelihood=4, impact=3, response="reduce", note=StaffText("法务已审核")
    )
    return {
        "solution_id": (waiting or [_first_solution(case)])[0],
        "risks": (high, *(risk for risk in risks() if risk.factor != "legal")),
    }


def _consult_customer(case: ConflictCase) -> Details:
    return {
        "solution_id": _first_solution(case),
        "channel": "phone",
        "explained": Explained(pros=True, cons=True, risks=True),
        "answer": "accepted",
        "comment": PersonalText("可以接受"),
    }


def _choose_solution(case: ConflictCase) -> Details:
    return {
        "solution_id": _first_solution(case),
        "principles": principles(),
        "reason": StaffText("Best for the customer 对客户最有利"),
    }


def _first_solution(case: ConflictCase) -> str:
    """The first proposed solution that nobody rejected; S1 where there is none."""
    free = [s.id for s in case.proposed_solutions if not s.rejection]
    return free[0] if free else "S1"


def _first_open_plan_step(case: ConflictCase) -> int:
    if not case.plans:
        return 1
    now = case.plans[-1]
    numbers = range(1, len(now.steps) + 1)
    return next((n for n in numbers if (now.revision, n) not in case.completed_plan_steps), 1)


SOLVING: Giving = {
    "analyse": _analyse,
    "propose_solution": _propose_solution,
    "assess_risk": _assess_risk,
    "consult_customer": _consult_customer,
    "choose_solution": _choose_solution,
    "approve_solution": lambda case: {"comment": StaffText("Agreed 同意")},
    "reject_solution": lambda case: {"reason": StaffText("Too dear 成本过高")},
    "complete_plan_step": lambda case: {
        "step_number": _first_open_plan_step(case),
        "result": PersonalText("Done, the customer has the money 已退款"),
    },
    "revise_plan": lambda case: {
        "reason": StaffText("The effect was missed 未达到预期"),
        "steps": plan("Refund by bank transfer", "再次致歉", "Call back"),
    },
}
