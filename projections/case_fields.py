"""Where in the case the fields of its events appear: the places that the audit trail names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import lru_cache
from typing import Any

from domain import events
from domain.events import ENVELOPE, CaseEvent
from domain.kinds import fields_of

SHOWN_AS: dict[type[CaseEvent], str] = {
    events.ConflictReported: "",
    events.CaseImported: "",
    events.ImportedEntryNoted: "",
    events.ConflictAcknowledged: "acknowledgements.{version}.",
    events.ConflictConfirmed: "",
    events.ConflictDismissed: "dismissal.",
    events.EvidenceAttached: "evidence.{evidence_id}.",
    events.InteractionLogged: "interactions.{version}.",
    events.ConflictAnalysed: "analysis.",
    events.SolutionProposed: "solutions.{solution_id}.",
    events.RiskAssessed: "solutions.{solution_id}.",
    events.CustomerConsulted: "solutions.{solution_id}.consultation.",
    events.SolutionChosen: "choice.",
    events.SolutionApproved: "approval.",
    events.SolutionRejected: "solutions.{solution_id}.rejection.",
    events.PlanStepCompleted: "plan.done.{step_number}.",
    events.PlanRevised: "plan.",
    events.ConflictResolved: "resolution.",
    events.ConflictFollowedUp: "follow_up.",
    events.LessonsRecorded: "lessons.",
    events.PreventionPlanned: "preventions.{prevention_id}.",
    events.PreventionCompleted: "preventions.{prevention_id}.",
    events.PreventionChecked: "preventions.{prevention_id}.",
    events.TrainingHeld: "trainings.{version}.",
    events.CaseClosed: "",
    events.CaseReopened: "reopening.",
    events.SurveySent: "surveys.{survey_id}.",
    events.SurveyAnswered: "surveys.{survey_id}.answer.",
    events.DirectorOrderOpened: "orders.{order_id}.",
    events.DirectorPlanDelivered: "orders.{order_id}.plan.",
    events.DirectorOrderClosed: "orders.{order_id}.closing.",
    events.CaseEscalated: "escalation.",
    events.CaseReferred: "referral.",
    events.CaseAssigned: "",
    events.ServiceTermsSet: "service_terms.",
    events.CustomerAwaited: "waits.{version}.",
    events.CustomerHeard: "waits.{version}.",
    events.MinutesSent: "minutes.{version}.",
    events.DeadlineWarned: "clocks.{clock}.{run}.warning.",
    events.DeadlineMissed: "clocks.{clock}.{run}.",
    events.CommitmentMade: "commitments.{commitment_id}.",
    events.CommitmentApproved: "commitments.{commitment_id}.approval.",
    events.CommitmentKept: "commitments.{commitment_id}.kept.",
    events.CommitmentWithdrawn: "commitments.{commitment_id}.withdrawal.",
    events.AgreementConfirmed: "agreements_confirmed.{version}.",
    events.OpenPointsSettled: "open_points_settled.{minutes_id}.",
    events.CommitmentBroken: "commitments.{commitment_id}.broken.",
    events.ReminderGiven: "reminders.{version}.",
    events.SupplementAsked: "supplements.{version}.",
    events.SupplementSent: "supplements.{version}.",
    events.ProgressUpdated: "progress.{version}.",
    events.DelayDisclosed: "disclosures.{version}.",
    events.ConflictWithdrawn: "withdrawal.",
    events.CaseMerged: "merge.",
    events.CaseUnmerged: "merge.",
    events.PersonalDataErased: "erasures.{version}.",
    events.EmotionRecognised: "emotions_recognised.{version}.",
    events.TaskForceNamed: "task_force.",
    events.ApprovalWithdrawn: "approval_withdrawal.",
    events.PlaybookRecorded: "playbooks.{version}.",
}
"""Where in the case the fields of an event appear."""

DECISION = ("choice.", "approval.", "approval_withdrawal.")
TAKES_BACK: dict[type[CaseEvent], tuple[str, ...]] = {
    events.ConflictAnalysed: DECISION,
    events.SolutionProposed: DECISION,
    events.RiskAssessed: (*DECISION, "solutions.{solution_id}.consultation."),
    events.SolutionChosen: ("approval.", "approval_withdrawal."),
    events.SolutionApproved: ("approval_withdrawal.",),
    events.SolutionRejected: DECISION,
    events.CaseReopened: DECISION,
    events.ApprovalWithdrawn: ("approval.",),
    events.CaseUnmerged: ("merge.",),
}
"""What the case shows no longer after an event; see `domain.remembering`."""

NEVER_OVERWRITTEN = frozenset(
    kind for kind, place in SHOWN_AS.items() if "{version}" in place or "{evidence_id}" in place
)
"""Their fields are in nobody's way later, so they need not be remembered."""

SILENCE_KEEPS = frozenset(
    {events.ConflictFollowedUp, events.ImportedEntryNoted, events.ServiceTermsSet}
)
"""Where an answer that is missing takes nothing back; elsewhere the newest event stands alone."""

NO_CHANGES = ENVELOPE | {"leads_to"}
"""Told elsewhere: the envelope in columns of its own, `leads_to` as the status after."""


def stated(event: CaseEvent) -> Iterator[tuple[str, Any]]:
    """Every field that an event speaks about, by its place in the case; None: it has no value.

    An object's fields are told one by one; a list is one field, and None when it is empty.
    """
    return _stated_in(event, filled_in(SHOWN_AS[type(event)], event))


def _stated_in(owner: Any, place: str) -> Iterator[tuple[str, Any]]:
    for name, field, is_object in _parts(owner.__class__, place):
        value = getattr(owner, name)
        if is_object and value is not None:
            yield from _stated_in(value, f"{field}.")
        else:
            yield field, None if value == () else value


@lru_cache(maxsize=4_096)
def _parts(kind: type, place: str) -> tuple[tuple[str, str, bool], ...]:
    """The fields of an event or of a value in it: name, place in the case, has fields itself."""
    return tuple(
        (own.name, f"{place}{own.name}", is_dataclass(own.kind.base) and not own.kind.many)
        for own in fields_of(kind)
        if own.name not in NO_CHANGES
    )


def filled_in(place: str, event: CaseEvent) -> str:
    """The place with the event's own attributes, e.g. `solutions.S1.`."""
    return place.format_map(_AttributesOf(event)) if "{" in place else place


class _AttributesOf(dict[str, Any]):
    """Lets a place name the event's own attributes, e.g. `{solution_id}`."""

    def __init__(self, event: CaseEvent) -> None:
        super().__init__()
        self._event = event

    def __missing__(self, name: str) -> Any:
        return getattr(self._event, name)
