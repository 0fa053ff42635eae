"""Reviews, decisions and corrective actions as work, in the form that other work has."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from api.json_body import rfc3339
from api.state_labels import label_about, owner_label
from domain.reference_books import edition_or_current
from domain.reviews.work import CARRY_OUT, HOLD, REVIEW_WORK
from projections.review_work import ReviewWork


def review_work_json(work: ReviewWork, now: datetime, language: str) -> dict[str, Any]:
    """What is to be done about a review, or what follows from it; `why` in a language."""
    return {
        "case_id": None,
        "reference": None,
        "alarm_id": None,
        "review_id": str(work.review_id),
        "decision": work.decision,
        "corrective_action_id": None if work.work in _OF_REVIEWS else str(work.id),
        "kind": work.work,
        "run": 1,
        "commitment_id": None,
        "owner": work.owner,
        "owner_label": owner_label(work.owner, language),
        "handler": None,
        "unit": work.unit,
        "unit_label": owner_label(work.unit, language),
        "started_at": rfc3339(work.opened_at),
        "due_at": rfc3339(work.due_at),
        "warn_at": None,
        "overdue": work.is_overdue(now),
        "paused_since": None,
        "remaining_seconds": None,
        "warning_recorded": False,
        "miss_recorded": work.is_missed,
        "disclose": False,
        "disclosed_at": None,
        "why": _why(work, language),
        "links": _links(work),
    }


_OF_REVIEWS: Final = (HOLD, CARRY_OUT)
"""What is answered at the review itself."""
_ABOUT: Final = {CARRY_OUT: "improvement_measures"}


def _why(work: ReviewWork, language: str) -> dict[str, str]:
    """The kind of review, and the measure or figure, in the words of its own books."""
    books = edition_or_current(work.edition)
    kind = books.label_or_code("review_kinds", work.kind, language)
    book = _ABOUT.get(work.work, "audit_figures")
    about = books.label_or_code(book, work.about, language) if work.work != HOLD else None
    return {
        "rule": work.about,
        "clock_label": REVIEW_WORK[work.work].in_language(language),
        "rule_label": label_about(kind, about, language),
        "source": "S64",
    }


def _links(work: ReviewWork) -> dict[str, str]:
    review = {"review": f"/v1/reviews/{work.review_id}"}
    if work.work in _OF_REVIEWS:
        return review
    return {"corrective_action": f"/v1/corrective-actions/{work.id}", **review}
