"""Reviews and corrective actions as JSON, with what their codes are called."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from api.alarms import ALARM_ROUTES
from api.json_body import rfc3339
from api.json_schema import DAY, FLAG, NUMBER, TEXT, TIME, Json, an_object, list_of, or_null, ref
from api.lessons_report import REPORT_ROUTES
from api.promise_report import PROMISE_REPORT_ROUTES
from api.review_report import REVIEW_REPORT_ROUTES
from api.routes import Route
from api.satisfaction_report import SATISFACTION_ROUTES
from domain.book import Edition
from domain.records import Record
from domain.reference_books import edition_or_current
from domain.reviews.audit import Worse, deviation_percent, worse_way
from domain.reviews.corrective import ActionState, CorrectiveAction
from domain.reviews.decisions import DecisionState, TakenDecision, decisions_of
from domain.reviews.review import Review, ReviewState
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
        **_named(books, "kind", "review_kinds", opened.kind, language),
        "state": review.state.value,
        "late": review.is_late,
        "version": review.version,
        "scheduled_on": opened.scheduled_on.isoformat(),
        "period": {"from": rfc3339(opened.period_from), "to": rfc3339(opened.period_to)},
        "opened_at": rfc3339(opened.occurred_at),
        "due_at": rfc3339(opened.due_at),
        "overdue": is_waiting and opened.due_at < now,
        "known_at": rfc3339(opened.known_at),
        **_named(books, "owner", "review_parties", opened.owner, language),
        **_asks(review, books, language),
        "audit": _audit(review, books, language) if review.is_audit else None,
        "held": _held(review, language, now),
        "earlier_decisions": [
            {
                "review": f"/v1/reviews/{each.review.id}",
                "scheduled_on": each.review.opened.scheduled_on.isoformat(),
                **_decision(each, language, now),
            }
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


def _named(books: Edition, name: str, book: str, code: str, language: str) -> dict[str, str]:
    return {name: code, f"{name}_label": books.label_or_code(book, code, language)}


def _source(review: Review, code: str, books: Edition, language: str) -> dict[str, str]:
    """Where the figures of the period are, as they were known when the review was opened."""
    opened, route = review.opened, SOURCES[code]
    values = {
        "from": opened.period_from,
        "to": opened.period_to,
        "since": opened.period_from,
        "known_at": opened.known_at,
    }
    taken = {p.name: rfc3339(values[p.name]) for p in route.params if p.name in values}
    named = _named(books, "source", "review_sources", code, language)
    return {**named, "link": f"{route.path}?{urlencode(taken)}"}


def _audit(review: Review, books: Edition, language: str) -> dict[str, Any]:
    threshold = review.kind.threshold_percent or Decimal(0)
    told = sorted(review.figures.values(), key=lambda each: review.kind.figures.index(each.figure))
    deviating = review.deviating()
    return {
        "threshold_percent": str(threshold),
        "missing_figures": [_missing(each, books, language) for each in review.missing_figures],
        "figures": [
            {
                **_named(books, "figure", "audit_figures", each.figure, language),
                "sampled": each.sampled,
                "expected": _amount(each.expected),
                "found": _amount(each.found),
                "deviation_percent": _percent(deviation_percent(each.expected, each.found)),
                "worse": worse_way(books, each.figure).value,
                "deviates": each in deviating,
                "told_at": rfc3339(review.figures_at[each.figure]),
            }
            for each in told
        ],
        "corrective_actions": f"/v1/corrective-actions?review_id={review.id}",
    }


def _missing(figure: str, books: Edition, language: str) -> dict[str, Any]:
    """A figure that is left to tell, with what the book expects of it."""
    about = books.entry("audit_figures", figure).details
    return {
        **_named(books, "figure", "audit_figures", figure, language),
        "unit": about["unit"],
        "expected": about.get("expected"),
        "worse": about["worse"],
    }


def _amount(value: Decimal) -> str:
    return format(value, "f")


def _percent(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")


def _decision(decision: TakenDecision, language: str, now: datetime) -> dict[str, Any]:
    """What was decided, and what became of it."""
    told, done = decision.told, decision.done
    books = edition_or_current(decision.review.opened.edition)
    return {
        "number": decision.number,
        **_named(books, "measure", "improvement_measures", told.measure, language),
        "owner": told.owner,
        "due_on": told.due_on and told.due_on.isoformat(),
        "file_ref": told.file_ref,
        "state": decision.state(now).value,
        "late": decision.is_late(now),
        "due_at": rfc3339(decision.due_at),
        "done": {**_by(done), "file_ref": done.file_ref} if done else None,
    }


def _held(review: Review, language: str, now: datetime) -> dict[str, Any] | None:
    held = review.held
    if held is None:
        return None
    books = edition_or_current(review.opened.edition)
    return {
        "held_at": rfc3339(held.held_at),
        **_by(held),
        "attendees": [
            {
                **_named(books, "party", "review_parties", each.party, language),
                "people": each.people,
            }
            for each in held.attendees
        ],
        "findings": [
            {
                **_named(books, "finding", "review_findings", each.finding, language),
                "times": each.times,
            }
            for each in held.findings
        ],
        "decisions": [_decision(each, language, now) for each in decisions_of(review)],
        "file_ref": held.file_ref,
    }


def _by(record: Record) -> dict[str, Any]:
    """Who recorded it and when, by the caller's clock."""
    by = {"id": record.actor.id, "kind": record.actor.kind.value}
    return {"at": rfc3339(record.occurred_at), "by": by}


