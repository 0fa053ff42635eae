"""The lessons-learned report over HTTP: contents, formats, languages, rights and refusals."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import jsonschema
import pytest
from flask import Flask

from api import examples
from api.reports.as_csv import COLUMNS
from api.reports.words import DEFINITIONS
from projections.engine import ProjectionEngine
from projections.lessons_period import Period
from projections.lessons_report import GROUP_BY
from tests.api.conftest import Caller, Callers, Json, shown
from tests.api.test_commitments import promise
from tests.api.test_errors import assert_problem

PATH = "/v1/reports/lessons-learned"
ATTACK = '<script>alert("1")</script>'
VOID = frozenset({"meta", "br", "rect", "line", "circle"})


def live(callers: Callers, language: str, **lesson: Any) -> Json:
    """A whole example life by HTTP, with changed words in its lessons."""
    report, *later = examples.life(language)
    case = callers.of(report.role).report(report.body)
    for each in later:
        changed = lesson if each.step == "record_lessons" else {}
        case = callers.of(each.role).take(case, each.step, each.body | changed)
    return case


@pytest.fixture(scope="module")
def cases(callers: Callers, read_models: ProjectionEngine) -> list[Json]:
    """Two whole lives, read by the read models; the second one's lessons try to break out."""
    lives = [live(callers, "en"), live(callers, "zh", trigger=ATTACK)]
    read_models.catch_up()
    return lives


@pytest.fixture
def report(callers: Callers, cases: list[Json]) -> Json:
    return shown(callers.analyst.get(PATH))


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
    found = shown(callers.analyst.get(f"{PATH}?group_by={group_by}"))

    assert found["group_by"] == group_by
    assert sum(group["cases"] for group in found["groups"]) == found["total"]["cases"]


def test_groups_carry_their_labels(callers: Callers, cases: list[Json]) -> None:
    english = shown(callers.analyst.get(f"{PATH}?group_by=channel&language=en"))
    chinese = shown(callers.analyst.get(f"{PATH}?group_by=channel&language=zh"))

    labels = [{group["code"]: group["label"] for group in r["groups"]} for r in (english, chinese)]
    assert labels[0].keys() == labels[1].keys()
    assert all(labels[0][code] != labels[1][code] for code in labels[0])


def test_by_default_it_covers_the_last_twelve_months(report: Json) -> None:
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
    full, bare = shown(callers.analyst.get(PATH)), shown(callers.admin.get(PATH))
    page = callers.admin.get(f"{PATH}?format=html").get_data(as_text=True)

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

    found = shown(callers.of(role).get(f"{PATH}?group_by={group_by}"))

    jsonschema.Draft202012Validator(whole).validate(found)


def test_every_figure_has_its_definition(report: Json) -> None:
    group = report["total"]

    figures = {*group, *group["codes"]} - {"code", "label", "codes"}
    assert figures <= DEFINITIONS.keys()
    assert report["definitions"].keys() == DEFINITIONS.keys()


# The table


def table(caller: Caller, query: str = "") -> list[dict[str, str]]:
    content = caller.get(f"{PATH}?format=csv{query}").get_data()
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_table_is_tidy(callers: Callers, cases: list[Json], report: Json) -> None:
    answer = callers.analyst.get(f"{PATH}?format=csv")
    rows = table(callers.analyst)

    assert answer.get_data().startswith(b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n")
    assert re.fullmatch(
        r'attachment; filename="lessons-learned-[\d-]{10}-to-[\d-]{10}-by-type\.csv"',
        answer.headers["Content-Disposition"],
    )
    keys = [tuple(row[name] for name in COLUMNS[:6]) for row in rows]
    assert len(keys) == len(set(keys))
    (total,) = (
        row
        for row in rows
        if row["measure"] == "cases" and row["section"] == "own" and not row["group_by"]
    )
    assert total["value"] == str(report["total"]["cases"])


def test_the_table_says_the_same_as_the_json(
    callers: Callers, cases: list[Json], report: Json
) -> None:
    rows = [row for row in table(callers.analyst) if row["section"] == "own"]

    for group in report["groups"]:
        mine = {
            (row["measure"], row["item"]): row
            for row in rows
            if row["group_by"] and row["group"] == (group["code"] or "")
        }
        share = group["first_contact_resolution"]
        assert float(mine["first_contact_resolution", ""]["value"]) == share["share"]
        assert mine["first_contact_resolution", ""]["n"] == str(share["of"])
        median = float(mine["time_to_stage_median", "resolved"]["value"])
        assert median == group["stages"]["resolved"]["median_seconds"]
        for count in group["codes"]["outcomes"]:
            assert mine["outcomes", count["code"]]["value"] == str(count["standing"])
            assert mine["outcomes", count["code"]]["item_label"] == count["label"]


def test_the_table_is_in_chinese_where_asked(callers: Callers, cases: list[Json]) -> None:
    rows = table(callers.analyst, "&language=zh")

    assert {row["group_label"] for row in rows} & {"全部案例"}


# The page


@dataclass
class Page(HTMLParser):
    """Checks that tags are closed in order and collects what stands between them."""

    text: str
    seen: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str | None]] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open_tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(params=["en", "zh"])
