"""Reviews and corrective actions in the work list, in the form that other work has there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.json_body import rfc3339
from domain.reference_books import edition_or_current
from domain.reviews.work import HOLD, REVIEW_WORK
from projections.review_work import ReviewWork


def review_work_json(work: ReviewWork, now: datetime, language: str) -> dict[str, Any]:
    """What is to be done about a review or an action; `why` in the reader's language."""
    return {
        "case_id": None,
        "reference": None,
        "alarm_id": None,
        "review_id": str(work.review_id),
        "corrective_action_id": None if work.work == HOLD else str(work.id),
        "kind": work.work,
        "run": 1,
        "commitment_id": None,
        "owner": work.owner,
        "handler": None,
        "unit": work.unit,
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


def _why(work: ReviewWork, language: str) -> dict[str, str]:
    """The kind of review, and the figure of an action, in the words of its own books."""
    books = edition_or_current(work.edition)
    kind = books.label_or_code("review_kinds", work.kind, language)
    figure = (
        books.label_or_code("audit_figures", work.about, language) if work.work != HOLD else None
    )
    return {
        "rule": work.about,
        "clock_label": REVIEW_WORK[work.work].in_language(language),
        "rule_label": f"{kind}: {figure}" if figure else kind,
        "source": "S64",
    }


def _links(work: ReviewWork) -> dict[str, str]:
    review = {"review": f"/v1/reviews/{work.review_id}"}
    if work.work == HOLD:
        return review
    return {"corrective_action": f"/v1/corrective-actions/{work.id}", **review}
