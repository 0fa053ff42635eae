"""The work list over HTTP: what is due, by whom, until when, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from api import params, two_clocks
from api.alarm_work import alarm_work_json
from api.commitments import owner
from api.json_body import rfc3339, rfc3339_or_null
from api.json_schema import FLAG, NUMBER, TEXT, TIME, Json, an_object, list_of, or_null, ref
from api.pages import in_language, reading
from api.readers import known_codes
from api.review_work import review_work_json
from api.routes import ALL_BUT_REPORTERS, Answer, Call, Param, Route
from api.state_labels import owner_label
from domain.early_warning.answering import ALARM_WORK
from domain.reference_books import Edition, Labels, edition
from domain.reviews.work import REVIEW_WORK
from projections.alarm_work import AlarmWork
from projections.deadline_tables import ESCALATION, NAME, OPEN_POINTS, PROMISE
from projections.past_lists import past_work
from projections.review_work import ReviewWork, ReviewWorkFilter, list_review_work
from projections.work_questions import DueWork, Work, WorkFilter, WorkPage, list_work
from service.assembly import Service


def show_work(call: Call) -> Answer:
    """A page of open work, the most urgent first; `why` in the reader's language."""
    query = call.query
    wanted = WorkFilter(
        now=two_clocks.moment(call),
        handler=query["handler"],
        unit=query["unit"],
        owner=query["owner"],
        clock=query["kind"],
        overdue=query["overdue"],
        disclose=query["disclose"],
        paused=query["paused"],
        alarms=not ALL_BUT_REPORTERS.isdisjoint(call.credential.roles),
        instants=two_clocks.instants(call),
    )
    sees_reviews = not ALL_BUT_REPORTERS.isdisjoint(call.credential.roles)
    with reading(call, NAME) as (connection, state):
        past = past_work(call.front.past_deadlines, wanted)
        limit, cursor = query["limit"], two_clocks.cursor_in(call)
        page = two_clocks.asked_then(
            call,
            connection,
            past,
            lambda at: work_page(
                at, call.front.service, wanted, limit=limit, cursor=cursor, reviews=sees_reviews
            ),
        )
    items = [work_json(each, wanted.now, call.language) for each in page.work]
    return in_language(call, two_clocks.answer_page(call, items, page.next_cursor, state))


def work_page(
    connection: Connection,
    service: Service,
    wanted: WorkFilter,
    *,
    limit: int,
    cursor: str | None,
    reviews: bool,
) -> WorkPage:
    """A page of all there is to do. `reviews`: also of what is to be done about them."""
    found = _reviews(connection, service, wanted) if reviews else []
    return list_work(connection, wanted, limit=limit, cursor=cursor, reviews=found)


def _reviews(connection: Connection, service: Service, wanted: WorkFilter) -> list[ReviewWork]:
    is_asked = wanted.clock is None or wanted.clock in REVIEW_WORK
    if wanted.handler or not is_asked:
        return []
    asked = ReviewWorkFilter(
        now=wanted.now,
        work=wanted.clock,
        unit=wanted.unit,
        owner=wanted.owner,
        overdue=wanted.overdue,
        instants=wanted.instants,
    )
    return list_review_work(connection, service.reviews, asked)


def work_json(work: Work, now: datetime, language: str) -> dict[str, Any]:
    """One piece of work, of whichever kind, with why in a language."""
    if isinstance(work, AlarmWork):
        return alarm_work_json(work, now, language)
    if isinstance(work, ReviewWork):
        return review_work_json(work, now, language)
    return {
        "case_id": str(work.case_id),
        "reference": work.reference,
        "alarm_id": None,
        "review_id": None,
        "decision": None,
        "corrective_action_id": None,
        "kind": work.clock,
        "run": work.run,
        "commitment_id": work.commitment_id,
        "owner": work.owner,
        "owner_label": owner_label(work.owner, language),
        "handler": work.handler,
        "unit": work.unit,
        "unit_label": owner_label(work.unit, language),
        "started_at": rfc3339(work.started_at),
        "due_at": rfc3339_or_null(work.due_at),
        "warn_at": rfc3339_or_null(work.warn_at),
        "overdue": work.is_overdue(now),
        "paused_since": rfc3339_or_null(work.paused_since),
        "remaining_seconds": work.remaining_seconds,
        "warning_recorded": work.warning_recorded,
        "miss_recorded": work.miss_recorded,
        "disclose": work.is_to_disclose(now),
        "disclosed_at": rfc3339_or_null(work.disclosed_at),
        "why": _why(work, language),
        "links": {"case": f"/v1/cases/{work.case_id}"},
    }


