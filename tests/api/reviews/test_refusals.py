"""What is refused of a review over HTTP; nothing of it changes anything."""

from __future__ import annotations

from uuid import uuid4

import pytest

from projections.cursors import encode
from service.event_store.records import HIGHEST_POSITION
from tests.api.conftest import Callers, Json, shown
from tests.api.reviews.steps import HELD, figures, hold, tell
from tests.api.test_errors import assert_problem

ONE = {"party": "customer_service", "people": 3}
OVER = {"measure": "train_staff", "due_on": "2020-01-01"}

MINUTES = (
    ({"attendees": [ONE]}, "too_few_parties"),
    ({"attendees": [{"party": "sales", "people": 1}]}, "owner_absent"),
    ({"attendees": [ONE, ONE]}, "party_told_twice"),
    ({"attendees": []}, "invalid_body"),
    ({"attendees": [{"party": "Jo Doe", "people": 1}]}, "invalid_body"),
    ({"attendees": [{"party": "sales", "people": 0}]}, "invalid_body"),
    ({"note": "Jo was rude"}, "invalid_body"),
    ({"findings": [{"finding": "bad", "times": 1}]}, "invalid_body"),
    ({"held_at": "2999-01-01T00:00:00Z"}, "held_in_future"),
    ({"held_at": "2001-01-01T00:00:00Z"}, "held_before_opened"),
    ({"held_at": "yesterday"}, "invalid_body"),
    ({"decisions": [*HELD["decisions"], OVER]}, "due_day_over"),
)
"""What is changed in minutes that are accepted, and why they are not any more."""

FIGURES = (
    (figures({"promises_on_record": "80"}), "figure_not_of_this_audit"),
    (figures({"cases_within_time": "80"}, None), "expectation_missing"),
    (figures({"cases_within_time": "101"}), "invalid_value"),
    (figures({"cases_within_time": "-1"}), "invalid_body"),
    (figures({"cases_within_time": "1.23456"}), "invalid_body"),
    ({"figures": []}, "invalid_body"),
    ({"figures": figures({"records_complete": "80"})["figures"] * 2}, "figure_told_twice"),
)

QUESTIONS = (
    ("kind=none", "invalid_parameter"),
    ("state=ringing", "invalid_parameter"),
    ("period_from=2026-02-01&period_to=2026-01-01", "invalid_parameter"),
    ("known_at=2999-01-01T00:00:00Z", "invalid_parameter"),
    ("cursor=abc", "invalid_cursor"),
    (f"cursor={encode(HIGHEST_POSITION + 1)}", "invalid_cursor"),
)


def version(callers: Callers, review: str) -> int:
    found: int = shown(callers.auditor.get(f"/v1/reviews/{review}"))["version"]
    return found


@pytest.mark.parametrize(("changed", "code"), MINUTES)
def test_minutes_that_cannot_be_right(
    callers: Callers, weekly: str, changed: Json, code: str
) -> None:
    answer = hold(callers.analyst, weekly, {**HELD, **changed})

    assert_problem(answer, 422, code)
    assert version(callers, weekly) == 1


@pytest.mark.parametrize(("told", "code"), FIGURES)
def test_figures_that_cannot_be_right(callers: Callers, audit: str, told: Json, code: str) -> None:
    answer = tell(callers.analyst, audit, told)

    assert_problem(answer, 422, code)
    assert version(callers, audit) == 1


def test_only_an_audit_is_told_figures_and_is_not_held_without_them(
    callers: Callers, weekly: str, audit: str
) -> None:
    attendees = [{"party": "internal_audit", "people": 1}]

    told = tell(callers.analyst, weekly, figures({"records_complete": "80"}))
    held = hold(callers.analyst, audit, {"attendees": attendees})

    assert_problem(told, 409, "not_an_audit")
    assert_problem(held, 409, "audit_figures_missing")
    assert version(callers, weekly) == version(callers, audit) == 1


@pytest.mark.parametrize("who", ["handler", "auditor", "reporter"])
def test_who_may_not_hold_a_review_nor_tell_figures(
    callers: Callers, weekly: str, audit: str, who: str
) -> None:
    caller = getattr(callers, who)

    held, told = hold(caller, weekly), tell(caller, audit, figures({"records_complete": "80"}))

    assert_problem(held, 403, "forbidden")
    assert_problem(told, 403, "forbidden")
    assert version(callers, weekly) == version(callers, audit) == 1


def test_a_reporter_does_not_list_reviews(callers: Callers) -> None:
    assert_problem(callers.reporter.get("/v1/reviews"), 403, "forbidden")


def test_a_change_names_a_key_and_a_version(callers: Callers, weekly: str) -> None:
    path = f"/v1/reviews/{weekly}/hold"

    keyless = callers.analyst.post(path, HELD, If_Match='"1"')
    versionless = callers.analyst.post(path, HELD, Idempotency_Key="k")

    assert_problem(keyless, 400, "idempotency_key_required")
    assert_problem(versionless, 428, "version_required")
    assert version(callers, weekly) == 1


def test_a_review_that_there_is_not(callers: Callers) -> None:
    nobodys = str(uuid4())

    held = hold(callers.analyst, nobodys)
    asked = callers.analyst.get(f"/v1/reviews/{nobodys}")

    assert_problem(held, 404, "review_not_found")
    assert_problem(asked, 404, "review_not_found")
    assert_problem(callers.analyst.get("/v1/reviews/first"), 404, "not_found")


@pytest.mark.parametrize(("question", "code"), QUESTIONS)
def test_questions_that_cannot_be_meant(callers: Callers, question: str, code: str) -> None:
    assert_problem(callers.analyst.get(f"/v1/reviews?{question}"), 400, code)
