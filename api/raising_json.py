"""What raises a case, as JSON: how the customer feels, its route by severity, its task force."""

from __future__ import annotations

from typing import Any

from api.json_schema import FLAG, TEXT, Json, SchemaBook, an_object, list_of, or_null
from api.rendering import Reader, fact
from domain import events
from domain.conflict_case import ConflictCase
from domain.emotions import emotion_now, is_angry
from domain.routes import BEFORE_CHOICE, BEFORE_RESOLUTION, BOOK, demands


def raising_parts(case: ConflictCase, reader: Reader) -> dict[str, Any]:
    """The newest emotion, whether a person must take over, and what the severity asks for."""
    emotion = emotion_now(case)
    return {
        "emotion_now": reader.note("emotions", emotion) if emotion else None,
        "person_must_take_over": is_angry(case),
        "emotions_recognised": [fact(event, reader) for event in case.emotions_recognised],
        "route": [
            {"demand": reader.note(BOOK, each.code), "before": each.before, "met": each.is_met}
            for each in demands(case)
        ],
        "task_force": fact(case.task_forces[-1], reader) if case.task_forces else None,
        "task_forces": [fact(event, reader) for event in case.task_forces],
    }


def raising_schemas(book: SchemaBook) -> dict[str, Json]:
    """The schemas of the parts, by their names in the case."""
    demand = an_object(demand=TEXT, before={"enum": [BEFORE_CHOICE, BEFORE_RESOLUTION]}, met=FLAG)
    force = book.fact(events.TaskForceNamed)
    return {
        "emotion_now": or_null(TEXT),
        "person_must_take_over": FLAG,
        "emotions_recognised": list_of(book.fact(events.EmotionRecognised)),
        "route": list_of(demand),
        "task_force": or_null(force),
        "task_forces": list_of(force),
    }
