"""Reviews before their day over HTTP: what will be asked, with the figures up to now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from api.decision_json import decision_schema, undone_json
from api.json_body import rfc3339
from api.json_schema import DAY, NUMBER, TEXT, TIME, Json, an_object, list_of, or_null
from api.pages import in_language
from api.record_json import code_schema
from api.review_json import missing_figure_json, occurrence_json, source_json
from api.review_schemas import missing_schema, occurrence_schema
from api.reviews import KIND, TAG
from api.routes import ALL_BUT_REPORTERS, Answer, Call, Route
from domain.book import Edition, Labels
from domain.reference_books import edition_or_current
from domain.reviews.review import review_id
from domain.reviews.rhythm import ReviewKind, kinds_of
from projections.figures import Share
from projections.review_preview import (
    AgendaItem,
    Figure,
    FigureSources,
    ReviewPreview,
    next_reviews,
)

FIGURE_LABELS: Final[Mapping[str, Labels]] = MappingProxyType(
    {
        "cases_reported": Labels("Cases reported", "上报案例"),
        "cases_resolved": Labels("Cases that stand resolved", "已解决的案例"),
        "first_contact_resolution": Labels("Resolved at first contact", "首次联系即解决"),
        "reply_within_30_minutes": Labels("First reply within 30 minutes", "30分钟内首次回复"),
        "disputed_or_reopened": Labels("Disputed or reopened", "有异议或重新开启"),
        "escalated": Labels("Escalated", "升级处理"),
        "surveys_answered": Labels("Surveys answered", "已答复的调查"),
        "low_scores": Labels("Low scores", "低分评价"),
        "repeat_complaints": Labels("Repeat complaints", "重复投诉"),
        "orders_opened": Labels("Directors' orders", "总监督办单"),
        "promises_made": Labels("Promises made", "作出的承诺"),
        "promises_kept_in_time": Labels("Promises kept in time", "按时兑现的承诺"),
        "delays_told_in_time": Labels("Delays told in time", "按时告知的延误"),
        "alarms_raised": Labels("Alarms raised", "发出的预警"),
        "alarms_not_closed": Labels("Alarms not closed, of any time", "尚未关闭的预警（不限时间）"),
        "reviews_held_in_time": Labels("Reviews held in time", "按时召开的回顾"),
        "decisions_done": Labels("Decisions done", "已落实的决定"),
        "corrective_actions_opened": Labels("Corrective actions opened", "触发的纠正措施"),
        "corrective_actions_in_time": Labels("Corrective actions in time", "按时完成的纠正措施"),
    }
)


def wanted_kinds(kind: str | None) -> list[ReviewKind]:
    """The kinds of the current books, or one of them; none where those lack it."""
    return [each for each in kinds_of().values() if kind in (None, each.code)]


def preview_reviews(call: Call) -> Answer:
    """The next review of each kind as it would be if its day were now; records nothing."""
    now, service = datetime.now(UTC), call.front.service
    with call.front.engine.connect() as connection:
        sources = FigureSources(
            connection=connection, reviews=service.reviews, alarms=service.alarms
        )
        found = next_reviews(sources, wanted_kinds(call.query["kind"]), now)
    items = [preview_json(each, call.language, now) for each in found]
    return in_language(call, Answer({"items": items}))


def preview_json(preview: ReviewPreview, language: str, now: datetime) -> dict[str, Any]:
    """What will be asked, of whom and when; labels in a language, from the current books."""
    kind, so_far = preview.occurrence.kind, preview.so_far
    books = edition_or_current(kind.edition)
    period = {"from": so_far.start, "to": so_far.end, "since": so_far.start}
    return {
        **occurrence_json(preview.occurrence, review_id(preview.occurrence), language),
        "so_far": {"from": rfc3339(so_far.start), "to": rfc3339(so_far.end)},
        "least_parties": kind.least_parties,
        "agenda": [
            {
                **source_json(item.source, period, books, language),
                "figures": _figures(item, language),
            }
            for item in preview.agenda
        ],
        "audit": _audit(kind, books, language) if kind.figures else None,
        "earlier_decisions": [undone_json(each, language, now) for each in preview.decisions],
    }


def _figures(item: AgendaItem, language: str) -> list[dict[str, Any]] | None:
    if item.figures is None:
        return None
    return [_figure(code, found, language) for code, found in item.figures.items()]


def _figure(code: str, found: Figure, language: str) -> dict[str, Any]:
    """A count; where it is a share, of how many, and 0 to 1 with four decimals."""
    share = found if isinstance(found, Share) else None
    part = share.share if share else None
    return {
        "figure": code,
        "figure_label": FIGURE_LABELS[code].in_language(language),
        "count": found.count if isinstance(found, Share) else found,
        "of": share.of if share else None,
        "share": None if part is None else round(part, 4),
    }


def _audit(kind: ReviewKind, books: Edition, language: str) -> dict[str, Any]:
    asked = [missing_figure_json(each, books, language) for each in kind.figures]
    return {"threshold_percent": str(kind.threshold_percent), "figures": asked}


def preview_schemas() -> dict[str, Json]:
    """The schema of the reviews that come next."""
    figure = an_object(
        **code_schema("figure"), count=NUMBER, of=or_null(NUMBER), share=or_null(NUMBER)
    )
    item = an_object(**code_schema("source"), link=TEXT, figures=or_null(list_of(figure)))
    preview = an_object(
        **occurrence_schema(),
        so_far=an_object(**{"from": TIME, "to": TIME}),
        least_parties=NUMBER,
        agenda=list_of(item),
        audit=or_null(an_object(threshold_percent=TEXT, figures=list_of(missing_schema()))),
        earlier_decisions=list_of(an_object(review=TEXT, scheduled_on=DAY, **decision_schema())),
    )
    return {"ReviewPreviews": an_object(items=list_of(preview))}


PREVIEW_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/reviews/preview",
        name="preview_reviews",
        summary="The next review of each kind before its day, with figures up to now; no record.",
        tag=TAG,
        view=preview_reviews,
        roles=ALL_BUT_REPORTERS,
        params=(KIND,),
        shows="ReviewPreviews",
    ),
)
