"""The page of the background file: what stands under which heading, in order, and once only."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api import examples
from api.background_page import background_page
from projections.stand_ins import HIDDEN
from tests.api.conftest import REPORT, Callers, Json, ago, shown

ISSUES = ["Late", "Broken"]


def page_of(callers: Callers, case: Json, language: str = "en") -> str:
    path = f"/v1/cases/{case['id']}/background-file?format=html"
    return callers.handler.get(path, Accept_Language=language).get_data(as_text=True)


def entry_of(page: str, heading: str) -> str:
    """What stands under a heading, up to the next one."""
    return re.split("<h[23]>", page.partition(f"<h3>{heading}<")[2])[0]


def terms(text: str) -> list[str]:
    return re.findall("<dt>(.*?)</dt>", text)


@pytest.fixture(scope="module")
def handled(callers: Callers) -> Json:
    """A case that was analysed, with two solutions, a consultation and a promise."""
    first, *later = examples.life("en")
    case = callers.of(first.role).report({**first.body, "occurred_at": ago(days=2)})
    for each in later:
        body = each.body
        if each.step == "analyse":
            body = {**body, "issues": ISSUES, "main_issue": 2}
        body = {**body, **({"agreement": agreed()} if each.step == "confirm" else {})}
        case = callers.of(each.role).take(case, each.step, body)
        if each.step == "consult_customer":
            break
    promise = {**examples.body("make_commitment", "en"), "in_writing": False}
    return callers.handler.take(case, "make_commitment", promise)


def agreed() -> Json:
    return {"agreed": True, "at": ago(hours=1), "channel": "phone"}


def test_issues_are_numbered_and_the_main_one_is_told_by_its_text(
    callers: Callers, handled: Json
) -> None:
    page = page_of(callers, handled)

    issues = page.partition("<dt>Issues</dt>")[2].partition("<dt>Main issue</dt>")
    numbered = [f"<dt>{n}</dt><dd>{text}</dd>" for n, text in enumerate(ISSUES, start=1)]
    assert all(line in issues[0] for line in numbered)
    assert issues[2].startswith("<dd>Broken</dd>")


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("S1 · Replace the machine within two days", {"Solution", "Title", "Attempt"}),
        ("C1", {"Promise"}),
    ],
)
def test_what_a_heading_says_is_not_said_again(
    callers: Callers, handled: Json, heading: str, said: set[str]
) -> None:
    entry = entry_of(page_of(callers, handled), heading)

    assert "Kind" in terms(entry)
    assert not said & set(terms(entry))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_promise_says_once_whether_it_needs_an_approval(
    callers: Callers, handled: Json, language: str
) -> None:
    entry = entry_of(page_of(callers, handled, language), "C1")

    found = [term for term in terms(entry) if re.search("approval|批", term)]
    assert found == [{"en": "Needs approval", "zh": "是否须审批"}[language]]


def test_a_title_that_may_not_be_read_is_told_as_hidden(callers: Callers, handled: Json) -> None:
    file: dict[str, Any] = shown(
        callers.handler.get(f"/v1/cases/{handled['id']}/background-file?format=json")
    )
    file["attempts"][0]["solutions"][0]["title"] = HIDDEN

    entry = entry_of(background_page(file, "en").decode(), "S1")

    assert "Title" in terms(entry)
    assert "hidden from this reader" in entry


def test_contacts_of_every_kind_stand_in_order_of_time(callers: Callers) -> None:
    case = callers.handler.report({**REPORT, "occurred_at": ago(hours=9)})
    talk = {"direction": "outbound", "channel": "phone", "content": "We talked"}
    told = {
        "log_interaction": {**talk, "occurred_at": ago(hours=2)},
        "update_progress": {
            **examples.body("update_progress", "en"), "occurred_at": ago(hours=4),
        },
        "send_minutes": {
            **examples.body("send_minutes", "en"), "next_meeting_at": None,
            "occurred_at": ago(hours=3),
        },
        "ask_supplement": {**examples.body("ask_supplement", "en"), "occurred_at": ago(hours=5)},
    }  # fmt: skip
    for step, body in told.items():
        case = callers.handler.take(case, step, body)

    page = page_of(callers, case).partition("<h2>Contacts</h2>")[2].partition("<h2>")[0]

    assert re.findall("<h3>(.*?)<", page) == [
        "Supplementary material asked for",
        "Progress told",
        "Minutes sent",
        "Open points",
        "To the customer · Phone",
    ]
