"""The lessons-learned report over HTTP: contents, formats, languages, rights and refusals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
from flask import Flask

from api.reports.words import DEFINITIONS
from projections.engine import ProjectionEngine
from projections.lessons_period import Period
from projections.lessons_report import GROUP_BY
from tests.api.conftest import Callers, Json, shown
from tests.api.lessons.conftest import LIVED, PATH
from tests.api.test_errors import assert_problem


def test_it_contains_what_was_lived(report: Json, cases: list[Json]) -> None:
    total = report["total"]

    assert total["cases"] == len(cases)
    assert sum(group["cases"] for group in report["groups"]) == len(cases)
    references = {story["reference"] for story in (*report["successes"], *report["failures"])}
    assert references == {case["reference"] for case in cases}
    lessons = {count["code"] for count in total["codes"]["lessons"]}
    assert lessons >= set(cases[0]["lessons"][0]["lesson_codes"])
    wrong = {count["code"]: count["standing"] for count in total["codes"]["wrong_behaviours"]}
    assert wrong == {"stalling": len(cases)}
    assert total["stages"]["resolved"]["n"] == len(cases)


@pytest.mark.parametrize("group_by", GROUP_BY)
def test_every_grouping_adds_up(callers: Callers, cases: list[Json], group_by: str) -> None:
    found = shown(callers.analyst.get(f"{LIVED}&group_by={group_by}"))

    assert found["group_by"] == group_by
    assert sum(group["cases"] for group in found["groups"]) == found["total"]["cases"]


def test_groups_carry_their_labels(callers: Callers, cases: list[Json]) -> None:
    english = shown(callers.analyst.get(f"{LIVED}&group_by=channel&language=en"))
    chinese = shown(callers.analyst.get(f"{LIVED}&group_by=channel&language=zh"))

    labels = [{group["code"]: group["label"] for group in r["groups"]} for r in (english, chinese)]
    assert labels[0].keys() == labels[1].keys()
    assert all(labels[0][code] != labels[1][code] for code in labels[0])


def test_by_default_it_covers_the_last_twelve_months(callers: Callers, cases: list[Json]) -> None:
    report = shown(callers.analyst.get(PATH))
    today = datetime.now(UTC).date()

    # The day may have changed since the report was made.
    expected = [Period.last_twelve_months(day) for day in (today, today - timedelta(days=1))]
    assert report["period"]["is_default"]
    assert (report["period"]["from"], report["period"]["to"]) in [
        (str(period.first_day), str(period.last_day)) for period in expected
    ]
    assert report["period"]["on"] == "reported_at"


def test_days_and_instants_bound_the_period(callers: Callers, cases: list[Json]) -> None:
    reported_at = cases[0]["reported_at"]
    day = reported_at[:10]
    after = (datetime.fromisoformat(reported_at) + timedelta(days=2)).date()

    on_the_day = shown(callers.analyst.get(f"{PATH}?from={day}&to={day}"))
    later = shown(callers.analyst.get(f"{PATH}?from={after}&to={after}"))
    up_to = shown(callers.analyst.get(f"{PATH}?from={day}&to={reported_at.replace('+', '%2B')}"))

    assert on_the_day["total"]["cases"] >= 1
    assert later["total"]["cases"] == 0
    assert cases[0]["reference"] not in str(up_to["successes"])


def test_one_end_is_enough(callers: Callers, cases: list[Json]) -> None:
    found = shown(callers.analyst.get(f"{PATH}?to=2026-03-31"))

    assert (found["period"]["from"], found["period"]["to"]) == ("2025-04-01", "2026-03-31")
    assert not found["period"]["is_default"]
    assert found["previous_period"]["to"] == "2025-03-31"


def test_an_empty_period_says_where_the_cases_are(callers: Callers, cases: list[Json]) -> None:
    query = "from=2001-01-01&to=2001-12-31"

    found = shown(callers.analyst.get(f"{PATH}?{query}"))
    page = callers.analyst.get(f"{PATH}?{query}&format=html").get_data(as_text=True)

    assert found["total"]["cases"] == 0
    assert found["available"]["own"]["cases"] == len(cases)
    assert "No cases of our own were reported in this period. Cases were reported" in page


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("from=2026-13-01", "from", "not_a_date"),
        ("from=yesterday", "from", "not_a_date"),
        ("to=2026-02-30", "to", "not_a_date"),
        ("to=9999-12-31", "to", "year_out_of_range"),
        ("to=2026-01-01T00:00:00", "to", "no_offset"),
        ("from=2026-03-02&to=2026-03-01", "to", "not_a_period"),
        ("from=2026-03-01T00:00:00Z&to=2026-03-01T00:00:00Z", "to", "not_a_period"),
        ("from=1900-01-01&to=2026-03-01", "to", "not_a_period"),
        ("from=2400-01-01", "from", "not_a_period"),
        ("group_by=colour", "group_by", "not_one_of"),
        ("group_by=type&group_by=cause", "group_by", "repeated"),
        ("format=pdf", "format", "not_one_of"),
        ("language=fr", "language", "not_one_of"),
        ("until=2026-03-01", "until", "unknown_parameter"),
    ],
)
def test_a_wrong_parameter_is_named(
    callers: Callers, cases: list[Json], query: str, parameter: str, code: str
) -> None:
    answer = callers.analyst.get(f"{PATH}?{query}")

    assert_problem(answer, answer.status_code, "invalid_parameter")
    assert 400 <= answer.status_code < 500
    fault = shown(answer)["errors"][0]
    assert (fault["parameter"], fault["code"]) == (parameter, code)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/csv", "text/csv"),
        ("text/csv;q=0.5, text/html;q=0.9", "text/html"),
    ],
)
def test_accept_chooses_the_format(
    callers: Callers, cases: list[Json], accept: str, media_type: str
) -> None:
    answer = callers.analyst.get(PATH, Accept=accept)

    assert answer.mimetype == media_type
    assert answer.headers["Vary"] == "Accept, Accept-Language"


def test_what_cannot_be_served_is_refused(callers: Callers, cases: list[Json]) -> None:
    answer = callers.analyst.get(PATH, Accept="application/pdf")

    assert_problem(answer, 406, "not_acceptable")


def test_the_format_parameter_wins(callers: Callers, cases: list[Json]) -> None:
    answer = callers.analyst.get(f"{PATH}?format=csv", Accept="text/html")

    assert answer.mimetype == "text/csv"


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [("", "zh-CN,zh;q=0.9", "zh"), ("?language=en", "zh", "en"), ("", "fr", "en")],
)
def test_the_language_is_the_readers(
    callers: Callers, cases: list[Json], query: str, accepted: str, language: str
) -> None:
    answer = callers.analyst.get(f"{PATH}{query}", Accept_Language=accepted)

    assert answer.headers["Content-Language"] == language
    assert shown(answer)["definitions"]["cases"] == DEFINITIONS["cases"].in_language(language)


def test_who_may_not_read_texts_gets_the_figures(callers: Callers, cases: list[Json]) -> None:
    full, bare = shown(callers.analyst.get(LIVED)), shown(callers.admin.get(LIVED))
    page = callers.admin.get(f"{LIVED}&format=html").get_data(as_text=True)

    assert full["texts"]["shown"]
    assert not bare["texts"]["shown"]
    assert bare["texts"]["note"] in page
    assert bare["cause_texts"] == bare["successes"] == bare["preventions"] == []
    assert bare["total"] == full["total"]
    words = [full["successes"][0]["root"], full["cause_texts"][0]["text"]]
    assert all(isinstance(word, str) and word not in page for word in words)


def test_services_that_only_report_get_no_report(callers: Callers, cases: list[Json]) -> None:
    answer = callers.reporter.get(PATH)

    assert_problem(answer, 403, "forbidden")


def test_it_says_how_far_it_has_read(
    callers: Callers, cases: list[Json], read_models: ProjectionEngine
) -> None:
    answer = callers.analyst.get(f"{PATH}?wait_for=1")

    position = int(answer.headers["Amends-Read-Position"])
    assert shown(answer)["read_position"] == position > 0
    assert float(answer.headers["Amends-Lag-Seconds"]) >= 0


@pytest.mark.parametrize("role", ["analyst", "admin"])
@pytest.mark.parametrize("group_by", ["type", "product"])
def test_it_fits_its_schema(
    app: Flask, callers: Callers, cases: list[Json], role: str, group_by: str
) -> None:
    document = shown(app.test_client().get("/openapi.json"))
    whole = {
        "$ref": "#/components/schemas/LessonsReport",
        "components": document["components"],
    }

    found = shown(callers.of(role).get(f"{LIVED}&group_by={group_by}"))

    jsonschema.Draft202012Validator(whole).validate(found)


def test_every_figure_has_its_definition(report: Json) -> None:
    group = report["total"]

    figures = {*group, *group["codes"]} - {"code", "label", "codes"}
    assert figures <= DEFINITIONS.keys()
    assert report["definitions"].keys() == DEFINITIONS.keys()
