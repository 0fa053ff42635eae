"""The report on reviews over HTTP: held in time or missed, what was found, what was corrected."""

from __future__ import annotations

from typing import Any, Final

from api import params, period_report, two_clocks
from api.json_schema import NUMBER, TEXT, Json, an_object, list_of, ref
from api.lessons_report import period_of
from api.period_report import ReportFrame, labelled
from api.reports.figures_json import share_json
from api.routes import ALL_BUT_REPORTERS, Answer, Call, Route
from domain.book import Labels
from domain.reviews.corrective import ActionState
from domain.reviews.decisions import DecisionState
from projections.lessons_period import Period
from projections.review_report import ActionFigures, ReviewFigures, ReviewReport, review_report

DEFINITIONS: Final = {
    "reviews": Labels(
        "Reviews that fell due in the period, as they stand. In time: held by their time, of "
        "those held or overdue. What is on record as missed stays late, also when it is held.",
        "期间内到期的回顾的现状。按时：在期限内完成的，占已完成和逾期的。已记录为逾期的，补办后仍计为逾期。",
    ),
    "findings": Labels(
        "How often each finding was made in the reviews that were held.",
        "已完成的回顾中各项发现的次数。",
    ),
    "decisions": Labels(
        "How many decisions of each kind these reviews took, as they stand; each is counted in "
        "one state. Late: a day of its is over, and it is not done; another takes nothing back. "
        "In time: done by their time, of those done or overdue; one that got another day only "
        "after its time is not in time. Reassigned, rescheduled: how many were given to somebody "
        "else, or given another day.",
        "上述回顾作出的各类决定的数量及现状，每项只计入一种状态。逾期：期限已过而尚未完成，改期后仍计为逾期。"
        "按时：在期限内完成的，占已完成和逾期的；期限过后才改期的不计为按时。转交、改期：曾转交他人或更改期限的决定数。",
    ),
    "corrective_actions": Labels(
        "Corrective actions that audits opened in the period, as they stand; each is counted in "
        "one state. In time: done by their time, of those done or overdue. Sent back: how often "
        "the deviation was found to remain.",
        "期间内审计触发的纠正措施的现状，每项只计入一种状态。按时：在期限内完成的，占已完成和逾期的。"
        "退回：验证后发现偏差仍然存在的次数。",
    ),
}


REPORT: Final = ReportFrame(code="reviews", definitions=DEFINITIONS)
PARAMS: Final = tuple(param for param in period_report.PARAMS if param is not params.WAIT_FOR)
"""What is counted from the records themselves waits for no read model."""


def show_review_report(call: Call) -> Answer:
    """Counted from the records themselves: always current, or as of the instants asked for."""
    asked, now = two_clocks.instants(call), two_clocks.moment(call)
    period = period_of(call, now.date()) or Period.last_twelve_months(now.date())
    language = call.query["language"] or call.language
    with call.front.engine.connect() as connection:
        report = review_report(connection, call.front.service.reviews, period, now, asked)
    body = REPORT.framed(_figures(report, language), period, asked, language)
    return Answer(body, headers={"Content-Language": language, "Vary": "Accept-Language"})


def _figures(report: ReviewReport, language: str) -> dict[str, Any]:
    return {
        "reviews": _reviews(report.reviews),
        "reviews_by_kind": [
            {**labelled("kind", "review_kinds", each.code, language), **_reviews(each)}
            for each in report.reviews_by_kind
        ],
        "findings": [
            {**labelled("finding", "review_findings", code, language), "times": times}
            for code, times in report.findings
        ],
        "decisions": [
            {
                **labelled("measure", "improvement_measures", each.measure, language),
                "count": each.count,
                **each.by_state,
                "in_time": share_json(each.in_time),
                "reassigned": each.reassigned,
                "rescheduled": each.rescheduled,
            }
            for each in report.decisions
        ],
        "corrective_actions": _actions(report.actions),
        "corrective_actions_by_figure": [
            {**labelled("figure", "audit_figures", each.code, language), **_actions(each)}
            for each in report.actions_by_figure
        ],
    }


def _reviews(figures: ReviewFigures) -> dict[str, Any]:
    return {
        "opened": figures.opened,
        "open": figures.open,
        "missed": figures.missed,
        "held": figures.held,
        "in_time": share_json(figures.in_time),
    }


def _actions(figures: ActionFigures) -> dict[str, Any]:
    return {
        "opened": figures.opened,
        **figures.by_state,
        "in_time": share_json(figures.in_time),
        "sent_back": figures.sent_back,
    }


def review_report_schemas() -> dict[str, Json]:
    """The report and its parts."""
    share = ref("Share")
    reviews: dict[str, Json] = {
        "opened": NUMBER, "open": NUMBER, "missed": NUMBER, "held": NUMBER, "in_time": share,
    }  # fmt: skip
    # In this order: one of the states is called `open`, and what was `opened` is all of them.
    actions: dict[str, Json] = {
        "opened": NUMBER,
        **{state.value: NUMBER for state in ActionState},
        "in_time": share,
        "sent_back": NUMBER,
    }
    decided: dict[str, Json] = {
        "count": NUMBER,
        **{state.value: NUMBER for state in DecisionState},
        "in_time": share,
        "reassigned": NUMBER,
        "rescheduled": NUMBER,
    }
    report = REPORT.schema(
        reviews=an_object(**reviews),
        reviews_by_kind=list_of(an_object(kind=TEXT, kind_label=TEXT, **reviews)),
        findings=list_of(an_object(finding=TEXT, finding_label=TEXT, times=NUMBER)),
        decisions=list_of(an_object(measure=TEXT, measure_label=TEXT, **decided)),
        corrective_actions=an_object(**actions),
        corrective_actions_by_figure=list_of(an_object(figure=TEXT, figure_label=TEXT, **actions)),
    )
    return {"ReviewReport": report}


REVIEW_REPORT_ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/reports/reviews",
        name="show_review_report",
        summary="Reviews held in time or missed, findings, decisions, corrective actions.",
        tag="Reports",
        view=show_review_report,
        roles=ALL_BUT_REPORTERS,
        params=PARAMS,
        shows="ReviewReport",
    ),
)
