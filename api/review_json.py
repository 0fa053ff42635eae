"""Reviews as JSON, with what their codes are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from api.alarms import ALARM_ROUTES
from api.decision_json import decision_json, undone_json
from api.json_body import rfc3339
from api.lessons_report import REPORT_ROUTES
from api.promise_report import PROMISE_REPORT_ROUTES
from api.record_json import amount, labelled, percent, recorded
from api.review_report import REVIEW_REPORT_ROUTES
from api.routes import Route
from api.satisfaction_report import SATISFACTION_ROUTES
from api.state_labels import REVIEW_STATES
from domain.book import Edition
from domain.overdue import is_overdue
from domain.reference_books import edition_or_current
from domain.reviews.audit import deviation_percent, worse_way
from domain.reviews.decisions import TakenDecision, decisions_of
from domain.reviews.review import Review
from domain.reviews.rhythm import Occurrence
from service.record_streams import Kept

SOURCES: Final[dict[str, Route]] = {
    "lessons_learned": REPORT_ROUTES[0],
    "satisfaction": SATISFACTION_ROUTES[0],
    "promises": PROMISE_REPORT_ROUTES[0],
    "alarms": ALARM_ROUTES[0],
    "review_report": REVIEW_REPORT_ROUTES[0],
}
"""Where to ask for what a review looks at, by the codes of the book `review_sources`."""


def review_json(
    kept: Kept[Review], language: str, now: datetime, undone: Sequence[TakenDecision]
) -> dict[str, Any]:
    """A review; labels in the language of the reader, from the books it was opened under.

    `undone`: what reviews decided and is not done; it shows those of its kind before it.
    """
    review = kept.standing
    opened, books = review.opened, edition_or_current(review.opened.edition)
    is_waiting = review.held is None
    return {
        "id": str(review.id),
        **labelled(books, "kind", "review_kinds", opened.kind, language),
        "state": review.state.value,
        "state_label": REVIEW_STATES[review.state].in_language(language),
        "late": review.is_late,
        "version": review.version,
        "scheduled_on": opened.scheduled_on.isoformat(),
        "period": {"from": rfc3339(opened.period_from), "to": rfc3339(opened.period_to)},
        "opened_at": rfc3339(opened.occurred_at),
        "due_at": rfc3339(opened.due_at),
        "overdue": is_waiting and is_overdue(opened.due_at, now, on_record=review.is_late),
        "known_at": rfc3339(opened.known_at),
        **labelled(books, "owner", "review_parties", opened.owner, language),
        **_asks(review, books, language),
        "audit": _audit(review, books, language) if review.is_audit else None,
        "held": _held(review, language, now),
        "earlier_decisions": [
            undone_json(each, language, now)
            for each in undone
            if each.review.opened.kind == opened.kind
            and each.review.opened.scheduled_on < opened.scheduled_on
        ],
        "recorded_at": rfc3339(kept.opened_at),
        "changed_at": rfc3339(kept.changed_at),
        "links": {"self": f"/v1/reviews/{review.id}"},
    }


def _asks(review: Review, books: Edition, language: str) -> dict[str, Any]:
    """What its kind asks for; nothing is known of a kind that only another process knows."""
    kind = review.known_kind
    return {
        "least_parties": kind.least_parties if kind else 1,
        "looks_at": [_source(review, code, books, language) for code in kind.looks_at]
        if kind
        else [],
    }


def _source(review: Review, code: str, books: Edition, language: str) -> dict[str, str]:
    """Where the figures of the period are, as they were known when the review was opened."""
    opened = review.opened
    values = {
        "from": opened.period_from,
        "to": opened.period_to,
        "since": opened.period_from,
        "known_at": opened.known_at,
    }
    return source_json(code, values, books, language)


def source_json(
    code: str, values: Mapping[str, datetime], books: Edition, language: str
) -> dict[str, str]:
    """A source, and where to ask for it with those of these values that it takes."""
    route = SOURCES[code]
    taken = {p.name: rfc3339(values[p.name]) for p in route.params if p.name in values}
    named = labelled(books, "source", "review_sources", code, language)
    return {**named, "link": f"{route.path}?{urlencode(taken)}"}


def _audit(review: Review, books: Edition, language: str) -> dict[str, Any]:
    threshold = review.kind.threshold_percent or Decimal(0)
    told = sorted(review.figures.values(), key=lambda each: review.kind.figures.index(each.figure))
    deviating = review.deviating()
    return {
        "threshold_percent": str(threshold),
        "missing_figures": [
            missing_figure_json(each, books, language) for each in review.missing_figures
        ],
        "figures": [
            {
                **labelled(books, "figure", "audit_figures", each.figure, language),
                "sampled": each.sampled,
                "expected": amount(each.expected),
                "found": amount(each.found),
                "deviation_percent": percent(deviation_percent(each.expected, each.found)),
                "worse": worse_way(books, each.figure).value,
                "deviates": each in deviating,
                "told_at": rfc3339(review.figures_at[each.figure]),
            }
            for each in told
        ],
        "corrective_actions": f"/v1/corrective-actions?review_id={review.id}",
    }


def missing_figure_json(figure: str, books: Edition, language: str) -> dict[str, Any]:
    """A figure that is left to tell, with what the book expects of it."""
    about = books.entry("audit_figures", figure).details
    return {
        **labelled(books, "figure", "audit_figures", figure, language),
        "unit": about["unit"],
        "expected": about.get("expected"),
        "worse": about["worse"],
    }


def _held(review: Review, language: str, now: datetime) -> dict[str, Any] | None:
    held = review.held
    if held is None:
        return None
    books = edition_or_current(review.opened.edition)
    return {
        "held_at": rfc3339(held.held_at),
        **recorded(held),
        "attendees": [
            {
                **labelled(books, "party", "review_parties", each.party, language),
                "people": each.people,
            }
            for each in held.attendees
        ],
        "findings": [
            {
                **labelled(books, "finding", "review_findings", each.finding, language),
                "times": each.times,
            }
            for each in held.findings
        ],
        "decisions": [decision_json(each, language, now) for each in decisions_of(review)],
        "file_ref": held.file_ref,
    }


def occurrence_json(each: Occurrence, review: UUID, language: str) -> dict[str, Any]:
    """A review that is to come, or was due."""
    books = edition_or_current(each.kind.edition)
    begins, ends = each.period
    return {
        "id": str(review),
        **labelled(books, "kind", "review_kinds", each.kind.code, language),
        "scheduled_on": each.scheduled_on.isoformat(),
        "held_on": each.held_on.isoformat(),
        "period": {"from": rfc3339(begins), "to": rfc3339(ends)},
        "opens_at": rfc3339(each.opens_at),
        "due_at": rfc3339(each.due_at),
        **labelled(books, "owner", "review_parties", each.kind.owner, language),
    }
