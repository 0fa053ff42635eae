"""Read model of what customers say afterwards: surveys, scores, and directors' orders.

A handler sees one case only. Which scores are invalid, and whether an order is due, depends on
all cases of a customer: questions work the one out, and the watch (`projections.order_watch`)
asks the log for the other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from domain import events
from domain.book_answers import is_low_score
from domain.clocks.policy import policy_of
from domain.events import CaseEvent
from domain.reference_books import edition
from domain.values import SatisfactionScore
from projections import spans
from projections.read_model import CaseRows, ReadModel, Row
from projections.satisfaction_tables import CASES, NAME, ORDERS, SCORES, SURVEYS

PLAN_CLOCK: Final = "director_plan"


def reported(case: CaseRows, event: events.ConflictReported) -> None:
    """A complaint by a channel, which may be a repeat one."""
    _begin(case, event)
    case.row(CASES).update(
        channel=event.channel,
        reported_at=event.occurred_at,
        is_complaint=True,
        check_from=event.version,
    )


def imported(case: CaseRows, event: events.CaseImported) -> None:
    """What was complained of elsewhere is no complaint here."""
    _begin(case, event)


def _begin(case: CaseRows, event: events.ConflictReported | events.CaseImported) -> None:
    case.row(CASES).update(
        subject_ref=event.subject_ref, reference=event.reference, edition=event.edition
    )


def dismissed(case: CaseRows, event: events.ConflictDismissed) -> None:
    """A report that is not pursued is no complaint, until the case is reopened."""
    case.row(CASES)["is_complaint"] = False


def reopened(case: CaseRows, event: events.CaseReopened) -> None:
    """It is pursued after all."""
    _complains(case, event)


def merged(case: CaseRows, event: events.CaseMerged) -> None:
    """The same complaint once more."""
    row = case.row(CASES)
    row.update(is_complaint=False, unmerged_complaint=row["is_complaint"])


def unmerged(case: CaseRows, event: events.CaseUnmerged) -> None:
    """Another complaint after all."""
    if case.row(CASES)["unmerged_complaint"]:
        _complains(case, event)


def _complains(case: CaseRows, event: CaseEvent) -> None:
    row = case.row(CASES)
    row.update(is_complaint=row["channel"] is not None, check_from=event.version)


def followed_up(case: CaseRows, event: events.ConflictFollowedUp) -> None:
    """A score that was given in a talk."""
    if event.score is not None:
        told = {"channel": event.channel, "touchpoint": event.touchpoint, "survey_id": None}
        _score(case, event, event.score, told)


def surveyed(case: CaseRows, event: events.SurveySent) -> None:
    """A survey waits for its answer."""
    case.row(SURVEYS, event.survey_id).update(
        occasion=event.occasion,
        channel=event.channel,
        scale=event.scale,
        touchpoint=event.touchpoint,
        sent_at=event.occurred_at,
    )


def answered(case: CaseRows, event: events.SurveyAnswered) -> None:
    """The survey is answered, perhaps by a score."""
    survey = case.row(SURVEYS, event.survey_id)
    survey["answered_at"] = event.occurred_at
    if event.score is not None:
        told = {name: survey[name] for name in ("channel", "touchpoint", "survey_id")}
        _score(case, event, event.score, told)


def _score(case: CaseRows, event: CaseEvent, score: SatisfactionScore, told: Row) -> None:
    kept = case.row(CASES)
    case.row(SCORES, event.version).update(
        subject_ref=kept["subject_ref"],
        reference=kept["reference"],
        scale=score.scale,
        value=score.value,
        is_low=is_low_score(edition(kept["edition"]), score.scale, score.value),
        given_at=event.occurred_at,
        **told,
    )
    # A good one too: recorded late, it may break a row of identical ones, which then count.
    kept["check_from"] = event.version


def ordered(case: CaseRows, event: events.DirectorOrderOpened) -> None:
    """The director has to see to the customer."""
    kept = case.row(CASES)
    case.row(ORDERS, event.order_id).update(
        subject_ref=kept["subject_ref"],
        reference=kept["reference"],
        edition=kept["edition"],
        number=event.number,
        trigger=event.trigger,
        led_by=event.led_by,
        grounds=[{"case_id": str(each.case_id), "version": each.version} for each in event.grounds],
        state="open",
        opened_at=event.occurred_at,
        plan_due_at=_plan_due_at(kept["edition"], event.occurred_at),
    )


def _plan_due_at(number: int, opened_at: datetime) -> datetime:
    rules = policy_of(number).rules_for(PLAN_CLOCK, {})
    return min(rule.calendar.advance(opened_at, rule.target.length) for rule in rules)


def planned(case: CaseRows, event: events.DirectorPlanDelivered) -> None:
    """The plan is there; whether in time shows by the clock."""
    case.row(ORDERS, event.order_id).update(state="planned", planned_at=event.occurred_at)


def missed(case: CaseRows, event: events.DeadlineMissed) -> None:
    """The plan was not there in time: the n-th run of the clock is that of the n-th order."""
    if event.clock == PLAN_CLOCK:
        case.row(ORDERS, f"D{event.run}")["missed_at"] = event.due_at


def closed(case: CaseRows, event: events.DirectorOrderClosed) -> None:
    """Carried out; what happened while it was open may ask for the next one."""
    case.row(ORDERS, event.order_id).update(state="closed", closed_at=event.occurred_at)
    case.row(CASES)["check_from"] = event.version


HANDLERS: dict[type[CaseEvent], Callable[[CaseRows, Any], None]] = {
    events.ConflictReported: reported,
    events.CaseImported: imported,
    events.ConflictDismissed: dismissed,
    events.CaseReopened: reopened,
    events.CaseMerged: merged,
    events.CaseUnmerged: unmerged,
    events.ConflictFollowedUp: followed_up,
    events.SurveySent: surveyed,
    events.SurveyAnswered: answered,
    events.DirectorOrderOpened: ordered,
    events.DirectorPlanDelivered: planned,
    events.DirectorOrderClosed: closed,
    events.DeadlineMissed: missed,
}
TELLS_NONE_OF_IT: tuple[type[CaseEvent], ...] = (
    events.ImportedEntryNoted,
    events.ConflictAcknowledged,
    events.ConflictConfirmed,
    events.EvidenceAttached,
    events.InteractionLogged,
    events.ConflictAnalysed,
    events.SolutionProposed,
    events.RiskAssessed,
    events.CustomerConsulted,
    events.SolutionChosen,
    events.SolutionApproved,
    events.SolutionRejected,
    events.PlanStepCompleted,
    events.PlanRevised,
    events.ConflictResolved,
    events.LessonsRecorded,
    events.PreventionPlanned,
    events.PreventionCompleted,
    events.PreventionChecked,
    events.TrainingHeld,
    events.CaseClosed,
    events.CaseEscalated,
    events.CaseReferred,
    events.CaseAssigned,
    events.ServiceTermsSet,
    events.CustomerAwaited,
    events.CustomerHeard,
    events.MinutesSent,
    events.DeadlineWarned,
    events.CommitmentMade,
    events.CommitmentApproved,
    events.CommitmentKept,
    events.CommitmentWithdrawn,
    events.AgreementConfirmed,
    events.OpenPointsSettled,
    events.CommitmentBroken,
    events.ReminderGiven,
    events.SupplementAsked,
    events.SupplementSent,
    events.ProgressUpdated,
    events.DelayDisclosed,
    events.ConflictWithdrawn,
    events.PersonalDataErased,
    events.EmotionRecognised,
    events.TaskForceNamed,
    events.ApprovalWithdrawn,
    events.PlaybookRecorded,
)
IGNORED = dict.fromkeys(TELLS_NONE_OF_IT, "it tells no score, survey, complaint or order")

READ_MODEL = ReadModel(
    name=NAME,
    version=3,
    tables=(CASES, SURVEYS, SCORES, ORDERS),
    handlers=spans.noted(HANDLERS, lambda _: CASES),
    ignored=IGNORED,
)
