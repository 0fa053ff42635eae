"""The next reviews before their day: what they will ask, with figures, and nothing on record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from api.json_body import rfc3339
from api.review_preview import FIGURE_LABELS
from domain.reference_books import CURRENT_EDITION, edition
from domain.reviews.review import review_id
from domain.reviews.rhythm import kinds_of, next_after
from domain.reviews.values import Attendance, ReviewDecision
from projections.engine import ProjectionEngine
from projections.review_preview import FIGURES, FigureSources, next_reviews
from service.assembly import Service
from tests.api.conftest import Callers, Json, shown
from tests.api.test_errors import assert_problem
from tests.given import a_whole_story, circumstances

PATH = "/v1/reviews/preview"
ASKED = {"least_parties", "agenda", "audit", "so_far", "earlier_decisions"}


@pytest.fixture(scope="module")
def service(app: Flask, read_models: ProjectionEngine) -> Service:
    found: Service = app.extensions["amends"].service
    read_models.catch_up()
    return found


def previews(callers: Callers, query: str = "", **headers: str) -> dict[str, Json]:
    answer = callers.auditor.get(f"{PATH}{query}", **headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return {each["kind"]: each for each in shown(answer)["items"]}


def figures(preview: Json) -> dict[str, Json]:
    return {each["figure"]: each for item in preview["agenda"] for each in item["figures"]}


def records_kept(service: Service) -> int:
    with service.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM records")).scalar_one())


def test_every_source_of_the_book_has_figures_and_each_a_label_of_its_own() -> None:
    labels = list(FIGURE_LABELS.values())
    named = [code for codes in FIGURES.values() for code in codes]

    assert set(FIGURES) == edition(CURRENT_EDITION).book("review_sources").codes
    assert sorted(named) == sorted(FIGURE_LABELS)
    assert len({each.en for each in labels}) == len({each.zh for each in labels}) == len(labels)


@pytest.mark.usefixtures("service")
def test_a_preview_is_the_calendars_next_review_of_each_kind(callers: Callers) -> None:
    calendar = shown(callers.auditor.get("/v1/review-calendar"))["items"]
    coming = {each["kind"]: each for each in reversed(calendar)}

    found = previews(callers)

    assert set(found) == set(kinds_of())
    for kind, preview in found.items():
        assert {name: preview[name] for name in coming[kind]} == coming[kind]
        assert preview["period"]["from"] == preview["so_far"]["from"]
        assert preview["so_far"]["to"] <= preview["period"]["to"]
        assert set(preview) - set(coming[kind]) == ASKED
    opens = [each["opens_at"] for each in found.values()]
    assert opens == sorted(opens)


def test_it_says_what_will_be_asked_in_the_readers_language(
    callers: Callers, service: Service
) -> None:
    found = previews(callers, "?kind=quarterly_audit", Accept_Language="zh-CN")
    (audit,) = found.values()

    sources = [item["source"] for item in audit["agenda"]]
    asked = [each["figure"] for each in audit["audit"]["figures"]]
    assert sources == list(kinds_of()["quarterly_audit"].looks_at)
    assert asked == list(kinds_of()["quarterly_audit"].figures)
    assert (audit["kind_label"], audit["owner_label"]) == ("季度审计", "内部审计")
    assert audit["audit"]["threshold_percent"] == "5"
    assert figures(audit)["reviews_held_in_time"]["figure_label"] == "按时召开的回顾"
    assert previews(callers)["voice_of_customer"]["audit"] is None
    for item in audit["agenda"]:
        assert callers.auditor.get(item["link"]).status_code == 200
        assert "known_at" not in item["link"]


def test_it_records_nothing(callers: Callers, service: Service) -> None:
    before = records_kept(service)

    found = previews(callers)

    assert records_kept(service) == before
    for preview in found.values():
        answer = callers.auditor.get(f"/v1/reviews/{preview['id']}")
        assert_problem(answer, 404, "review_not_found")


def test_figures_are_those_of_the_reports_it_links_to(
    callers: Callers, service: Service, read_models: ProjectionEngine
) -> None:
    service.cases.record(a_whole_story().events)
    read_models.catch_up()
    kind, now = kinds_of()["cross_department"], datetime(2026, 11, 25, tzinfo=UTC)
    with service.engine.connect() as connection:
        sources = FigureSources(
            connection=connection, reviews=service.reviews, alarms=service.alarms
        )
        (found,) = next_reviews(sources, [kind], now)

    period = f"from={rfc3339(found.so_far.start)}&to={rfc3339(found.so_far.end)}"
    lessons = shown(callers.analyst.get(f"/v1/reports/lessons-learned?{period}"))
    promises = shown(callers.analyst.get(f"/v1/reports/promises?{period}"))
    satisfaction = shown(callers.analyst.get(f"/v1/reports/satisfaction?{period}"))

    told = {name: each for item in found.agenda for name, each in (item.figures or {}).items()}
    assert found.occurrence == next_after(kind, now)
    assert told["cases_reported"] == lessons["total"]["cases"] > 0
    resolved, rate = told["cases_resolved"], lessons["total"]["resolution_rate"]
    assert not isinstance(resolved, int)
    assert (resolved.count, resolved.of) == (rate["count"], rate["of"])
    assert told["promises_made"] == promises["promises"]["made"]
    answered = told["surveys_answered"]
    assert not isinstance(answered, int)
    assert answered.of == satisfaction["surveys_answered"]["of"]


def test_what_earlier_reviews_decided_will_be_asked_for(callers: Callers, service: Service) -> None:
    kind = kinds_of()["improvement_cycle"]
    held = next_after(kind, datetime.now(UTC) - timedelta(days=60))
    assert service.reviews.open_once(held)
    by = circumstances(at=held.opens_at)
    service.reviews.hold(
        review_id(held),
        by,
        expected_version=1,
        attendees=(Attendance(party="quality", people=2),),
        decisions=(ReviewDecision(measure="train_staff", owner="TEAM-7"),),
    )

    found = previews(callers)

    (decided,) = found["improvement_cycle"]["earlier_decisions"]
    assert (decided["owner"], decided["state"]) == ("TEAM-7", "late")
    assert found["quarterly_audit"]["earlier_decisions"] == []


def test_who_may_not_or_asks_for_what_there_is_not_is_refused(callers: Callers) -> None:
    assert_problem(callers.reporter.get(PATH), 403, "forbidden")
    assert_problem(callers.auditor.get(f"{PATH}?kind=yearly"), 400, "invalid_parameter")
    assert_problem(callers.auditor.get(f"{PATH}?from=2026-01-01"), 400, "invalid_parameter")
    assert callers.auditor.post(PATH, {}).status_code in (404, 405)
