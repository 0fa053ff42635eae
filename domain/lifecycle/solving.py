"""The steps from the analysis to the plan: a solution is found, chosen and carried out."""

from __future__ import annotations

from domain import decisions as decide
from domain import emotions, events, gate, readiness, routes, rules
from domain.lifecycle.step import APPROVER, Step
from domain.values import Status

STEPS = (
    Step(
        command="analyse",
        event=events.ConflictAnalysed,
        allowed_in=frozenset({Status.CONFIRMED, Status.RISK_ASSESSED}),
        leads_to=Status.ANALYSED,
        decides={"attempt": decide.attempt_of_analysis},
        ready=(readiness.again_only_after_failure, readiness.evidence_complete),
        rules=(rules.main_issue_listed, rules.primary_cause_once),
    ),
    Step(
        command="propose_solution",
        event=events.SolutionProposed,
        allowed_in=frozenset({Status.ANALYSED, Status.SOLUTION_PROPOSED, Status.RISK_ASSESSED}),
        leads_to=Status.SOLUTION_PROPOSED,
        decides={"solution_id": decide.solution_id},
        rules=(rules.replaced_solution_known,),
    ),
    Step(
        command="assess_risk",
        event=events.RiskAssessed,
        allowed_in=frozenset({Status.SOLUTION_PROPOSED, Status.RISK_ASSESSED}),
        decides={"leads_to": decide.status_after_assessment},
        ready=(readiness.something_proposed,),
        rules=(gate.solution_known, gate.four_factors, gate.high_risks_answered),
    ),
    Step(
        command="consult_customer",
        event=events.CustomerConsulted,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        ready=(emotions.person_answers_anger, readiness.something_proposed),
        rules=(gate.solution_known,),
    ),
    Step(
        command="choose_solution",
        event=events.SolutionChosen,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        decides={"comparison": decide.comparison, "approval_reasons": decide.approval_reasons},
        ready=(
            readiness.two_options,
            readiness.feasibility_complete,
            readiness.every_risk_assessed,
            readiness.some_option_open,
            routes.followed_before_choice,
        ),
        rules=(
            gate.solution_known,
            gate.not_rejected_before,
            gate.customer_consulted,
            gate.accepted_or_explained,
            gate.six_principles,
            gate.fair_points_to_evidence,
        ),
    ),
    Step(
        command="approve_solution",
        event=events.SolutionApproved,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        roles=APPROVER,
        decides={"solution_id": decide.chosen_solution_id},
        ready=(
            readiness.something_chosen,
            readiness.four_eyes,
            readiness.not_approved_yet,
            readiness.within_authority,
        ),
    ),
    Step(
        command="reject_solution",
        event=events.SolutionRejected,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        roles=APPROVER,
        decides={"solution_id": decide.chosen_solution_id},
        ready=(readiness.something_chosen, readiness.four_eyes, readiness.not_approved_yet),
    ),
    Step(
        command="complete_plan_step",
        event=events.PlanStepCompleted,
        allowed_in=frozenset({Status.RISK_ASSESSED, Status.RESOLVED, Status.FOLLOWED_UP}),
        ready=(readiness.decision_stands, readiness.something_to_carry_out),
        offered=(readiness.some_plan_step_open,),
        rules=(rules.plan_step_open,),
    ),
    Step(
        command="revise_plan",
        event=events.PlanRevised,
        allowed_in=frozenset({Status.RISK_ASSESSED}),
        decides={"revision": decide.next_plan_revision},
        ready=(readiness.decision_stands,),
    ),
)
