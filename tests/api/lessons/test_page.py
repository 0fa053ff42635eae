"""The lessons-learned report as a page to read and to print."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser

import pytest

from api.reports.words import DEFINITIONS
from projections.engine import ProjectionEngine
from projections.lessons_report import GROUP_BY
from tests.api.conftest import Callers, Json, shown
from tests.api.lessons.conftest import ATTACK, LIVED, PATH
from tests.api.test_commitments import promise

VOID = frozenset({"meta", "br", "rect", "line", "circle"})


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
    answer = callers.analyst.get(f"{LIVED}&format=html&language={request.param}")
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
    page = callers.analyst.get(f"{LIVED}&format=html&language=zh").get_data(as_text=True)

    heading = page.index("<h3>出现的错误行为</h3>")
    assert "拖延" in page[heading : heading + 2000]


def test_the_page_tells_of_promises_and_scores_of_the_period(
    callers: Callers, read_models: ProjectionEngine
) -> None:
    case = callers.reporter.report()
    case = callers.handler.take(case, "make_commitment", promise(owner="财务组"))
    case = callers.handler.take(case, "make_commitment", promise(owner="finance"))
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
    assert all(re.search(rf"{owner}\s", pages["zh"]) for owner in ("财务组", "财务"))
    assert "finance" not in pages["zh"]
    for language, scores in satisfaction.items():
        assert scores
        assert all(each["scale_label"] in pages[language] for each in scores)


def test_the_page_prints_on_paper(page: Page) -> None:
    assert "@page { size: A4;" in page.text
    assert "@media print" in page.text


def test_a_page_for_every_grouping(callers: Callers, cases: list[Json]) -> None:
    for group_by in GROUP_BY:
        answer = callers.analyst.get(f"{LIVED}&format=html&group_by={group_by}")
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
