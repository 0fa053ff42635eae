"""Corrective actions as JSON, with what their codes are called."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.json_body import rfc3339
from api.json_schema import FLAG, NUMBER, TEXT, TIME, Json, an_object, or_null, ref
from api.record_json import amount, code_schema, labelled, percent, recorded
from api.state_labels import ACTION_STATES, owner_label
from domain.book import Edition
from domain.overdue import is_overdue
from domain.reference_books import edition_or_current
from domain.reviews.corrective import ActionState, CorrectiveAction
from service.record_streams import Kept


def action_json(kept: Kept[CorrectiveAction], language: str, now: datetime) -> dict[str, Any]:
    """A corrective action; labels in the language of the reader."""
    action = kept.standing
    opened, books = action.opened, edition_or_current(action.opened.edition)
    is_open = action.state in (ActionState.OPEN, ActionState.LATE)
    return {
        "id": str(action.id),
        "state": action.state.value,
        "state_label": ACTION_STATES[action.state].in_language(language),
        "late": action.is_late,
        "version": action.version,
        "review_id": str(opened.review_id),
        **labelled(books, "review_kind", "review_kinds", opened.kind, language),
        **labelled(books, "figure", "audit_figures", opened.figure, language),
        "sampled": opened.sampled,
        "expected": amount(opened.expected),
        "found": amount(opened.found),
        "deviation_percent": percent(opened.deviation_percent),
        "threshold_percent": amount(opened.threshold_percent),
        "owner": action.owner,
        "owner_label": owner_label(action.owner, language),
        "opened_at": rfc3339(opened.occurred_at),
        "due_at": rfc3339(action.due_at),
        "overdue": is_open and is_overdue(action.due_at, now, on_record=action.is_late),
        "missed_at": rfc3339(action.missed.occurred_at) if action.missed else None,
        "done": _done(action, books, language),
        "sent_back": action.sent_back,
        "verified": _verified(action, books, language),
        "changed_at": rfc3339(kept.changed_at),
        "links": {
            "self": f"/v1/corrective-actions/{action.id}",
            "review": f"/v1/reviews/{opened.review_id}",
        },
    }


def _done(action: CorrectiveAction, books: Edition, language: str) -> dict[str, Any] | None:
    if action.done is None:
        return None
    measure = labelled(books, "measure", "improvement_measures", action.done.measure, language)
    return {**recorded(action.done), **measure, "file_ref": action.done.file_ref}


def _verified(action: CorrectiveAction, books: Edition, language: str) -> dict[str, Any] | None:
    if action.verified is None:
        return None
    result = labelled(books, "result", "corrective_results", action.verified.result, language)
    return {**recorded(action.verified), **result, "file_ref": action.verified.file_ref}


def action_schema() -> Json:
    """The schema of a corrective action."""
    seen: dict[str, Json] = {"at": TIME, "by": ref("Actor")}
    return an_object(
        id=TEXT,
        state={"enum": [state.value for state in ActionState]},
        state_label=TEXT,
        late=FLAG,
        version=NUMBER,
        review_id=TEXT,
        **code_schema("review_kind"),
        **code_schema("figure"),
        sampled=NUMBER,
        expected=TEXT,
        found=TEXT,
        deviation_percent=or_null(TEXT),
        threshold_percent=TEXT,
        owner=TEXT,
        owner_label=TEXT,
        opened_at=TIME,
        due_at=TIME,
        overdue=FLAG,
        missed_at=or_null(TIME),
        done=or_null(an_object(**seen, **code_schema("measure"), file_ref=or_null(TEXT))),
        sent_back=NUMBER,
        verified=or_null(an_object(**seen, **code_schema("result"), file_ref=or_null(TEXT))),
        changed_at=TIME,
        links=an_object(self=TEXT, review=TEXT),
    )
