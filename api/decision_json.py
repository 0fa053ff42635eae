"""What a review decided as JSON, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.json_body import rfc3339
from api.json_schema import DAY, FLAG, NUMBER, TEXT, TIME, Json, an_object, list_of, or_null, ref
from api.record_json import code_schema, labelled, recorded
from api.state_labels import CHANGE_REASONS, DECISION_STATES, owner_label
from domain.records import ReviewDecisionAssigned, ReviewDecisionRescheduled
from domain.reference_books import edition_or_current
from domain.reviews.decisions import DecisionState, TakenDecision
from domain.reviews.review import DecisionChange
from domain.reviews.values import ChangeReason


def decision_json(decision: TakenDecision, language: str, now: datetime) -> dict[str, Any]:
    """What was decided, and what became of it."""
    told, done, due_on = decision.told, decision.done, decision.due_on
    books = edition_or_current(decision.review.opened.edition)
    return {
        "number": decision.number,
        **labelled(books, "measure", "improvement_measures", told.measure, language),
        "owner": decision.given_to,
        "owner_label": owner_label(decision.given_to, language),
        "due_on": due_on and due_on.isoformat(),
        "file_ref": told.file_ref,
        "state": decision.state(now).value,
        "state_label": DECISION_STATES[decision.state(now)].in_language(language),
        "late": decision.is_late(now),
        "due_at": rfc3339(decision.due_at),
        "changes": [_change_json(each, language) for each in decision.changes],
        "done": {**recorded(done), "file_ref": done.file_ref} if done else None,
    }


def undone_json(decision: TakenDecision, language: str, now: datetime) -> dict[str, Any]:
    """A decision apart from its review, with where that is and the day of its rhythm."""
    return {
        "review": f"/v1/reviews/{decision.review.id}",
        "scheduled_on": decision.review.opened.scheduled_on.isoformat(),
        **decision_json(decision, language, now),
    }


def _change_json(change: DecisionChange, language: str) -> dict[str, Any]:
    """Who had it and who has it since, or when it was due and on which day it is since."""
    to_others = change if isinstance(change, ReviewDecisionAssigned) else None
    moved = change if isinstance(change, ReviewDecisionRescheduled) else None
    return {
        **recorded(change),
        "reason": change.reason.value,
        "reason_label": CHANGE_REASONS[change.reason].in_language(language),
        "owner_before": to_others and to_others.owner_before,
        "owner": to_others and to_others.owner,
        "owner_label": owner_label(to_others.owner if to_others else None, language),
        "due_before": moved and rfc3339(moved.due_before),
        "due_on": moved and moved.due_on.isoformat(),
        "file_ref": change.file_ref,
    }


def decision_schema() -> dict[str, Json]:
    """The properties of a decision."""
    return {
        "number": NUMBER,
        **code_schema("measure"),
        "owner": or_null(TEXT),
        "owner_label": or_null(TEXT),
        "due_on": or_null(DAY),
        "file_ref": or_null(TEXT),
        "state": {"enum": [state.value for state in DecisionState]},
        "state_label": TEXT,
        "late": FLAG,
        "due_at": TIME,
        "changes": list_of(_change_schema()),
        "done": or_null(an_object(at=TIME, by=ref("Actor"), file_ref=or_null(TEXT))),
    }


def _change_schema() -> Json:
    return an_object(
        at=TIME,
        by=ref("Actor"),
        reason={"enum": [reason.value for reason in ChangeReason]},
        reason_label=TEXT,
        owner_before=or_null(TEXT),
        owner=or_null(TEXT),
        owner_label=or_null(TEXT),
        due_before=or_null(TIME),
        due_on=or_null(DAY),
        file_ref=or_null(TEXT),
    )
