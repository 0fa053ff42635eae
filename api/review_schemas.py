"""The schemas of reviews, of corrective actions, and of pages of both."""

from __future__ import annotations

from typing import Final

from api.corrective_action_json import action_schema
from api.decision_json import decision_schema
from api.json_schema import DAY, FLAG, NUMBER, TEXT, TIME, Json, an_object, list_of, or_null, ref
from api.record_json import code_schema
from domain.reviews.audit import Worse
from domain.reviews.review import ReviewState

_PERIOD: Final[Json] = an_object(**{"from": TIME, "to": TIME})


def review_schemas() -> dict[str, Json]:
    """The schemas of reviews, of corrective actions, and of pages of both."""
    return {
        "Review": _review_schema(),
        "ReviewPage": an_object(items=list_of(ref("Review"))),
        "ReviewCalendar": an_object(items=list_of(an_object(**occurrence_schema()))),
        "CorrectiveAction": action_schema(),
        "CorrectiveActionPage": an_object(items=list_of(ref("CorrectiveAction"))),
    }


def occurrence_schema() -> dict[str, Json]:
    """The properties of a review that is to come."""
    return {
        "id": TEXT,
        **code_schema("kind"),
        "scheduled_on": DAY,
        "held_on": DAY,
        "period": _PERIOD,
        "opens_at": TIME,
        "due_at": TIME,
        **code_schema("owner"),
    }


def _review_schema() -> Json:
    return an_object(
        id=TEXT,
        **code_schema("kind"),
        state={"enum": [state.value for state in ReviewState]},
        state_label=TEXT,
        late=FLAG,
        version=NUMBER,
        scheduled_on=DAY,
        period=_PERIOD,
        opened_at=TIME,
        due_at=TIME,
        overdue=FLAG,
        known_at=TIME,
        **code_schema("owner"),
        least_parties=NUMBER,
        looks_at=list_of(an_object(**code_schema("source"), link=TEXT)),
        audit=or_null(_audit_schema()),
        held=or_null(_held_schema()),
        earlier_decisions=list_of(an_object(review=TEXT, scheduled_on=DAY, **decision_schema())),
        recorded_at=TIME,
        changed_at=TIME,
        links=an_object(self=TEXT),
    )


def _audit_schema() -> Json:
    worse: Json = {"enum": [way.value for way in Worse]}
    figure = an_object(
        **code_schema("figure"),
        sampled=NUMBER,
        expected=TEXT,
        found=TEXT,
        deviation_percent=or_null(TEXT),
        worse=worse,
        deviates=FLAG,
        told_at=TIME,
    )
    return an_object(
        threshold_percent=TEXT,
        missing_figures=list_of(missing_schema()),
        figures=list_of(figure),
        corrective_actions=TEXT,
    )


def missing_schema() -> Json:
    """A figure that an audit has to tell."""
    worse: Json = {"enum": [way.value for way in Worse]}
    return an_object(**code_schema("figure"), unit=TEXT, expected=or_null(TEXT), worse=worse)


def _held_schema() -> Json:
    return an_object(
        held_at=TIME,
        at=TIME,
        by=ref("Actor"),
        attendees=list_of(an_object(**code_schema("party"), people=NUMBER)),
        findings=list_of(an_object(**code_schema("finding"), times=NUMBER)),
        decisions=list_of(an_object(**decision_schema())),
        file_ref=or_null(TEXT),
    )
