"""Read model of the audit trail: who did what to which case, when, from where, old and new value.

A change names its field by its place in the case: `channel`, `restatement.fact`,
`solutions.S1.risks`. Its old value is what the case showed there before; None: nothing.
Personal texts are kept sealed, with who may read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain import events
from domain.events import ENVELOPE, CaseEvent
from domain.lifecycle import STEP_OF_EVENT
from domain.values import Status
from projections.read_model import CaseRows, ReadModel, Row
from projections.sealed_texts import as_stored, is_stored_text

NAME = "audit_trail"
METADATA = MetaData(schema=NAME)

ENTRIES = Table(
    "entries",
    METADATA,
    Column("position", BigInteger, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("reference", Text),
    Column("version", Integer, nullable=False),
    Column("step", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("correlation_id", Text, nullable=False),
    Column("causation_id", Text),
    Column("status_before", Text),
    Column("status_after", Text, nullable=False),
    Column("changes", JSONB, nullable=False),
    Index("entries_by_case", "case_id", "position"),
    Index("entries_by_actor", "actor_id", "position"),
    Index("entries_by_step", "step", "position"),
    Index("entries_by_occurrence", "occurred_at"),
    Index("entries_by_record", "recorded_at"),
)
# What each case shows at this moment, field by field: where old values come from.
SHOWN = Table(
    "shown",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("reference", Text),
    Column("status", Text),
    Column("fields", JSONB, nullable=False, default=dict),
)

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
    events.CaseEscalated: "escalation.",
    events.CaseReferred: "referral.",
    events.CaseAssigned: "",
    events.ConflictWithdrawn: "withdrawal.",
    events.CaseMerged: "merge.",
    events.CaseUnmerged: "merge.",
}
"""Where in the case the fields of an event appear."""

DECISION = ("choice.", "approval.")
TAKES_BACK: dict[type[CaseEvent], tuple[str, ...]] = {
    events.ConflictAnalysed: DECISION,
    events.SolutionProposed: DECISION,
    events.RiskAssessed: (*DECISION, "solutions.{solution_id}.consultation."),
    events.SolutionChosen: ("approval.",),
    events.SolutionRejected: DECISION,
    events.CaseReopened: DECISION,
    events.CaseUnmerged: ("merge.",),
}
"""What the case shows no longer after an event; see `domain.remembering`."""

NEVER_OVERWRITTEN = frozenset(
    kind for kind, place in SHOWN_AS.items() if "{version}" in place or "{evidence_id}" in place
)
"""Their fields are in nobody's way later, so they need not be remembered."""

SILENCE_KEEPS = frozenset({events.ConflictFollowedUp, events.ImportedEntryNoted})
"""Where an answer that is missing takes nothing back; elsewhere the newest event stands alone."""

EMPTY: tuple[object, ...] = (None, [])
NO_CHANGES = ENVELOPE | {"leads_to"}


def entered(case: CaseRows, event: CaseEvent) -> None:
    """One row per event."""
    shown = case.row(SHOWN)
    before, after = _moved(shown, event)
    case.add(
        ENTRIES,
        position=case.position,
        case_id=case.id,
        reference=shown["reference"],
        version=event.version,
        step=STEP_OF_EVENT[type(event)].command,
        event=event.NAME,
        actor_id=event.actor.id,
        actor_kind=event.actor.kind,
        via=event.via,
        occurred_at=event.occurred_at,
        recorded_at=case.recorded_at,
        correlation_id=event.correlation_id,
        causation_id=event.causation_id,
        status_before=before,
        status_after=after,
        changes=_changes(shown["fields"], event),
    )


def chosen(case: CaseRows, event: events.SolutionChosen) -> None:
    """The steps of the chosen solution are the plan now: what a revision will replace."""
    entered(case, event)
    fields = case.row(SHOWN)["fields"]
    fields["plan.steps"] = fields.get(f"solutions.{event.solution_id}.steps")


def _moved(shown: Row, event: CaseEvent) -> tuple[str | None, str]:
    """The status before and after; a case that begins had none."""
    before = shown["status"]
    known = Status.REPORTED if before is None else Status(before)
    after = STEP_OF_EVENT[type(event)].status_after(event, known)
    shown["status"] = after.value
    shown["reference"] = getattr(event, "reference", shown["reference"])
    return before, after.value


def _changes(fields: dict[str, Any], event: CaseEvent) -> list[dict[str, Any]]:
    """What the event changes in the fields that the case shows; they are brought up to date."""
    place = SHOWN_AS[type(event)].format_map(_AttributesOf(event))
    said = msgspec.to_builtins(event, enc_hook=as_stored)
    own = {name: value for name, value in said.items() if name not in NO_CHANGES}
    changes = [
        {"field": field, "old": fields.pop(field), "new": None}
        for field in _taken_back(fields, event, place, own)
    ]
    for field, new in _leaves(own, place):
        old = fields.get(field)
        if new != old:
            changes.append({"field": field, "old": old, "new": new})
            if type(event) not in NEVER_OVERWRITTEN:
                fields[field] = new
    return changes


def _taken_back(
    fields: dict[str, Any], event: CaseEvent, place: str, own: dict[str, Any]
) -> list[str]:
    """The fields that show nothing any more: taken back, or left empty by the newest event."""
    kind = type(event)
    gone = [prefix.format_map(_AttributesOf(event)) for prefix in TAKES_BACK.get(kind, ())]
    if kind not in SILENCE_KEEPS and kind not in NEVER_OVERWRITTEN:
        gone += [f"{place}{name}." for name, value in own.items() if value in EMPTY]
    prefixes = tuple(gone)
    return sorted(field for field in fields if f"{field}.".startswith(prefixes))


class _AttributesOf(dict[str, Any]):
    """Lets a place name the event's own attributes, e.g. `{solution_id}`."""

    def __init__(self, event: CaseEvent) -> None:
        super().__init__()
        self._event = event

    def __missing__(self, name: str) -> Any:
        return getattr(self._event, name)


def _leaves(values: dict[str, Any], place: str) -> Iterator[tuple[str, Any]]:
    """Every field with its whole path; a list is one field."""
    for name, value in values.items():
        if isinstance(value, dict) and not is_stored_text(value):
            yield from _leaves(value, f"{place}{name}.")
        elif value not in EMPTY:
            yield f"{place}{name}", value


HANDLERS = dict.fromkeys(SHOWN_AS, entered) | {events.SolutionChosen: chosen}

READ_MODEL = ReadModel(name=NAME, version=1, tables=(ENTRIES, SHOWN), handlers=HANDLERS)