def _why(work: DueWork, language: str) -> dict[str, str | None]:
    """Clock and rule in words, as the case's own edition has them, and the rule's source."""
    books = edition(work.edition)
    if work.rule is None:
        return _why_owed(work, books, language)
    return {
        "rule": work.rule,
        "clock_label": books.label("service_clocks", work.clock, language),
        "rule_label": books.label("service_levels", work.rule, language),
        "source": str(books.entry("service_levels", work.rule).details["source"]),
    }


def _why_owed(work: DueWork, books: Edition, language: str) -> dict[str, str | None]:
    """A promise is due for its own sake, open points because they were left, or somebody asked."""
    label, source, book = OWED_WORDS[work.clock]
    kind = work.owed_kind
    return {
        "rule": kind,
        "clock_label": label.in_language(language),
        "rule_label": books.label(book, kind, language) if kind else None,
        "source": source,
    }


OWED_WORDS: Final = {
    PROMISE: (Labels("Promise", "承诺"), "S32", "commitment_kinds"),
    OPEN_POINTS: (Labels("Open points of minutes", "纪要未决事项"), "S48", "commitment_kinds"),
    ESCALATION: (Labels("Escalation", "升级处理"), "S36", "escalation_levels"),
}


ABOUT: Final = (("case",), ("alarm",), ("review",), ("corrective_action", "review"))
"""What work may be about, by its links."""


def work_schemas() -> dict[str, Json]:
    """The schemas of the list and of one piece of work."""
    work = an_object(
        case_id=or_null(TEXT),
        reference=or_null(TEXT),
        alarm_id=or_null(TEXT),
        review_id=or_null(TEXT),
        decision=or_null(NUMBER),
        corrective_action_id=or_null(TEXT),
        kind=TEXT,
        run=NUMBER,
        commitment_id=or_null(TEXT),
        owner=or_null(TEXT),
        owner_label=or_null(TEXT),
        handler=or_null(TEXT),
        unit=or_null(TEXT),
        unit_label=or_null(TEXT),
        started_at=TIME,
        due_at=or_null(TIME),
        warn_at=or_null(TIME),
        overdue=FLAG,
        paused_since=or_null(TIME),
        remaining_seconds=or_null(NUMBER),
        warning_recorded=FLAG,
        miss_recorded=FLAG,
        disclose=FLAG,
        disclosed_at=or_null(TIME),
        why=an_object(rule=or_null(TEXT), clock_label=TEXT, rule_label=or_null(TEXT), source=TEXT),
        links={"anyOf": [an_object(**dict.fromkeys(about, TEXT)) for about in ABOUT]},
    )
    return {"DueWork": work, "WorkPage": an_object(items=list_of(ref("DueWork")))}


KINDS: Final = (
    *sorted(known_codes("service_clocks")),
    PROMISE,
    OPEN_POINTS,
    ESCALATION,
    *ALARM_WORK,
    *REVIEW_WORK,
)
WORK_PARAMS: Final[tuple[Param, ...]] = (
    params.text("handler", params.reference, "Only the work of this handler."),
    params.text("unit", params.reference, "Only the work of this unit."),
    params.text("owner", owner, "Only what this team or person owes."),
    params.choice("kind", KINDS, "Only this kind of work."),
    Param(
        "disclose",
        params.boolean,
        FLAG,
        "Only what will probably be late and the customer has not been told of, or only the rest.",
    ),
    Param("overdue", params.boolean, FLAG, "Only what is overdue, or only what is not."),
    Param(
        "paused",
        params.boolean,
        {**FLAG, "default": False},
        "List what waits for the customer instead, the longest wait first.",
        False,
    ),
    *two_clocks.CLOCKS,
    params.CURSOR,
    params.LIMIT,
    params.WAIT_FOR,
)

WORK_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/work",
        name="show_work",
        summary="What is due, by whom, until when and why; the most urgent first.",
        tag="Cases",
        view=show_work,
        params=WORK_PARAMS,
        shows="WorkPage",
    ),
)
