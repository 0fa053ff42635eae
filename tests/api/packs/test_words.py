"""The words of the timeline: for every event and field there is, in both languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import pytest

from api.packs.page import NUMBERED, facts
from api.packs.words import WORDS, Wording
from domain import events
from domain.decisions import APPROVAL_REASONS
from domain.events import ENVELOPE
from domain.kinds import Kind, fields_of
from domain.values import Via
from projections.stand_ins import HIDDEN

ROOT = Path(__file__).parents[3]


ON_ONE_LINE = {"people"}
"""Lists of names: each is short, and no other field points to one."""


def names_in(owner: type) -> Iterator[str]:
    yield from (name for name, _ in kinds_in(owner))


def kinds_in(owner: type) -> Iterator[tuple[str, Kind]]:
    for own in fields_of(owner):
        if own.name in ENVELOPE:
            continue
        yield own.name, own.kind
        if is_dataclass(own.kind.base):
            yield from kinds_in(own.kind.base)


def test_words_name_only_what_there_is() -> None:
    """What is newer than the words is shown by its stored name: see the next test."""
    fields = {name for event in events.ALL for name in names_in(event)}

    assert set(WORDS["events"]) <= {event.NAME for event in events.ALL}
    assert set(WORDS["fields"]) <= fields
    assert {f"via_{via.value}" for via in Via} <= set(WORDS["page"])


def test_every_list_of_sentences_is_numbered() -> None:
    kinds = [each for event in events.ALL for each in kinds_in(event)]

    lists = {name for name, kind in kinds if kind.many and kind.is_personal}

    assert lists == NUMBERED | ON_ONE_LINE


@pytest.mark.parametrize("name", sorted(NUMBERED))
def test_short_sentences_are_numbered_too(name: str) -> None:
    (found,) = facts({name: ["Late", "Broken, and dirty"]}, Wording("en"))

    assert found.numbered
    assert [(each.name, each.text) for each in found.inner] == [
        ("1", "Late"),
        ("2", "Broken, and dirty"),
    ]


@pytest.mark.parametrize("issue", ["Broken", HIDDEN])
def test_the_main_issue_is_told_by_what_it_says(issue: str | dict[str, Any]) -> None:
    said = {"issues": ["Late", issue], "main_issue": 2}

    _, main = facts(said, Wording("en"))

    assert (main.name, main.text, main.unread) == (
        "Main issue",
        issue if isinstance(issue, str) else "hidden from this reader",
        issue is HIDDEN,
    )


def test_every_reason_for_an_approval_has_words() -> None:
    words = Wording("zh")

    told = words.told("approval_reasons", list(APPROVAL_REASONS))

    assert set(WORDS["approval_reasons"]) == set(APPROVAL_REASONS)
    assert told == ["高风险", "接受风险", "补救超出权限"]


def test_a_score_is_no_worth_and_a_team_has_its_name() -> None:
    said = {
        "score": {"scale": "csat_1_5", "value": 1},
        "owner": "finance",
        "unit": "supervisor",
        "value": {"amount": "12.50", "currency": "EUR"},
    }

    score, owner, unit, worth = facts(said, Wording("zh"))

    assert [(each.name, each.text) for each in score.inner] == [
        ("量表", "csat_1_5"),
        ("分值", "1"),
    ]
    assert [owner.text, unit.text, worth.name] == ["财务", "主管", "价值"]
    assert facts({"owner": "TEAM-7"}, Wording("zh"))[0].text == "TEAM-7"


def test_a_directors_order_has_one_name_wherever_it_is_told() -> None:
    rows = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    (term,) = (row.split("|")[2].strip() for row in rows if "| **director's order** |" in row)

    named = [
        labels["zh"]
        for place in ("api/packs", "api/pages_html", "api/reports", "projections/mining")
        for file in (ROOT / place).glob("*.json")
        for labels in labels_in(json.loads(file.read_text(encoding="utf-8")))
        if re.match("Directors?'s? order", labels["en"])
    ]

    assert len(named) >= 7
    assert [each for each in named if term not in each] == []


def labels_in(words: Any) -> Iterator[dict[str, str]]:
    if isinstance(words, dict) and isinstance(words.get("en"), str):
        yield words
    elif isinstance(words, dict):
        for each in words.values():
            yield from labels_in(each)


def test_what_has_no_words_yet_is_shown_by_its_name() -> None:
    words = Wording("zh")

    assert words.event("something_new_happened") == "Something new happened"
    assert words.field("summary") == "摘要"


def test_every_word_is_said_in_both_languages() -> None:
    for group in WORDS.values():
        for name, labels in group.items():
            assert labels.en.strip(), name
            assert labels.zh.strip(), name
