"""What the domain refuses, and by which stable code."""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """A command was refused: nothing was recorded.

    `code` is stable and may be branched on; `params` name codes, numbers and field paths,
    never text that somebody typed.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **params: object) -> None:
        super().__init__(self.code)
        self.params = params

    def __str__(self) -> str:
        named = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code}({named})"


class InvalidValue(Refusal):
    """A value is of the wrong kind: the field path and a reason code say which and why."""

    code = "invalid_value"


class OccurredInFuture(Refusal):
    """`occurred_at` lies more than five minutes ahead of the service's clock."""

    code = "occurred_in_future"


class OccurredBeforeReport(Refusal):
    """A step cannot have occurred before its case was reported; only a contact can."""

    code = "occurred_before_report"


class OccurredBeforeAnswered(Refusal):
    """A step cannot have occurred before what it answers: the promise, the survey, the order."""

    code = "occurred_before_answered"


class DoneInFuture(Refusal):
    """What a step tells as done or agreed lies after the time of the step itself."""

    code = "done_in_future"


class DoneBeforeReport(Refusal):
    """What a step tells as done or agreed lies more than a day before the case's report."""

    code = "done_before_report"


class RoleNotAllowed(Refusal):
    """The caller holds none of the roles that may take this step."""

    code = "role_not_allowed"


class StepNotAllowed(Refusal):
    """The case's status does not allow this step."""

    code = "step_not_allowed"


class CaseNotFound(Refusal):
    """There is no case with this id."""

    code = "case_not_found"


class VersionNotFound(Refusal):
    """The case has no such version (yet)."""

    code = "version_not_found"


class CaseHasMoved(Refusal):
    """Somebody has changed the case since the version that the change names."""

    code = "case_has_moved"


class IdempotencyKeyReused(Refusal):
    """The same idempotency key came with another request before."""

    code = "idempotency_key_reused"


class AlreadyReported(Refusal):
    """A case with the same `source` (system and external id) was reported or imported before."""

    code = "already_reported"


class CustomerHasNotAgreed(Refusal):
    """A conflict is confirmed only once the customer agrees with the restatement (S11)."""

    code = "customer_has_not_agreed"


class SubtypeOfOtherType(Refusal):
    """The subtype belongs to another conflict type (S4)."""

    code = "subtype_of_other_type"


class NoAlternativeOffered(Refusal):
    """A dismissal offers the customer at least one alternative (S35)."""

    code = "no_alternative_offered"


class EvidenceIncomplete(Refusal):
    """Evidence is a document (uri, digest, media type, size) or absent with a reason (S14)."""

    code = "evidence_incomplete"


class EvidenceMissing(Refusal):
    """Before the analysis every evidence kind is attached or declared absent (S14)."""

    code = "evidence_missing"


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


class ScoreOutsideScale(Refusal):
    """The score does not lie on its scale (S51)."""

    code = "score_outside_scale"


class LessonsMissing(Refusal):
    """The step needs the lessons of this attempt to be recorded (S58)."""

    code = "lessons_missing"


class AnswersUnknown(Refusal):
    """A case is closed once both answers are known: satisfied, substantially solved (S53)."""

    code = "answers_unknown"


class UnknownPrevention(Refusal):
    """This case has no such preventive action."""

    code = "unknown_prevention"


class PreventionAlreadyDone(Refusal):
    """The preventive action was completed before."""

    code = "prevention_already_done"


class PreventionNotDone(Refusal):
    """The effect of a preventive action is checked after it was done (S60)."""

    code = "prevention_not_done"


class MergedIntoItself(Refusal):
    """A case is not merged into itself, nor into a case that leads back to it."""

    code = "merged_into_itself"


class HandledHere(Refusal):
    """People went on with an imported case here: the source's log no longer moves its status."""

    code = "handled_here"


class OtherCaseNotFound(Refusal):
    """There is no case with the id that a case is to be merged into."""

    code = "other_case_not_found"


class NotImported(Refusal):
    """Entries of a source's log belong to imported cases only."""

    code = "not_imported"


class SubjectNotFound(Refusal):
    """No case and no key names this person."""

    code = "subject_not_found"


class LegalHoldStands(Refusal):
    """A legal hold keeps this person's data: nothing is erased until it is released."""

    code = "legal_hold_stands"


class HoldNotFound(Refusal):
    """There is no legal hold with this id."""

    code = "hold_not_found"


class HoldAlreadyReleased(Refusal):
    """The legal hold was released before."""

    code = "hold_already_released"


class NoTermsGiven(Refusal):
    """Setting terms names at least one of them."""

    code = "no_terms_given"


class AlreadyAwaitingCustomer(Refusal):
    """The case waits for the customer already."""

    code = "already_awaiting_customer"


class NotAwaitingCustomer(Refusal):
    """Nobody said that the case waits for the customer."""

    code = "not_awaiting_customer"


class UnknownClockRun(Refusal):
    """The case has no such run of this clock."""

    code = "unknown_clock_run"


class DeadlineNotReached(Refusal):
    """The due time, or the time to warn of it, lies ahead, was met, or is on hold."""

    code = "deadline_not_reached"


class DeadlineAlreadyRecorded(Refusal):
    """The warning or the breach of this run is on record already."""

    code = "deadline_already_recorded"


