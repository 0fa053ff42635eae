"""Refusals while a solution is found, chosen and carried out."""

from __future__ import annotations

from domain.errors.refusal import Refusal


class MainIssueNotListed(Refusal):
    """The main issue is one of the listed issues (S15)."""

    code = "main_issue_not_listed"


class PrimaryCauseRepeated(Refusal):
    """The primary cause class stands among the secondary ones too (S16)."""

    code = "primary_cause_repeated"


class NoFailedSolution(Refusal):
    """A case is analysed again only after a solution failed."""

    code = "no_failed_solution"


class UnknownSolution(Refusal):
    """This attempt has no such solution."""

    code = "unknown_solution"


class RiskFactorsIncomplete(Refusal):
    """Each of the four risk factors is assessed exactly once (S25)."""

    code = "risk_factors_incomplete"


class RiskResponseMissing(Refusal):
    """Every risk of 12 or more of 25 has a response (S26)."""

    code = "risk_response_missing"


class TooFewOptions(Refusal):
    """A choice is made among at least two proposed solutions (S23)."""

    code = "too_few_options"


class FeasibilityIncomplete(Refusal):
    """Every proposed solution is scored on all five dimensions before a choice (S24)."""

    code = "feasibility_incomplete"


class RiskUnassessed(Refusal):
    """Every proposed solution's risks are assessed before a choice (S25)."""

    code = "risk_unassessed"


class CustomerNotConsulted(Refusal):
    """Pros, cons and risks of the solution were not all explained to the customer (S27)."""

    code = "customer_not_consulted"


class CustomerHasNotAccepted(Refusal):
    """A solution that the customer did not accept is chosen only with a reason (S27)."""

    code = "customer_has_not_accepted"


class PrinciplesIncomplete(Refusal):
    """Each of the six principles is checked exactly once (S28)."""

    code = "principles_incomplete"


class FairWithoutEvidence(Refusal):
    """The principle "fair" points to evidence; where it is not met, a note will do (S28)."""

    code = "fair_without_evidence"


class UnknownEvidence(Refusal):
    """This case has no such evidence."""

    code = "unknown_evidence"


class SolutionWasRejected(Refusal):
    """A rejected solution is not chosen again: propose another."""

    code = "solution_was_rejected"


class NothingChosen(Refusal):
    """No solution is chosen yet."""

    code = "nothing_chosen"


class AlreadyApproved(Refusal):
    """The chosen solution has been approved already."""

    code = "already_approved"


class ApproverIsProposer(Refusal):
    """Who proposed the solution does not decide on it (S31)."""

    code = "approver_is_proposer"


class ApproverIsChooser(Refusal):
    """Who chose the solution does not decide on it (S31)."""

    code = "approver_is_chooser"


class BeyondAuthority(Refusal):
    """The remedies exceed what the approver's roles may grant (S30, S31)."""

    code = "beyond_authority"


class ApprovalMissing(Refusal):
    """The chosen solution needs an approval it does not have (S26, S31)."""

    code = "approval_missing"


class UnknownPlanStep(Refusal):
    """The plan in force has no such step."""

    code = "unknown_plan_step"


class PlanStepAlreadyDone(Refusal):
    """The plan step was completed before."""

    code = "plan_step_already_done"


class RemedyBeyondDecision(Refusal):
    """A granted remedy is not part of the chosen solution, or larger than decided there (S31)."""

    code = "remedy_beyond_decision"
