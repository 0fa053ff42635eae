"""Reviews over HTTP: the calendar, what is due, audit figures, and what was held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from api import headers, params, two_clocks
from api.errors import Problem
from api.json_schema import FLAG
from api.pages import in_language, next_link
from api.review_json import occurrence_json, review_json
from api.routes import ALL_BUT_REPORTERS, Answer, Call, Param, Route
from api.steps import ordered
from domain.kinds import ListLimit
from domain.reviews.review import Review, ReviewState, review_id
from domain.reviews.rhythm import due_between, kinds_of
from domain.reviews.values import Attendance, FigureGiven, FindingCount, ReviewDecision
from domain.value_kinds import ExternalRef
from domain.values import Role
from projections.cursors import InvalidCursor, decode, encode, page_of
from service.event_store.records import HIGHEST_POSITION
from service.instants import NOW, Instants
from service.record_streams import Kept
from service.reviews import ReviewFilter

REVIEWERS: Final = frozenset({Role.ANALYST, Role.APPROVER, Role.ADMIN})
DOERS: Final = REVIEWERS | {Role.HANDLER}
AHEAD: Final = timedelta(days=92)
LONGEST: Final = timedelta(days=2 * 366)


@dataclass(frozen=True, kw_only=True)
class HoldReview:
    """Who was there by party, what was found, what was decided; left out, `held_at` means now."""

    held_at: datetime | None = None
    attendees: Annotated[tuple[Attendance, ...], ListLimit(50, least=1)]
    findings: tuple[FindingCount, ...] = ()
    decisions: tuple[ReviewDecision, ...] = ()
    file_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class RecordFigures:
    """Figures as the audit found them; one that is told again replaces the one before."""

    figures: Annotated[tuple[FigureGiven, ...], ListLimit(50, least=1)]


def show_calendar(call: Call) -> Answer:
    """When reviews fall due, in order; holidays have moved them already."""
    begin = call.query["from"] or datetime.now(UTC)
    end = call.query["to"] or begin + AHEAD
    if not timedelta() < end - begin <= LONGEST:
        raise Problem("invalid_parameter", errors=({"parameter": "to", "code": "not_a_period"},))
    wanted = call.query["kind"]
    kinds = [each for each in kinds_of().values() if wanted in (None, each.code)]
    found = (each for kind in kinds for each in due_between(kind, begin, end))
    ordered_by_day = sorted(found, key=lambda each: (each.opens_at, each.kind.code))
    items = [occurrence_json(each, review_id(each), call.language) for each in ordered_by_day]
    return in_language(call, Answer({"items": items}))


def list_reviews(call: Call) -> Answer:
    """A page of reviews, those opened last first."""
    query = call.query
    wanted = ReviewFilter(
        kind=query["kind"],
        state=ReviewState(query["state"]) if query["state"] else None,
        late=query["late"],
        period_from=query["period_from"],
        period_to=query["period_to"],
    )
    limit: int = query["limit"]
    with call.front.engine.connect() as connection:
        found = call.front.service.reviews.page(
            connection, wanted, limit + 1, before_cursor(call), two_clocks.instants(call)
        )
        undone = call.front.service.reviews.undone(connection, two_clocks.instants(call))
    rows, last = page_of(found, limit)
    now = two_clocks.moment(call)
    items = [review_json(each, call.language, now, undone) for each in rows]
    return page_answer(call, items, last)


def before_cursor(call: Call) -> int | None:
    """The position that the page before ended at. Raises InvalidCursor."""
    cursor = two_clocks.cursor_in(call)
    if cursor is None:
        return None
    (before,) = decode(cursor, tuple[int])
    if not 0 <= before <= HIGHEST_POSITION:
        raise InvalidCursor
    return before


def page_answer(call: Call, items: list[dict[str, Any]], last: Kept[Any] | None) -> Answer:
    """A page of what is listed by where it was opened."""
    cursor = None if last is None else encode(last.opened_position)
    link = next_link(call.request, two_clocks.cursor_out(call, cursor))
    return in_language(call, Answer({"items": items}, headers=link))


def show_review(call: Call, review_id: UUID) -> Answer:
    """One review with what it covers, what it looks at, and what became of it."""
    kept = call.front.service.reviews.get(review_id, two_clocks.instants(call))
    return review_answer(call, kept, two_clocks.moment(call), two_clocks.instants(call))


def hold_review(call: Call, review_id: UUID) -> Answer:
    """Record that a review was held."""
    version = headers.expected_version(call.request)
    said, by, command = ordered(call, HoldReview)
    kept = call.front.service.reviews.hold(
        review_id, by, expected_version=version, **said, command=command
    )
    return review_answer(call, kept, datetime.now(UTC))


def record_figures(call: Call, review_id: UUID) -> Answer:
    """Record what an audit expected and found."""
    version = headers.expected_version(call.request)
    said, by, command = ordered(call, RecordFigures)
    kept = call.front.service.reviews.record_figures(
        review_id, by, expected_version=version, **said, command=command
    )
    return review_answer(call, kept, datetime.now(UTC))


def review_answer(call: Call, kept: Kept[Review], now: datetime, at: Instants = NOW) -> Answer:
    """A review as it stands at an instant."""
    with call.front.engine.connect() as connection:
        undone = call.front.service.reviews.undone(connection, at)
    body = review_json(kept, call.language, now, undone)
    return in_language(call, Answer(body, headers=told_of(kept)))


def told_of(kept: Kept[Any]) -> dict[str, str]:
    """The headers of an answer that shows one of them."""
    told = {"ETag": headers.etag(kept.standing.version), "Amends-Position": str(kept.position)}
    if kept.replayed:
        told["Idempotency-Replayed"] = "true"
    return told


TAG: Final = "Reviews"
REVIEW: Final = "/v1/reviews/<uuid:review_id>"
KIND: Final = params.code("kind", "review_kinds", "Only reviews of this kind.")

REVIEW_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/review-calendar",
        name="show_review_calendar",
        summary="When reviews fall due, with their periods; holidays have moved them already.",
        tag=TAG,
        view=show_calendar,
        roles=ALL_BUT_REPORTERS,
        params=(
            KIND,
            params.since("from", "Opening after this time; now, if it is left out."),
            params.since("to", "Opening up to this time; 92 days later, if it is left out."),
        ),
        shows="ReviewCalendar",
    ),
    Route(
        method="GET",
        path="/v1/reviews",
        name="list_reviews",
        summary="Reviews that fell due, those opened last first.",
        tag=TAG,
        view=list_reviews,
        roles=ALL_BUT_REPORTERS,
        params=(
            KIND,
            params.choice("state", tuple(ReviewState), "Only reviews that stand like this."),
            Param("late", params.boolean, FLAG, "Only late ones, or only the others."),
            params.since("period_from", "Only reviews that cover this time or a later one."),
            params.since("period_to", "Only reviews that cover an earlier time than this."),
            *two_clocks.CLOCKS,
            params.CURSOR,
            params.LIMIT,
        ),
        shows="ReviewPage",
    ),
    Route(
        method="GET",
        path=REVIEW,
        name="show_review",
        summary="One review: what it covers and looks at, and what became of it.",
        tag=TAG,
        view=show_review,
        roles=ALL_BUT_REPORTERS,
        params=two_clocks.CLOCKS,
        shows="Review",
    ),
    Route(
        method="POST",
        path=f"{REVIEW}/record-figures",
        name="record_audit_figures",
        summary="Record figures of an audit; each that deviates opens a corrective action.",
        tag=TAG,
        view=record_figures,
        roles=REVIEWERS,
        order=RecordFigures,
        versioned=True,
        example={
            "figures": [
                {"figure": "records_complete", "sampled": 40, "expected": "100", "found": "92.5"}
            ]
        },
        shows="Review",
    ),
    Route(
        method="POST",
        path=f"{REVIEW}/hold",
        name="hold_review",
        summary="Record that a review was held: who was there, what was found and decided.",
        tag=TAG,
        view=hold_review,
        roles=REVIEWERS,
        order=HoldReview,
        versioned=True,
        example={
            "attendees": [
                {"party": "customer_service", "people": 3},
                {"party": "logistics", "people": 1},
            ],
            "findings": [{"finding": "cause_comes_back", "times": 2}],
            "decisions": [
                {"measure": "change_procedure", "owner": "WAREHOUSE-2", "due_on": "2099-12-18"}
            ],
        },
        shows="Review",
    ),
)