class UnknownCommitment(Refusal):
    """The case has no such promise, or none for which the step could be taken."""

    code = "unknown_commitment"


class CommitmentNotOpen(Refusal):
    """The promise was kept, withdrawn, replaced, approved or cancelled before."""

    code = "commitment_not_open"


class CommitmentNotApproved(Refusal):
    """A promise of this kind, or to this type of customer, needs approval to be put in writing."""

    code = "commitment_not_approved"


class ApproverIsPromiser(Refusal):
    """Who made a promise does not approve it (four eyes)."""

    code = "approver_is_promiser"


class DueInPast(Refusal):
    """A promise is made, and approved, before the time by which it is to be kept."""

    code = "due_in_past"


class VaguePromise(Refusal):
    """A promise says by what one can tell that it is kept, not just the same again (S32)."""

    code = "vague_promise"


class ChangeNotAgreed(Refusal):
    """A promise that the customer has is withdrawn or replaced with the customer's agreement."""

    code = "change_not_agreed"


class PromisesOpen(Refusal):
    """A case is not closed while promises are open (S32)."""

    code = "promises_open"


class UnknownAgreement(Refusal):
    """Nothing of this id was agreed with the customer, so that it could be confirmed."""

    code = "unknown_agreement"


class SameChannel(Refusal):
    """An agreement is confirmed on another channel than the one it was made on (S12)."""

    code = "same_channel"


class NoOpenPoints(Refusal):
    """These minutes left nothing open, or it is settled."""

    code = "no_open_points"


class NotApproved(Refusal):
    """There is no approval that could be taken back."""

    code = "not_approved"


class AlreadyCarriedOut(Refusal):
    """Steps of the approved plan are done: the approval can no longer be taken back."""

    code = "already_carried_out"


class NoWordsHeard(Refusal):
    """An emotion is recognised in something that the customer said in this case (S57)."""

    code = "no_words_heard"


class EmotionAlreadyRecognised(Refusal):
    """The same model has told what it heard in these words."""

    code = "emotion_already_recognised"


class PersonMustTakeOver(Refusal):
    """The customer is angry: a machine answers no more until a person has escalated (S10, S57)."""

    code = "person_must_take_over"


class TaskForceMissing(Refusal):
    """A case of this severity is decided by a named task force (S39)."""

    code = "task_force_missing"


class DirectorNotInformed(Refusal):
    """A case of this severity is resolved once a director knows of it (S39)."""

    code = "director_not_informed"


class SurveyBeforeResolution(Refusal):
    """Nothing stands resolved that the customer could be asked about."""

    code = "survey_before_resolution"


class UnknownSurvey(Refusal):
    """The case has no such survey."""

    code = "unknown_survey"


class SurveyAlreadyAnswered(Refusal):
    """The survey was answered before."""

    code = "survey_already_answered"


class NothingAnswered(Refusal):
    """An answer says at least one thing."""

    code = "nothing_answered"


class OrderAlreadyOpen(Refusal):
    """The case bears a director's order that is not closed yet."""

    code = "order_already_open"


class NoOrderOpen(Refusal):
    """The case bears no director's order that is open."""

    code = "no_order_open"


class OrderPlanMissing(Refusal):
    """A director's order is closed after its plan was delivered."""

    code = "order_plan_missing"


class OrderPlanAlreadyDelivered(Refusal):
    """The plan of the director's order was delivered before."""

    code = "order_plan_already_delivered"


class AlarmNotFound(Refusal):
    """There is no alarm with this id."""

    code = "alarm_not_found"


class AlarmHasMoved(Refusal):
    """The change names a version that is no longer the alarm's newest."""

    code = "alarm_has_moved"


class AlarmAlreadyAcknowledged(Refusal):
    """The alarm was acknowledged before."""

    code = "alarm_already_acknowledged"


class AlarmAlreadyClosed(Refusal):
    """The alarm was closed before."""

    code = "alarm_already_closed"


class RootCauseCaseMissing(Refusal):
    """Such an alarm is closed as seen to once a case looks for its root cause (S55)."""

    code = "root_cause_case_missing"


class CaseAlreadyLinked(Refusal):
    """The case is linked to the alarm already."""

    code = "case_already_linked"


class NothingHandedOver(Refusal):
    """Calling a mediator in hands over a background file, evidence or the background (S36)."""

    code = "nothing_handed_over"


class NothingAsked(Refusal):
    """Nobody waits for supplementary material."""

    code = "nothing_asked"


class BlockersUnanswered(Refusal):
    """A progress update that names blockers says what is done about them (S46)."""

    code = "blockers_unanswered"


class NothingDelayed(Refusal):
    """A disclosure names either an open promise, or an open run of a clock that is not paused."""

    code = "nothing_delayed"


class NoDelay(Refusal):
    """What is expected by its due time is not late."""

    code = "no_delay"


class UnknownPlaybookStep(Refusal):
    """The playbook of the case has no such step."""

    code = "unknown_playbook_step"


class SkippedWithoutReason(Refusal):
    """A step of the playbook is left out for a reason (S6)."""

    code = "skipped_without_reason"


def all_refusals() -> tuple[type[Refusal], ...]:
    """Every refusal the domain knows, in the order of this file."""
    return tuple(Refusal.__subclasses__())
