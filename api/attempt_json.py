"""The parts of a case that belong to an attempt: analysis, decision, outcome, lessons."""

from __future__ import annotations

from typing import Any

from api.json_body import rfc3339
from api.rendering import Reader, actor, fact, render
from domain.conflict_case import ConflictCase
from domain.solution import Plan, Solution
from domain.solution_values import Feasibility


def analysis_parts(case: ConflictCase, reader: Reader) -> dict[str, Any]:
    return {"analyses": [fact(event, reader) for event in case.analyses]}


def decision_parts(case: ConflictCase, reader: Reader) -> dict[str, Any]:
    """Solutions with their scores, risks and the customer's word; the choice; the plan."""
    plans = [_plan(case, plan, reader) for plan in case.plans]
    in_force = plans[-1] if plans and case.choice else None
    return {
        "solutions": [_solution(case, solution, reader) for solution in case.solutions.values()],
        "consultations": [fact(event, reader) for event in case.consultations],
        "chosen_solution_id": case.choice.solution_id if case.choice else None,
        "choice": fact(case.choice, reader) if case.choice else None,
        "needs_approval": case.needs_approval,
        "approval": fact(case.approval, reader) if case.approval else None,
        "withdrawn_approval": (
            fact(case.withdrawn_approval, reader) if case.withdrawn_approval else None
        ),
        "plan": in_force,
        "plans": plans,
    }


def _solution(case: ConflictCase, solution: Solution, reader: Reader) -> dict[str, Any]:
    shown = fact(solution.proposal, reader)
    shown["attempt"] = solution.attempt
    shown["status"] = _solution_status(case, solution)
    shown["replaced_by"] = solution.replaced_by
    shown["feasibility"] = _feasibility(solution.proposal.feasibility, reader)
    shown["risk"] = _risk(solution, reader)
    shown["consultation"] = fact(solution.consultation, reader) if solution.consultation else None
    shown["rejection"] = fact(solution.rejection, reader) if solution.rejection else None
    return shown


def _solution_status(case: ConflictCase, solution: Solution) -> str:
    if solution.rejection:
        return "rejected"
    if solution.replaced_by:
        return "replaced"
    if case.choice and case.choice.solution_id == solution.id:
        return "approved" if case.approval else "chosen"
    return "proposed" if solution.attempt == case.attempt else "past"


def _feasibility(feasibility: Feasibility, reader: Reader) -> dict[str, Any]:
    """The five scores, their sum out of 25, and whether none is missing."""
    return {
        **render(feasibility, reader),
        "total": feasibility.total,
        "is_complete": feasibility.is_complete,
    }


def _risk(solution: Solution, reader: Reader) -> dict[str, Any] | None:
    """Each risk with its score out of 25, and the highest of them."""
    if not solution.assessment:
        return None
    risks = [{**render(risk, reader), "score": risk.score} for risk in solution.risks]
    return {
        "risks": risks,
        "highest": solution.highest_risk,
        "occurred_at": rfc3339(solution.assessment.occurred_at),
        "actor": actor(solution.assessment),
    }


def _plan(case: ConflictCase, plan: Plan, reader: Reader) -> dict[str, Any]:
    steps = []
    for number, step in enumerate(plan.steps, start=1):
        done = case.completed_plan_steps.get((plan.revision, number))
        completion = fact(done, reader) if done else None
        steps.append({"number": number, **render(step, reader), "completed": completion})
    return {
        "revision": plan.revision,
        "attempt": plan.attempt,
        "solution_id": plan.solution_id,
        "reason": reader.text(plan.reason),
        "steps": steps,
    }


def outcome_parts(case: ConflictCase, reader: Reader) -> dict[str, Any]:
    """How each attempt ended, what the customer said afterwards, and what was learned."""
    resolutions = [
        {"attempt": attempt, **fact(event, reader)} for attempt, event in case.resolutions.items()
    ]
    current = case.resolutions.get(case.attempt)
    return {
        "resolution": fact(current, reader) if current else None,
        "resolutions": resolutions,
        "follow_ups": [{"attempt": n, **fact(event, reader)} for n, event in case.follow_ups],
        "satisfied": case.satisfied,
        "substantially_solved": case.substantially_solved,
        "lessons": [{"attempt": n, **fact(event, reader)} for n, event in case.lessons],
        "preventions": [_prevention(case, name, reader) for name in case.preventions],
        "trainings": [fact(event, reader) for event in case.trainings],
    }


def _prevention(case: ConflictCase, name: str, reader: Reader) -> dict[str, Any]:
    done, checked = case.preventions_done.get(name), case.preventions_checked.get(name)
    state = "checked" if checked else "completed" if done else "planned"
    return {
        **fact(case.preventions[name], reader),
        "state": state,
        "completion": fact(done, reader) if done else None,
        "check": fact(checked, reader) if checked else None,
    }
