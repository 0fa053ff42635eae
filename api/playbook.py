"""The playbook of a case: what to do for this customer and conflict, and what was done (S6)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from api import headers, params
from api.json_body import rfc3339
from api.json_schema import FLAG, NUMBER, SHOWN_TEXT, TEXT, TIME, Json, an_object, list_of, or_null
from api.rendering import Reader, actor
from api.routes import Answer, Call, Route
from domain.conflict_case import ConflictCase
from domain.events import PlaybookRecorded
from domain.playbooks import PlaybookStep, own_rules, playbook


def show_playbook(call: Call, case_id: UUID) -> Answer:
    """The steps in the reader's language, each with what was recorded of it."""
    case = call.front.cases.get(case_id)
    shown = playbook_json(case, call.reader(), call.language)
    told = {"ETag": headers.etag(case.version), "Content-Language": call.language}
    return Answer(shown, headers={**told, "Vary": "Accept-Language"})


def playbook_json(case: ConflictCase, reader: Reader, language: str) -> dict[str, Any]:
    """The playbook of the case for this reader."""
    reader.about(case.id)
    recorded = _recorded(case)
    steps = playbook(case)
    return {
        "case_id": str(case.id),
        "version": case.version,
        "language": language,
        "items": [_step(step, case, recorded, reader, language) for step in steps],
        "rules": [rule.in_language(language) for rule in own_rules(case)],
        "followed": sum(_is_followed(case, step) is True for step in steps),
        "skipped": sum(_is_followed(case, step) is False for step in steps),
        "open": sum(_is_followed(case, step) is None for step in steps),
    }


def _recorded(case: ConflictCase) -> dict[str, PlaybookRecorded]:
    """The newest event that speaks of each step."""
    return {mark.step: event for event in case.playbooks for mark in event.steps}


def _is_followed(case: ConflictCase, step: PlaybookStep) -> bool | None:
    mark = case.playbook_marks.get(step.id)
    return mark.followed if mark else None


def _step(
    step: PlaybookStep,
    case: ConflictCase,
    recorded: dict[str, PlaybookRecorded],
    reader: Reader,
    language: str,
) -> dict[str, Any]:
    mark, event = case.playbook_marks.get(step.id), recorded.get(step.id)
    return {
        "step": step.id,
        "book": step.book,
        "code": step.code,
        "label": case.edition.label(step.book, step.code, language),
        "number": step.number,
        "text": step.text.in_language(language),
        "source": step.source,
        "followed": mark.followed if mark else None,
        "reason": reader.text(mark.reason) if mark else None,
        "recorded_at": rfc3339(event.occurred_at) if event else None,
        "actor": actor(event) if event else None,
    }


def playbook_schema() -> Json:
    """The schema of the answer."""
    step = an_object(
        step=TEXT,
        book=TEXT,
        code=TEXT,
        label=TEXT,
        number=NUMBER,
        text=TEXT,
        source=TEXT,
        followed=or_null(FLAG),
        reason=or_null(SHOWN_TEXT),
        recorded_at=or_null(TIME),
        actor=or_null({"$ref": "#/components/schemas/Actor"}),
    )
    return an_object(
        case_id=TEXT,
        version=NUMBER,
        language={"enum": ["en", "zh"]},
        items=list_of(step),
        rules=list_of(TEXT),
        followed=NUMBER,
        skipped=NUMBER,
        open=NUMBER,
    )


PLAYBOOK_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/cases/<case:case_id>/playbook",
        name="show_playbook",
        summary="What to do for this customer, emotion and conflict, and what of it was done.",
        tag="Cases",
        view=show_playbook,
        params=(params.LANGUAGE,),
        shows="Playbook",
    ),
)