def action_json(kept: Kept[CorrectiveAction], language: str, now: datetime) -> dict[str, Any]:
    """A corrective action; labels in the language of the reader."""
    action = kept.standing
    opened, books = action.opened, edition_or_current(action.opened.edition)
    is_open = action.state in (ActionState.OPEN, ActionState.LATE)
    return {
        "id": str(action.id),
        "state": action.state.value,
        "late": action.is_late,
        "version": action.version,
        "review_id": str(opened.review_id),
        **_named(books, "review_kind", "review_kinds", opened.kind, language),
        **_named(books, "figure", "audit_figures", opened.figure, language),
        "sampled": opened.sampled,
        "expected": _amount(opened.expected),
        "found": _amount(opened.found),
        "deviation_percent": _percent(opened.deviation_percent),
        "threshold_percent": _amount(opened.threshold_percent),
        "owner": action.owner,
        "opened_at": rfc3339(opened.occurred_at),
        "due_at": rfc3339(action.due_at),
        "overdue": is_open and action.due_at < now,
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
    measure = _named(books, "measure", "improvement_measures", action.done.measure, language)
    return {**_by(action.done), **measure, "file_ref": action.done.file_ref}


def _verified(action: CorrectiveAction, books: Edition, language: str) -> dict[str, Any] | None:
    if action.verified is None:
        return None
    result = _named(books, "result", "corrective_results", action.verified.result, language)
    return {**_by(action.verified), **result, "file_ref": action.verified.file_ref}


def occurrence_json(each: Occurrence, review: UUID, language: str) -> dict[str, Any]:
    """A review that is to come, or was due."""
    books = edition_or_current(each.kind.edition)
    begins, ends = each.period
    return {
        "id": str(review),
        **_named(books, "kind", "review_kinds", each.kind.code, language),
        "scheduled_on": each.scheduled_on.isoformat(),
        "held_on": each.held_on.isoformat(),
        "period": {"from": rfc3339(begins), "to": rfc3339(ends)},
        "opens_at": rfc3339(each.opens_at),
        "due_at": rfc3339(each.due_at),
        **_named(books, "owner", "review_parties", each.kind.owner, language),
    }


def _code(name: str) -> dict[str, Json]:
    return {name: TEXT, f"{name}_label": TEXT}


_PERIOD: Final[Json] = an_object(**{"from": TIME, "to": TIME})


def review_schemas() -> dict[str, Json]:
    """The schemas of reviews, of corrective actions, and of pages of both."""
    occurrence = an_object(
        id=TEXT,
        **_code("kind"),
        scheduled_on=DAY,
        held_on=DAY,
        period=_PERIOD,
        opens_at=TIME,
        due_at=TIME,
        **_code("owner"),
    )
    return {
        "Review": _review_schema(),
        "ReviewPage": an_object(items=list_of(ref("Review"))),
        "ReviewCalendar": an_object(items=list_of(occurrence)),
        "CorrectiveAction": _action_schema(),
        "CorrectiveActionPage": an_object(items=list_of(ref("CorrectiveAction"))),
    }


def _review_schema() -> Json:
    figure = an_object(
        **_code("figure"),
        sampled=NUMBER,
        expected=TEXT,
        found=TEXT,
        deviation_percent=or_null(TEXT),
        worse={"enum": [way.value for way in Worse]},
        deviates=FLAG,
        told_at=TIME,
    )
    worse: Json = {"enum": [way.value for way in Worse]}
    missing = an_object(**_code("figure"), unit=TEXT, expected=or_null(TEXT), worse=worse)
    audit = an_object(
        threshold_percent=TEXT,
        missing_figures=list_of(missing),
        figures=list_of(figure),
        corrective_actions=TEXT,
    )
    return an_object(
        id=TEXT,
        **_code("kind"),
        state={"enum": [state.value for state in ReviewState]},
        late=FLAG,
        version=NUMBER,
        scheduled_on=DAY,
        period=_PERIOD,
        opened_at=TIME,
        due_at=TIME,
        overdue=FLAG,
        known_at=TIME,
        **_code("owner"),
        least_parties=NUMBER,
        looks_at=list_of(an_object(**_code("source"), link=TEXT)),
        audit=or_null(audit),
        held=or_null(_held_schema()),
        earlier_decisions=list_of(an_object(review=TEXT, scheduled_on=DAY, **_decision_schema())),
        recorded_at=TIME,
        changed_at=TIME,
        links=an_object(self=TEXT),
    )


def _decision_schema() -> dict[str, Json]:
    return {
        "number": NUMBER,
        **_code("measure"),
        "owner": or_null(TEXT),
        "due_on": or_null(DAY),
        "file_ref": or_null(TEXT),
        "state": {"enum": [state.value for state in DecisionState]},
        "late": FLAG,
        "due_at": TIME,
        "done": or_null(an_object(at=TIME, by=ref("Actor"), file_ref=or_null(TEXT))),
    }


def _held_schema() -> Json:
    return an_object(
        held_at=TIME,
        at=TIME,
        by=ref("Actor"),
        attendees=list_of(an_object(**_code("party"), people=NUMBER)),
        findings=list_of(an_object(**_code("finding"), times=NUMBER)),
        decisions=list_of(an_object(**_decision_schema())),
        file_ref=or_null(TEXT),
    )


def _action_schema() -> Json:
    seen: dict[str, Json] = {"at": TIME, "by": ref("Actor")}
    return an_object(
        id=TEXT,
        state={"enum": [state.value for state in ActionState]},
        late=FLAG,
        version=NUMBER,
        review_id=TEXT,
        **_code("review_kind"),
        **_code("figure"),
        sampled=NUMBER,
        expected=TEXT,
        found=TEXT,
        deviation_percent=or_null(TEXT),
        threshold_percent=TEXT,
        owner=TEXT,
        opened_at=TIME,
        due_at=TIME,
        overdue=FLAG,
        missed_at=or_null(TIME),
        done=or_null(an_object(**seen, **_code("measure"), file_ref=or_null(TEXT))),
        sent_back=NUMBER,
        verified=or_null(an_object(**seen, **_code("result"), file_ref=or_null(TEXT))),
        changed_at=TIME,
        links=an_object(self=TEXT, review=TEXT),
    )
