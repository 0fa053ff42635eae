"""Read model of what early warning counts: one row for each fact that an indicator counts (S54).

Counting is left to the question, by an index over indicator and time: a sum over all cases could
be neither folded case by case nor told as it was known at an earlier position.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from domain import events
from domain.clocks.of_events import ANGER, NEGATIVE
from domain.events import CaseEvent
from domain.values import SatisfactionScore
from projections.indicator_tables import CASES, FACTS, NAME, SCOPES
from projections.read_model import CaseRows, ReadModel

NOWHERE_ELSE: Final[Mapping[str, str | None]] = MappingProxyType({})
THOUSAND: Final = 1_000
NPS_PROMOTER: Final = 9
NPS_PASSIVE: Final = 7


def _count(
    case: CaseRows,
    indicator: str,
    at: datetime,
    *,
    occasions: int = 1,
    value: Fraction | int = 0,
    where: Mapping[str, str | None] = NOWHERE_ELSE,
) -> None:
    """A fact about the case as it is known now; `where`: in what it differs from the case."""
    known = case.find(CASES) or {}
    case.add(
        FACTS,
        position=case.position,
        indicator=indicator,
        occurred_at=at,
        recorded_at=case.recorded_at,
        occasions=occasions,
        thousandths=round(value * THOUSAND),
        **{name: where.get(name) or known.get(name) for name in SCOPES},
    )


def reported(case: CaseRows, event: events.ConflictReported) -> None:
    """A complaint, and an occasion to miss deadlines."""
    case.row(CASES).update(
        channel=event.channel,
        product=event.product_ref,
        touchpoint=event.touchpoint,
        customer=event.subject_ref,
    )
    _count(case, "complaints_reported", event.occurred_at)
    _count(case, "breach_rate", event.occurred_at)
    if event.emotion == ANGER:
        _heard_anger(case, event.version, event.occurred_at)


def imported(case: CaseRows, event: events.CaseImported) -> None:
    """A complaint that another system took in; what it says about it may come at once or later."""
    case.row(CASES).update(channel=event.channel, product=event.product, customer=event.subject_ref)
    _count(case, "complaints_imported", event.occurred_at)
    is_untimely, is_disputed = event.timely is False, event.disputed is True
    _count(case, "imported_untimely_rate", event.occurred_at, value=is_untimely)
    _count(case, "imported_dispute_rate", event.occurred_at, value=is_disputed)
    case.row(CASES).update(is_untimely=is_untimely, is_disputed=is_disputed)


def entry_noted(case: CaseRows, event: events.ImportedEntryNoted) -> None:
    """The first entry that tells of a missed target counts."""
    row = case.row(CASES)
    if event.timely is False and not row["is_untimely"]:
        row["is_untimely"] = True
        _count(case, "imported_untimely_rate", event.occurred_at, occasions=0, value=1)


def confirmed(case: CaseRows, event: events.ConflictConfirmed) -> None:
    """A conflict, which has a type from now on."""
    case.row(CASES).update(
        conflict_type=event.conflict_type, conflict_subtype=event.conflict_subtype
    )
    _count(case, "conflicts_confirmed", event.occurred_at)


def contacted(case: CaseRows, event: events.InteractionLogged) -> None:
    """Anger or a negative sentiment counts, on whichever side it was noted (S10, S57)."""
    is_negative = event.sentiment is not None and event.sentiment.label == NEGATIVE
    if event.emotion == ANGER or is_negative:
        where = {"channel": event.channel, "touchpoint": event.touchpoint}
        _heard_anger(case, event.version, event.occurred_at, where)


def recognised(case: CaseRows, event: events.EmotionRecognised) -> None:
    """What a model heard counts from when it was said, unless a person or a model heard it too."""
    if event.emotion == ANGER or event.sentiment == NEGATIVE:
        _heard_anger(case, event.heard_in, event.said_at)


def _heard_anger(
    case: CaseRows, version: int, at: datetime, where: Mapping[str, str | None] = NOWHERE_ELSE
) -> None:
    heard = case.row(CASES)["angry_versions"]
    if version not in heard:
        heard.append(version)
        _count(case, "angry_contacts", at, where=where)


def promised(case: CaseRows, event: events.CommitmentMade) -> None:
    """An occasion to break a promise."""
    _count(case, "broken_promise_rate", event.occurred_at)


def broken(case: CaseRows, event: events.CommitmentBroken) -> None:
    """A broken promise (S32)."""
    _count(case, "broken_promise_rate", event.occurred_at, occasions=0, value=1)


def assigned(case: CaseRows, event: events.CaseAssigned) -> None:
    """Later facts are those of the unit."""
    case.row(CASES)["unit"] = event.unit


def resolved(case: CaseRows, event: events.ConflictResolved) -> None:
    """An occasion to be reopened."""
    _count(case, "reopen_rate", event.occurred_at)


def reopened(case: CaseRows, event: events.CaseReopened) -> None:
    """What was resolved was not."""
    _count(case, "reopen_rate", event.occurred_at, occasions=0, value=1)


def missed(case: CaseRows, event: events.DeadlineMissed) -> None:
    """A missed deadline."""
    _count(case, "breach_rate", event.occurred_at, occasions=0, value=1)


def followed_up(case: CaseRows, event: events.ConflictFollowedUp) -> None:
    """A score, at the touchpoint that it is about (S55)."""
    if event.score is not None:
        scored(case, event.score, event.occurred_at, event.touchpoint)


def survey_sent(case: CaseRows, event: events.SurveySent) -> None:
    """The answer will be about the same touchpoint."""
    case.row(CASES)["surveyed"][event.survey_id] = event.touchpoint


def survey_answered(case: CaseRows, event: events.SurveyAnswered) -> None:
    """A score, at the touchpoint that the survey asked about (S55)."""
    if event.value is not None:
        score = SatisfactionScore(scale=event.scale, value=event.value)
        touchpoint = case.row(CASES)["surveyed"].get(event.survey_id)
        scored(case, score, event.occurred_at, touchpoint)


def scored(
    case: CaseRows, score: SatisfactionScore, at: datetime, touchpoint: str | None = None
) -> None:
    """Count a score: as promoter or detractor, or on the scale of 1 to 5."""
    if score.scale == "nps":
        _count(case, "nps", at, value=_promotes(score.value), where={"touchpoint": touchpoint})
    else:
        value = _of_five(score.value) if score.scale == "csat_1_10" else score.value
        _count(case, "satisfaction", at, value=value, where={"touchpoint": touchpoint})


def _of_five(of_ten: int) -> Fraction:
    """A score of 1 to 10 on the scale of 1 to 5: ends fall on ends."""
    return 1 + Fraction(4 * (of_ten - 1), 9)


def _promotes(score: int) -> int:
    """Promoters count 100, detractors -100, so that the mean is the net promoter score."""
    if score >= NPS_PROMOTER:
        return 100
    return 0 if score >= NPS_PASSIVE else -100


HANDLERS: Mapping[type[CaseEvent], Callable[[CaseRows, Any], None]] = {
    events.ConflictReported: reported,
    events.CaseImported: imported,
    events.ImportedEntryNoted: entry_noted,
    events.ConflictConfirmed: confirmed,
    events.InteractionLogged: contacted,
    events.EmotionRecognised: recognised,
    events.CommitmentMade: promised,
    events.CommitmentBroken: broken,
    events.CaseAssigned: assigned,
    events.ConflictResolved: resolved,
    events.CaseReopened: reopened,
    events.DeadlineMissed: missed,
    events.ConflictFollowedUp: followed_up,
    events.SurveySent: survey_sent,
    events.SurveyAnswered: survey_answered,
}
NOT_COUNTED: Final = "no indicator counts it"
IGNORED: Mapping[type[CaseEvent], str] = {
    events.ConflictAcknowledged: NOT_COUNTED,
    events.ConflictDismissed: NOT_COUNTED,
    events.EvidenceAttached: NOT_COUNTED,
    events.ConflictAnalysed: NOT_COUNTED,
    events.SolutionProposed: NOT_COUNTED,
    events.RiskAssessed: NOT_COUNTED,
    events.CustomerConsulted: NOT_COUNTED,
    events.SolutionChosen: NOT_COUNTED,
    events.SolutionApproved: NOT_COUNTED,
    events.SolutionRejected: NOT_COUNTED,
    events.PlanStepCompleted: NOT_COUNTED,
    events.PlanRevised: NOT_COUNTED,
    events.LessonsRecorded: NOT_COUNTED,
    events.PreventionPlanned: NOT_COUNTED,
    events.PreventionCompleted: NOT_COUNTED,
    events.PreventionChecked: NOT_COUNTED,
    events.TrainingHeld: NOT_COUNTED,
    events.CaseClosed: NOT_COUNTED,
    events.CaseEscalated: NOT_COUNTED,
    events.CaseReferred: NOT_COUNTED,
    events.ServiceTermsSet: NOT_COUNTED,
    events.CustomerAwaited: NOT_COUNTED,
    events.CustomerHeard: NOT_COUNTED,
    events.MinutesSent: NOT_COUNTED,
    events.DeadlineWarned: NOT_COUNTED,
    events.ConflictWithdrawn: NOT_COUNTED,
    events.CaseMerged: NOT_COUNTED,
    events.CaseUnmerged: NOT_COUNTED,
    events.PersonalDataErased: NOT_COUNTED,
    events.CommitmentApproved: NOT_COUNTED,
    events.CommitmentKept: NOT_COUNTED,
    events.CommitmentWithdrawn: NOT_COUNTED,
    events.AgreementConfirmed: NOT_COUNTED,
    events.OpenPointsSettled: NOT_COUNTED,
    events.ReminderGiven: NOT_COUNTED,
    events.SupplementAsked: NOT_COUNTED,
    events.SupplementSent: NOT_COUNTED,
    events.ProgressUpdated: NOT_COUNTED,
    events.DelayDisclosed: NOT_COUNTED,
    events.TaskForceNamed: NOT_COUNTED,
    events.PlaybookRecorded: NOT_COUNTED,
    events.ApprovalWithdrawn: NOT_COUNTED,
    events.DirectorOrderOpened: NOT_COUNTED,
    events.DirectorPlanDelivered: NOT_COUNTED,
    events.DirectorOrderClosed: NOT_COUNTED,
}

READ_MODEL = ReadModel(
    name=NAME,
    version=1,
    tables=(CASES, FACTS),
    handlers=HANDLERS,
    ignored=IGNORED,
)
