"""Directors' orders and scores over HTTP: lists over all cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from api import params, two_clocks
from api.follow_up_json import ORDER_STATES
from api.json_body import rfc3339, rfc3339_or_null
from api.json_schema import FLAG, NUMBER, TEXT, TIME, Json, an_object, list_of, or_null, ref
from api.pages import in_language, reading
from api.routes import ALL_BUT_REPORTERS, Answer, Call, Param, Route
from api.state_labels import ORDER_LABELS
from domain.reference_books import CURRENT_EDITION, edition
from projections.past_lists import past_orders, past_scores
from projections.satisfaction_questions import (
    ListedOrder,
    ListedScore,
    OrderFilter,
    ScoreFilter,
    list_orders,
    list_scores,
)
from projections.satisfaction_tables import NAME


def show_orders(call: Call) -> Answer:
    """A page of orders, the newest first, with why in the reader's language."""
    query = call.query
    wanted = OrderFilter(
        now=two_clocks.moment(call),
        subject_ref=query["customer_ref"],
        state=query["state"],
        trigger=query["trigger"],
        overdue=query["overdue"],
        opened_from=query["opened_from"],
        opened_to=query["opened_to"],
    )
    with reading(call, NAME) as (connection, state):
        past = past_orders(call.front.past_satisfaction, wanted)
        limit, cursor = query["limit"], two_clocks.cursor_in(call)
        page = two_clocks.asked_then(
            call, connection, past, lambda at: list_orders(at, wanted, limit=limit, cursor=cursor)
        )
    items = [order_json(each, wanted.now, call.language) for each in page.rows]
    return in_language(call, two_clocks.answer_page(call, items, page.next_cursor, state))


def order_json(order: ListedOrder, now: datetime, language: str) -> dict[str, Any]:
    """One order of the list, as it stands at `now`."""
    books = edition(order.edition)
    return {
        "case_id": str(order.case_id),
        "order_id": order.order_id,
        "reference": order.reference,
        "customer_ref": order.subject_ref,
        "number": order.number,
        "state": order.state,
        "state_label": ORDER_LABELS[order.state].in_language(language),
        "trigger": order.trigger,
        "trigger_label": books.label("order_triggers", order.trigger, language),
        "led_by": order.led_by,
        "led_by_label": books.label("escalation_levels", order.led_by, language),
        "grounds": order.grounds,
        "opened_at": rfc3339(order.opened_at),
        "plan_due_at": rfc3339(order.plan_due_at),
        "planned_at": rfc3339_or_null(order.planned_at),
        "overdue": order.is_overdue(now),
        "missed_at": rfc3339_or_null(order.missed_at),
        "closed_at": rfc3339_or_null(order.closed_at),
        "links": {"case": f"/v1/cases/{order.case_id}"},
    }


def show_scores(call: Call) -> Answer:
    """A page of scores, the newest first; invalid ones are kept and marked."""
    query = call.query
    wanted = ScoreFilter(
        subject_ref=query["customer_ref"],
        case_id=query["case_id"],
        scale=query["scale"],
        low=query["low"],
        valid=query["valid"],
        given_from=query["given_from"],
        given_to=query["given_to"],
    )
    with reading(call, NAME) as (connection, state):
        past = past_scores(call.front.past_satisfaction, wanted)
        limit, cursor = query["limit"], two_clocks.cursor_in(call)
        page = two_clocks.asked_then(
            call, connection, past, lambda at: list_scores(at, wanted, limit=limit, cursor=cursor)
        )
    items = [score_json(each, call.language) for each in page.rows]
    return in_language(call, two_clocks.answer_page(call, items, page.next_cursor, state))


def score_json(score: ListedScore, language: str) -> dict[str, Any]:
    """A score as the list shows it."""
    scale = edition(CURRENT_EDITION).label("score_scales", score.scale, language)
    return {
        "case_id": str(score.case_id),
        "version": score.version,
        "reference": score.reference,
        "customer_ref": score.subject_ref,
        "survey_id": score.survey_id,
        "channel": score.channel,
        "touchpoint": score.touchpoint,
        "scale": score.scale,
        "scale_label": scale,
        "value": score.value,
        "low": score.is_low,
        "valid": score.is_valid,
        "given_at": rfc3339(score.given_at),
        "links": {"case": f"/v1/cases/{score.case_id}"},
    }


def order_schemas() -> dict[str, Json]:
    """The schemas of both lists."""
    return {
        "DirectorOrder": _order_schema(),
        "OrderPage": an_object(items=list_of(ref("DirectorOrder"))),
        "GivenScore": _score_schema(),
        "ScorePage": an_object(items=list_of(ref("GivenScore"))),
    }


def _order_schema() -> Json:
    ground = an_object(case_id=TEXT, version=NUMBER)
    return an_object(
        case_id=TEXT,
        order_id=TEXT,
        reference=TEXT,
        customer_ref=TEXT,
        number=NUMBER,
        state={"enum": list(ORDER_STATES)},
        state_label=TEXT,
        trigger=TEXT,
        trigger_label=TEXT,
        led_by=TEXT,
        led_by_label=TEXT,
        grounds=list_of(ground),
        opened_at=TIME,
        plan_due_at=TIME,
        planned_at=or_null(TIME),
        overdue=FLAG,
        missed_at=or_null(TIME),
        closed_at=or_null(TIME),
        links=an_object(case=TEXT),
    )


def _score_schema() -> Json:
    return an_object(
        case_id=TEXT,
        version=NUMBER,
        reference=TEXT,
        customer_ref=TEXT,
        survey_id=or_null(TEXT),
        channel=or_null(TEXT),
        touchpoint=or_null(TEXT),
        scale=TEXT,
        scale_label=TEXT,
        value=NUMBER,
        low=FLAG,
        valid=FLAG,
        given_at=TIME,
        links=an_object(case=TEXT),
    )


_PAGE: Final = (*two_clocks.CLOCKS, params.CURSOR, params.LIMIT, params.WAIT_FOR)


def _yes_or_no(name: str, about: str) -> Param:
    return Param(name, params.boolean, FLAG, about)


ORDER_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/orders",
        name="show_orders",
        summary="Directors' orders over all cases, the newest first.",
        tag="Cases",
        view=show_orders,
        roles=ALL_BUT_REPORTERS,
        params=(
            params.text("customer_ref", params.subject, "Only orders about this customer."),
            params.choice("state", ORDER_STATES, "Waiting for the plan, planned, or closed."),
            params.code("trigger", "order_triggers", "Only those that this raised."),
            _yes_or_no("overdue", "Only those whose plan is overdue, or only the others."),
            params.since("opened_from", "Opened at this time or later."),
            params.since("opened_to", "Opened before this time."),
            *_PAGE,
        ),
        shows="OrderPage",
    ),
    Route(
        method="GET",
        path="/v1/scores",
        name="show_scores",
        summary="What customers gave as scores, the newest first; invalid ones are marked.",
        tag="Cases",
        view=show_scores,
        roles=ALL_BUT_REPORTERS,
        params=(
            params.text("customer_ref", params.subject, "Only scores of this customer."),
            params.identity("case_id", "Only scores of this case."),
            params.code("scale", "score_scales", "Only scores on this scale."),
            _yes_or_no("low", "Only those below 4 of 5, or only the others."),
            _yes_or_no("valid", "Only those that count, or only the others."),
            params.since("given_from", "Given at this time or later."),
            params.since("given_to", "Given before this time."),
            *_PAGE,
        ),
        shows="ScorePage",
    ),
)
