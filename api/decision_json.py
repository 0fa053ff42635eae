"""What a review decided as JSON, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.json_body import rfc3339
from api.json_schema import DAY, FLAG, NUMBER, TEXT, TIME, Json, an_object, or_null, ref
from api.record_json import code_schema, labelled, recorded
from domain.reference_books import edition_or_current
from domain.reviews.decisions import DecisionState, TakenDecision


def decision_json(decision: TakenDecision, language: str, now: datetime) -> dict[str, Any]:
    """What was decided, and what became of it."""
    told, done = decision.told, decision.done
    books = edition_or_current(decision.review.opened.edition)
    return {
        "number": decision.number,
        **labelled(books, "measure", "improvement_measures", told.measure, language),
        "owner": told.owner,
        "due_on": told.due_on and told.due_on.isoformat(),
        "file_ref": told.file_ref,
        "state": decision.state(now).value,
        "late": decision.is_late(now),
        "due_at": rfc3339(decision.due_at),
        "done": {**recorded(done), "file_ref": done.file_ref} if done else None,
    }


def decision_schema() -> dict[str, Json]:
    """The properties of a decision."""
    return {
        "number": NUMBER,
        **code_schema("measure"),
        "owner": or_null(TEXT),
        "due_on": or_null(DAY),
        "file_ref": or_null(TEXT),
        "state": {"enum": [state.value for state in DecisionState]},
        "late": FLAG,
        "due_at": TIME,
        "done": or_null(an_object(at=TIME, by=ref("Actor"), file_ref=or_null(TEXT))),
    }
