"""Read model of the lessons-learned report: what each case, attempt and lesson counts for (S58)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Table

from domain import events
from domain.clocks.occasions import REPLIED
from domain.clocks.of_events import occasion_of
from domain.lifecycle import STEP_OF_EVENT
from domain.values import Status
from projections import lessons_playbooks, spans
from projections.lessons_tables import (
    ATTEMPTS,
    CASES,
    IMPORTED,
    LESSONS,
    NAME,
    PREVENTIONS,
    STAGES,
    TRAININGS,
)
from projections.read_model import CaseRows, ReadModel, Row


def reported(case: CaseRows, event: events.ConflictReported) -> None:
    """A case of our own begins its first attempt."""
    case.row(ATTEMPTS, 1)
    case.row(CASES).update(
        reference=event.reference,
        edition=event.edition,
        status=Status.REPORTED,
        reported_at=event.occurred_at,
        channel=event.channel,
        product=event.product_ref,
        customer_ref=event.customer.ref,
    )


def imported(case: CaseRows, event: events.CaseImported) -> None:
    """A case handled elsewhere is kept apart, with what its source says."""
    case.row(IMPORTED).update(
        system=event.source.system,
        received_on=event.received_on,
        status=event.leads_to,
        channel=event.channel,
        product=event.product,
        outcome=event.outcome,
        timely=event.timely,
        disputed=event.disputed,
        reopen_count=event.reopen_count,
    )


def entry_noted(case: CaseRows, event: events.ImportedEntryNoted) -> None:
    """The newest entry that says something counts; one that is silent takes nothing back."""
    row = case.row(IMPORTED)
    row["status"] = event.leads_to
    for name in ("timely", "reopen_count"):
        if getattr(event, name) is not None:
            row[name] = getattr(event, name)


def _replied(row: Row, event: events.CaseEvent) -> None:
    """The earliest time we turned to the customer, as the service clock of it has it (S40)."""
    occasion = occasion_of(event)
    if occasion and REPLIED in occasion.names:
        row["first_reply_at"] = min(row["first_reply_at"] or occasion.at, occasion.at)


def confirmed(case: CaseRows, row: Row, event: events.ConflictConfirmed) -> None:
    """The case gets its kind."""
    for name in ("conflict_type", "conflict_subtype", "complaint_cause", "customer_type"):
        row[name] = getattr(event, name)


def analysed(case: CaseRows, row: Row, event: events.ConflictAnalysed) -> None:
    """The attempt, which may begin here, gets its causes."""
    row["attempt"] = event.attempt
    case.row(ATTEMPTS, event.attempt).update(
        analysed_at=event.occurred_at,
        primary_cause=event.primary_cause,
        root_cause=event.root_cause,
        fishbone=[{"category": bone.category, "cause": bone.cause} for bone in event.fishbone],
    )


def resolved(case: CaseRows, row: Row, event: events.ConflictResolved) -> None:
    """The attempt ends in an outcome."""
    case.row(ATTEMPTS, row["attempt"]).update(
        outcome=event.outcome, upheld=event.upheld, accepted=event.customer_accepts
    )


def followed_up(
    case: CaseRows, row: Row, event: events.ConflictFollowedUp | events.SurveyAnswered
) -> None:
    """The newest answers of the attempt count (S53); one not obtained takes nothing back."""
    attempt = case.row(ATTEMPTS, row["attempt"])
    for name in ("satisfied", "substantially_solved"):
        if getattr(event, name) is not None:
            attempt[name] = getattr(event, name)


def reopened(case: CaseRows, row: Row, event: events.CaseReopened) -> None:
    """A new attempt begins; the earlier one stays and counts as lost."""
    row["reopenings"] += 1
    row["attempt"] = event.attempt
    case.row(ATTEMPTS, event.attempt)


def escalated(case: CaseRows, row: Row, event: events.CaseEscalated | events.CaseReferred) -> None:
    """Somebody higher up, or outside, was called in."""
    row["escalations"] += 1


def learned(case: CaseRows, event: events.LessonsRecorded) -> None:
    """Every record of lessons stays, of lost attempts too."""
    case.row(LESSONS, event.version).update(
        learned_at=event.occurred_at,
        verdict=event.verdict,
        codes=list(event.lesson_codes),
        wrong_behaviours=list(event.wrong_behaviours),
        root=event.root,
        trigger=event.trigger,
        what_worked=event.what_worked,
        what_made_it_worse=event.what_made_it_worse,
        missed_by_early_detection=event.missed_by_early_detection,
    )


def prevention_planned(case: CaseRows, event: events.PreventionPlanned) -> None:
    """A preventive action is to be done by a day."""
    case.row(PREVENTIONS, event.prevention_id).update(
        action=event.action, owner=event.owner, due_on=event.due_on
    )


def prevention_completed(case: CaseRows, event: events.PreventionCompleted) -> None:
    """A preventive action was done."""
    case.row(PREVENTIONS, event.prevention_id)["done_on"] = event.done_on


def prevention_checked(case: CaseRows, event: events.PreventionChecked) -> None:
    """The newest check says what a preventive action was good for."""
    case.row(PREVENTIONS, event.prevention_id).update(effect=event.effect, finding=event.finding)


def trained(case: CaseRows, event: events.TrainingHeld) -> None:
    """People learned from the case (S61)."""
    case.row(TRAININGS, event.version).update(
        held_on=event.held_on,
        participants=event.participants,
        topic=event.topic,
        audience=event.audience,
        effect=event.effect,
    )


def moved(case: CaseRows, row: Row, event: events.CaseEvent) -> None:
    """Nothing but the status counts, and that it may be a reply."""


OwnHandler = Callable[[CaseRows, Row, Any], None]


def _of_own_case(handle: OwnHandler) -> Callable[[CaseRows, events.CaseEvent], None]:
    """Steps count in full for cases of our own; for an imported one, only that it went on."""

    def handler(case: CaseRows, event: events.CaseEvent) -> None:
        if case.find(CASES) is None:
            row = case.row(IMPORTED)
            before = row["status"]
            row["status"] = _status_after(event, before)
            row["went_on"] = row["went_on"] or row["status"] != before
            return
        row = case.row(CASES)
        _replied(row, event)
        handle(case, row, event)
        row["status"] = _status_after(event, row["status"])
        stage = STAGES.get(row["status"])
        if stage and row[stage] is None:
            row[stage] = event.occurred_at

    return handler


def _own_row(case: CaseRows) -> Table:
    return IMPORTED if case.find(CASES) is None else CASES


def _status_after(event: events.CaseEvent, status: str) -> Status:
    return STEP_OF_EVENT[type(event)].status_after(event, Status(status))


READ_MODEL = ReadModel(
    name=NAME,
    version=6,
    tables=(CASES, ATTEMPTS, LESSONS, PREVENTIONS, TRAININGS, IMPORTED),
    handlers=spans.noted(
        {
            events.ConflictReported: reported,
            events.CaseImported: imported,
            events.ImportedEntryNoted: entry_noted,
            events.ConflictAcknowledged: _of_own_case(moved),
            events.InteractionLogged: _of_own_case(moved),
            events.ConflictConfirmed: _of_own_case(confirmed),
            events.ConflictAnalysed: _of_own_case(analysed),
            events.ConflictResolved: _of_own_case(resolved),
            events.ConflictFollowedUp: _of_own_case(followed_up),
            events.SurveyAnswered: _of_own_case(followed_up),
            events.CaseReopened: _of_own_case(reopened),
            events.CaseEscalated: _of_own_case(escalated),
            events.CaseReferred: _of_own_case(escalated),
            events.PlaybookRecorded: _of_own_case(lessons_playbooks.recorded),
            events.MinutesSent: _of_own_case(moved),
            events.SupplementSent: _of_own_case(moved),
            events.ProgressUpdated: _of_own_case(moved),
            events.DelayDisclosed: _of_own_case(moved),
            events.SolutionProposed: _of_own_case(moved),
            events.CustomerConsulted: _of_own_case(moved),
            events.RiskAssessed: _of_own_case(moved),
            events.ConflictDismissed: _of_own_case(moved),
            events.ConflictWithdrawn: _of_own_case(moved),
            events.CaseMerged: _of_own_case(moved),
            events.CaseUnmerged: _of_own_case(moved),
            events.PersonalDataErased: _of_own_case(moved),
            events.CaseClosed: _of_own_case(moved),
            events.LessonsRecorded: learned,
            events.PreventionPlanned: prevention_planned,
            events.PreventionCompleted: prevention_completed,
            events.PreventionChecked: prevention_checked,
            events.TrainingHeld: trained,
        },
        _own_row,
    ),
    ignored={
        events.EvidenceAttached: "evidence is not counted",
        events.SolutionChosen: "the outcome counts, not the way to it",
        events.SolutionApproved: "the outcome counts, not the way to it",
        events.SolutionRejected: "a lost attempt shows when the next one begins",
        events.PlanStepCompleted: "the outcome counts, not the way to it",
        events.PlanRevised: "the outcome counts, not the way to it",
        events.CaseAssigned: "the report names no handler",
        events.SurveySent: "the answer counts",
        events.DirectorOrderOpened: "orders have figures of their own",
        events.DirectorPlanDelivered: "orders have figures of their own",
        events.DirectorOrderClosed: "orders have figures of their own",
        events.ServiceTermsSet: "the report counts what the customer reported",
        events.CustomerAwaited: "times count as the customer sees them, waiting included",
        events.CustomerHeard: "times count as the customer sees them, waiting included",
        events.DeadlineWarned: "due times have figures of their own",
        events.DeadlineMissed: "due times have figures of their own",
        events.CommitmentMade: "promises have figures of their own",
        events.CommitmentApproved: "promises have figures of their own",
        events.CommitmentKept: "promises have figures of their own",
        events.CommitmentWithdrawn: "promises have figures of their own",
        events.AgreementConfirmed: "promises have figures of their own",
        events.OpenPointsSettled: "minutes are no reply to the report",
        events.CommitmentBroken: "promises have figures of their own",
        events.ReminderGiven: "what is reminded of counts, not the reminder",
        events.SupplementAsked: "due times have figures of their own",
        events.EmotionRecognised: "the report counts what people said of the customer",
        events.TaskForceNamed: "the outcome counts, not the way to it",
        events.ApprovalWithdrawn: "the outcome counts, not the way to it",
    },
)
