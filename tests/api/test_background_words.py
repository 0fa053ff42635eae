"""The page of the background file: words in both languages for all that it can show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

import pytest

from api import examples
from api.answer_schemas import answer_schemas
from api.background_file import _ABOUT, _JUDGED, _WEIGHING
from api.background_page import _WORDS, background_page
from api.json_schema import SchemaBook
from api.packs.words import WORDS
from api.rendering import WordedReader
from api.witness import Witness
from domain.clocks.run import State
from domain.commitments import CommitmentState
from domain.values import Status, SurveyOccasion
from tests.api.conftest import Callers, Json, shown

PARTS = (
    "acknowledgements", "agreement", "agreements_confirmed", "analyses", "commitments",
    "consultations", "customer", "description", "desired_outcome", "disclosures", "dismissal",
    "evidence", "follow_ups", "imported", "interactions", "minutes", "open_points", "plans",
    "progress", "referrals", "reopenings", "resolutions", "restatement", "solutions",
    "stakeholders", "summary", "supplements", "surveys", "task_force", "withdrawal",
)  # fmt: skip
"""The parts of a case that the file is made of."""
NOT_ON_THE_PAGE = {
    *_WEIGHING, *_JUDGED, "completed", "total", "is_complete", "highest", "approved",
    "owner_label", "state_label", "status_label",
}  # fmt: skip
OWN_STATES = {"solutions": ("status", "solution"), "commitments": ("state", "promise")}
"""By part: the field whose values stand in no reference book, and how their words begin."""


def schemas() -> dict[str, Json]:
    book = SchemaBook()
    return {**answer_schemas(book), **book.components}


def fields_under(schema: Json, known: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """Every field below, with its schema; who did it stands in a heading, not in a field."""
    named = schema.get("$ref", "").rpartition("/")[2]
    if named and named not in {"Hidden", "Erased", "Actor"}:
        yield from fields_under(known[named], known)
    for way in ("oneOf", "allOf"):
        for each in schema.get(way, ()):
            yield from fields_under(each, known)
    if "items" in schema:
        yield from fields_under(schema["items"], known)
    for name, inner in schema.get("properties", {}).items():
        if name not in NOT_ON_THE_PAGE:
            yield name, inner
            yield from fields_under(inner, known)


@pytest.mark.parametrize("part", PARTS)
def test_every_field_that_can_occur_has_words(part: str) -> None:
    known = schemas()

    names = {name for name, _ in fields_under(known["Case"]["properties"][part], known)}

    assert names <= set(WORDS["fields"]) | set(_WORDS["fields"])


def test_what_the_file_itself_adds_has_words(callers: Callers) -> None:
    case = callers.handler.report(examples.body("report", "zh"))

    file = shown(callers.handler.get(f"/v1/cases/{case['id']}/background-file"))

    names = {*file["parties"], *file["positions"]["customer"], *file["positions"]["company"]}
    in_its_heading = {"id", "reference", "version", "edition", "attempt"}
    assert names | set(_ABOUT) - in_its_heading <= set(WORDS["fields"]) | set(_WORDS["fields"])


@pytest.mark.parametrize("part", PARTS)
def test_every_state_that_can_occur_has_words(part: str) -> None:
    known = schemas()

    states = {
        (name, state)
        for name, inner in fields_under(known["Case"]["properties"][part], known)
        if "reference book" not in inner.get("description", "")
        and name not in {"leads_to", "occasion"}
        for state in inner.get("enum", ())
    }

    field, prefix = OWN_STATES.get(part, ("", ""))
    assert {name for name, _ in states} == ({field} if field else set())
    assert {f"{prefix}_{state}" for _, state in states} <= set(_WORDS["page"])


def test_every_state_of_a_clock_has_words() -> None:
    assert {f"state_{state}" for state in State} <= set(_WORDS["page"])


def test_no_word_is_missing_in_a_language() -> None:
    for group in _WORDS.values():
        for name, labels in group.items():
            assert labels["en"].strip(), name
            assert re.search("[一-鿿：，]", labels["zh"]), name


@pytest.mark.parametrize("state", CommitmentState)
def test_a_promise_is_told_in_words(callers: Callers, state: CommitmentState) -> None:
    file = a_file_with_promise(callers, state)

    pages = {language: background_page(file, language).decode() for language in ("en", "zh")}

    chinese = pages["zh"].partition("<h2>承诺</h2>")[2].partition("<h2>期限</h2>")[0]
    words = set(re.findall("[A-Za-z]{2,}", re.sub("<[^>]+>", " ", chinese)))
    assert _WORDS["page"][f"promise_{state}"]["zh"] in chinese
    assert _WORDS["page"][f"promise_{state}"]["en"] in pages["en"]
    assert words == set()


def a_file_with_promise(callers: Callers, state: CommitmentState) -> Json:
    """The file of a new case, with one promise in this state put into it."""
    case = callers.handler.report(examples.body("report", "zh"))
    file = shown(callers.handler.get(f"/v1/cases/{case['id']}/background-file"))
    when = "2026-03-01T09:30:00Z"
    promise = {
        "commitment_id": "C1", "state": state.value, "approved": True, "confirmed": False,
        "approval": {"occurred_at": when}, "kept": {"occurred_at": when},
        "broken": {"occurred_at": when}, "disclose": True, "disclosed_at": when,
        "reminders": [{"reminder": "三天前", "due_at": when, "given": True}],
    }  # fmt: skip
    return {**file, "promises": [promise]}


@pytest.mark.parametrize(
    ("language", "nothing"), [("en", "Nothing on record."), ("zh", "无记录。")]
)
def test_a_section_with_nothing_in_it_says_so(
    callers: Callers, language: str, nothing: str
) -> None:
    case = callers.handler.report(examples.body("report", "zh"))

    answer = callers.handler.get(
        f"/v1/cases/{case['id']}/background-file?format=html", Accept_Language=language
    )

    sections = answer.get_data(as_text=True).partition("<body>")[2].split("<h2>")[1:]
    company = next(each for each in sections if each.startswith(("公司的陈述", "What the company")))
    assert nothing in company
    assert all(re.sub("<[^>]+>|\\s", "", each.partition("</h2>")[2]) for each in sections)


@pytest.mark.parametrize("kind", [Status, SurveyOccasion])
def test_a_state_that_a_book_names_is_told_in_words(kind: type[Enum]) -> None:
    reader = WordedReader(frozenset(), Witness(), language="zh")

    told = {reader.state(state) for state in kind}

    assert len(told) == len(kind)
    assert all(re.search("[一-鿿]", word) for word in told)