def page(callers: Callers, cases: list[Json], request: pytest.FixtureRequest) -> Page:
    answer = callers.analyst.get(f"{PATH}?format=html&language={request.param}")
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    return Page(answer.get_data(as_text=True))


def test_the_page_stands_alone(page: Page) -> None:
    fetching = {"src", "href", "srcset", "data", "action", "xlink:href", "style"}

    assert page.open_tags == []
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(page.seen)
    assert not [name for name, _ in page.attributes if name in fetching or name.startswith("on")]
    assert "url(" not in page.text
    assert "@import" not in page.text
    assert "://" not in page.text


def test_the_page_allows_its_own_style_only(callers: Callers, cases: list[Json]) -> None:
    answer = callers.analyst.get(f"{PATH}?format=html")

    policy = answer.headers["Content-Security-Policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; frame-ancestors 'none'", policy
    )
    assert answer.headers["Content-Disposition"].startswith("inline; filename=")


def test_words_of_people_cannot_break_out(page: Page) -> None:
    assert ATTACK in "".join(page.words)
    assert ATTACK not in page.text


def test_the_page_says_what_a_manager_needs(page: Page, cases: list[Json]) -> None:
    words = " ".join(page.words)

    for case in cases:
        assert case["reference"] in words
    assert page.seen.count("svg") >= 6
    for definition in DEFINITIONS.values():
        assert definition.en in words or definition.zh in words


def test_the_page_names_the_wrong_behaviours_that_were_seen(
    callers: Callers, cases: list[Json]
) -> None:
    page = callers.analyst.get(f"{PATH}?format=html&language=zh").get_data(as_text=True)

    heading = page.index("<h3>出现的错误行为</h3>")
    assert "拖延" in page[heading : heading + 2000]


def test_the_page_tells_of_promises_and_scores_of_the_period(
    callers: Callers, read_models: ProjectionEngine
) -> None:
    case = callers.reporter.report()
    case = callers.handler.take(case, "make_commitment", promise(owner="财务组"))
    case = callers.handler.take(case, "keep_commitment", {"commitment_id": "C1"})
    survey = {"occasion": "contact", "channel": "mail", "scale": "csat_1_5"}
    case = callers.handler.take(case, "send_survey", survey)
    callers.handler.take(case, "answer_survey", {"survey_id": "Q1", "value": 2})
    read_models.catch_up()

    pages, satisfaction = {}, {}
    for language in ("en", "zh"):
        page = callers.analyst.get(f"{PATH}?format=html&language={language}")
        pages[language] = " ".join(Page(page.get_data(as_text=True)).words)
        answer = callers.analyst.get(f"/v1/reports/satisfaction?language={language}")
        satisfaction[language] = shown(answer)["scores"]
    promises = shown(callers.analyst.get("/v1/reports/promises"))["promises"]

    assert re.search(rf"Kept in time {promises['kept']}\s", pages["en"])
    assert "Breaches of promises and missed service clocks told of" in pages["en"]
    assert "承诺违约与服务时钟逾期" in pages["zh"]
    assert re.search(rf"按时兑现 {promises['kept']}\s", pages["zh"])
    assert "财务组" in pages["zh"]
    for language, scores in satisfaction.items():
        assert scores
        assert all(each["scale_label"] in pages[language] for each in scores)


def test_the_page_prints_on_paper(page: Page) -> None:
    assert "@page { size: A4;" in page.text
    assert "@media print" in page.text


def test_a_page_for_every_grouping(callers: Callers, cases: list[Json]) -> None:
    for group_by in GROUP_BY:
        answer = callers.analyst.get(f"{PATH}?format=html&group_by={group_by}")
        assert answer.status_code == 200
        assert Page(answer.get_data(as_text=True)).open_tags == []


def test_days_are_written_out(callers: Callers, cases: list[Json]) -> None:
    query = "format=html&from=2026-01-01&to=2026-03-31"

    english = callers.analyst.get(f"{PATH}?{query}&language=en").get_data(as_text=True)
    chinese = callers.analyst.get(f"{PATH}?{query}&language=zh").get_data(as_text=True)

    assert "1 Jan 2026 to 31 Mar 2026" in english
    assert "1 Oct 2025 to 31 Dec 2025" in english
    assert "2026年1月1日至2026年3月31日" in chinese
    assert date(2026, 1, 1).isoformat() not in english
