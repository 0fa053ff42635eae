"""The calendar of reviews over HTTP."""

from __future__ import annotations

from datetime import datetime

import pytest

from domain.reviews.rhythm import kinds_of
from projections.review_watch import ReviewWatch
from service.assembly import Service
from tests.api.conftest import Callers, shown
from tests.api.test_errors import assert_problem


def test_the_calendar_says_what_is_to_come(callers: Callers) -> None:
    query = "from=2026-09-27&to=2026-10-13T00:00:00Z"
    found = shown(callers.auditor.get(f"/v1/review-calendar?{query}", Accept_Language="zh"))
    audits = shown(callers.auditor.get("/v1/review-calendar?kind=quarterly_audit"))["items"]
    wrong = callers.auditor.get("/v1/review-calendar?from=2026-09-27&to=2026-09-27")
    endless = callers.auditor.get("/v1/review-calendar?from=2026-09-27&to=2036-09-27")

    days = [(each["kind"], each["scheduled_on"], each["held_on"]) for each in found["items"]]
    assert days == [
        ("voice_of_customer", "2026-09-28", "2026-09-28"),
        ("improvement_cycle", "2026-09-30", "2026-09-30"),
        ("cross_department", "2026-10-05", "2026-10-08"),
        ("voice_of_customer", "2026-10-05", "2026-10-08"),
        ("quarterly_audit", "2026-10-10", "2026-10-10"),
        ("voice_of_customer", "2026-10-12", "2026-10-12"),
    ]
    assert found["items"][0]["kind_label"] == "每周反馈联席会议"
    assert len(audits) == 1
    assert_problem(wrong, 400, "invalid_parameter")
    assert_problem(endless, 400, "invalid_parameter")


@pytest.mark.parametrize(
    "query", ["from=9998-11-30", "from=9998-12-31", "from=9998-01-01&to=9998-12-31"]
)
def test_the_calendar_is_told_up_to_the_last_year(callers: Callers, query: str) -> None:
    answer = callers.auditor.get(f"/v1/review-calendar?{query}")

    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert len(shown(answer)["items"]) > 10


def test_a_kind_that_there_is_not_is_answered_with_those_there_are(callers: Callers) -> None:
    answer = callers.auditor.get("/v1/review-calendar?kind=foo")

    assert_problem(answer, 400, "invalid_parameter")
    (error,) = shown(answer)["errors"]
    assert error["parameter"] == "kind"
    assert error["allowed"] == sorted(kinds_of())
    assert callers.auditor.get(error["reference_book"]).status_code == 200


def test_a_worker_opens_what_the_calendar_named(callers: Callers, service: Service) -> None:
    """From now on: the calendar's ids are those of the reviews that a worker opens then."""
    ReviewWatch(service.engine, service.reviews).look()
    coming = shown(callers.auditor.get("/v1/review-calendar"))["items"]
    later = datetime.fromisoformat(coming[0]["opens_at"])

    ReviewWatch(service.engine, service.reviews, lambda: later).look()

    found = shown(callers.auditor.get(f"/v1/reviews/{coming[0]['id']}"))
    assert found["scheduled_on"] == coming[0]["scheduled_on"]
    assert found["period"] == coming[0]["period"]
