"""The page for the person: every word of it in their language, and who was shown what, and why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api import examples
from api.packs.words import WORDS as SHARED
from api.route_table import ROUTES
from api.subject_page import WORDS
from tests.api.conftest import Callers, Json
from tests.api.test_privacy import place

COMMANDS = Path(__file__).parents[2] / "api" / "cli"
NAMED = r'(?:looked_at\(\s*service, |what=)"([a-z-]+)"'
"""How a command says what it shows."""
TYPED = (
    r"https://\S+|\S+@\S+|[0-9a-f]{64}|application/pdf|\bC-2026-\d+|[A-Za-z]+(-\w+)*-?\d+"
    r"|returns|warehouse|finance|anna|UTC"
)
"""Addresses, digests, names, numbers and units as they were typed, which no page translates."""
TAGS = {"Cases", "Audit", "Customers", "Reports", "Privacy"}
"""Of the routes that can show what is held about a person."""


def lived(callers: Callers, ref: str, language: str) -> Json:
    """A case from its report to its end, and somebody who looked at it."""
    report, *later = examples.life(language)
    body = {**report.body, "customer": {**report.body["customer"], "ref": ref}}
    told = callers.of(report.role).report(body)
    for each in later:
        told = callers.of(each.role).take(told, each.step, each.body)
    callers.handler.get(f"/v1/cases/{told['id']}", Amends_Access_Reason="ticket-4711")
    callers.handler.get(f"/v1/cases/{told['id']}/events")
    place(callers.privacy, subject_ref=ref)
    return told


def page_of(callers: Callers, ref: str, language: str) -> str:
    answer = callers.privacy.get(f"/v1/subjects/{ref}/export?format=html", Accept_Language=language)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def words_in(page: str) -> list[str]:
    """The texts between the tags, without the style."""
    body = page.partition("<body>")[2]
    return [text.strip() for text in re.findall(">([^<]+)<", body) if text.strip()]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_shows_no_raw_key_and_no_raw_value(callers: Callers, ref: str, language: str) -> None:
    lived(callers, ref, language)

    texts = words_in(page_of(callers, ref, language))

    assert not [each for each in texts if re.search(r"\b(True|False)\b|[a-z]_[a-z]|^None$", each)]
    assert not [each for each in texts if re.search(r"\d{4}-\d\d-\d\dT", each)]
    keys = {*SHARED["fields"], *SHARED["events"]}
    assert not keys & {each for each in texts if language == "en"}


def test_the_chinese_page_is_in_chinese(callers: Callers, ref: str) -> None:
    lived(callers, ref, "zh")

    page = page_of(callers, ref, "zh")

    seen = re.sub(TYPED, " ", "\n".join(words_in(page)).replace(ref, " "))
    assert " ".join(re.findall("[A-Za-z]+", seen)) == ""


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", ("The case", "All times are UTC")), ("zh", ("案例", "所有时间均为协调世界时(UTC)"))],
)
def test_it_says_who_was_shown_what_and_for_what(
    callers: Callers, ref: str, language: str, told: tuple[str, str]
) -> None:
    lived(callers, ref, language)
    what, zone = told

    page = page_of(callers, ref, language)

    none = WORDS["page"]["no_reason"][language]
    rows = re.findall(
        r"<tr><td>[^<]+</td><td>([^<]+)</td><td>([^<]+)</td><td[^>]*>([^<]+)</td>", page
    )
    assert ("handler-1", what, "ticket-4711") in rows
    assert ("handler-1", WORDS["looks"]["show_events"][language], none) in rows
    assert zone in page


def test_everything_that_can_be_shown_has_words() -> None:
    routes = {route.name for route in ROUTES if route.method == "GET" and route.tag in TAGS}
    commands = {
        name
        for file in COMMANDS.glob("*.py")
        for name in re.findall(NAMED, file.read_text("utf-8"))
    }

    assert len(commands) > 4
    assert routes | commands == set(WORDS["looks"])


def test_no_word_is_missing_in_a_language() -> None:
    for group in WORDS.values():
        for name, labels in group.items():
            assert labels["en"].strip(), name
            assert re.search("[一-鿿：]", labels["zh"]), name
