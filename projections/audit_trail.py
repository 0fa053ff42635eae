"""Read model of the audit trail: who did what to which case, when, from where, old and new value.

A change names its field by its place in the case: `channel`, `restatement.fact`,
`solutions.S1.risks`. Its old value is what the case showed there before. No value is kept here:
the events have them. An entry keeps only, for each field that showed something before, the
position of the event that had put it there; so no personal text has a second home.
"""

from __future__ import annotations

from typing import Any

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
from domain.events import CaseEvent
from domain.lifecycle import STEP_OF_EVENT
from domain.values import Status
from projections.case_fields import (
    NEVER_OVERWRITTEN,
    SHOWN_AS,
    SILENCE_KEEPS,
    TAKES_BACK,
    filled_in,
    stated,
)
from projections.read_model import CaseRows, ReadModel, Row

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
    Column("was", JSONB, nullable=False, default=dict),
    Index("entries_by_case", "case_id", "position"),
    Index("entries_by_actor", "actor_id", "position"),
    Index("entries_by_step", "step", "position"),
    Index("entries_by_occurrence", "occurred_at"),
    Index("entries_by_record", "recorded_at"),
)
# What each case shows at this moment: for every field, which entry holds its value.
SHOWN = Table(
    "shown",
    METADATA,
    Column("case_id", Uuid, primary_key=True),
    Column("reference", Text),
    Column("status", Text),
    Column("fields", JSONB, nullable=False, default=dict),
)


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
        was=_overwritten(shown["fields"], event, case.position),
    )


def chosen(case: CaseRows, event: events.SolutionChosen) -> None:
    """The steps of the chosen solution are the plan now: what a revision will replace."""
    entered(case, event)
    fields = case.row(SHOWN)["fields"]
    steps = f"solutions.{event.solution_id}.steps"
    if steps in fields:
        fields["plan.steps"] = [fields[steps], steps]


def _moved(shown: Row, event: CaseEvent) -> tuple[str | None, str]:
    """The status before and after; a case that begins had none."""
    before = shown["status"]
    known = Status.REPORTED if before is None else Status(before)
    after = STEP_OF_EVENT[type(event)].status_after(event, known)
    shown["status"] = after.value
    shown["reference"] = getattr(event, "reference", shown["reference"])
    return before, after.value


def _overwritten(fields: dict[str, Any], event: CaseEvent, position: int) -> dict[str, Any]:
    """Where the fields that the event changes had their values from; they are brought up to date.

    A field that the event does not state is among them when the case shows nothing there now.
    """
    kind = type(event)
    if kind in NEVER_OVERWRITTEN:
        return {}
    prefixes = tuple(filled_in(prefix, event) for prefix in TAKES_BACK.get(kind, ()))
    was = {}
    if prefixes:
        for field in [field for field in fields if field.startswith(prefixes)]:
            was[field] = fields.pop(field)
    for field, value in stated(event):
        if field in fields and (value is not None or kind not in SILENCE_KEEPS):
            was[field] = fields.pop(field)
        if value is not None:
            fields[field] = position
    return was


HANDLERS = dict.fromkeys(SHOWN_AS, entered) | {events.SolutionChosen: chosen}

READ_MODEL = ReadModel(name=NAME, version=1, tables=(ENTRIES, SHOWN), handlers=HANDLERS)
