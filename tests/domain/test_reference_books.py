"""The reference books: complete, bilingual, canonical, immutable, and fitting the events."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from enum import StrEnum
from pathlib import Path

import pytest

from domain import events, reference_books
from domain.kinds import CodeOf, fields_of
from domain.reference_books import CURRENT_EDITION, EDITIONS, Book, edition
from domain.solution_values import Feasibility
from domain.values import ActorKind, Role, Status, SurveyOccasion
from tests.other_books import other_books

FILES = sorted(reference_books.BOOKS_DIRECTORY.iterdir())
FIRST = edition(1)
ALL_BOOKS = [
    reference_books.book(name, version)
    for name in sorted(EDITIONS[CURRENT_EDITION])
    for version in reference_books.versions(name)
]
HAN = re.compile("[\u4e00-\u9fff]")

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
each_book = pytest.mark.parametrize(
    "book", ALL_BOOKS, ids=lambda book: f"{book.name}.v{book.version}"
)


def texts_in(value: object) -> list[dict[str, str]]:
    """Every {"en": ..., "zh": ...} pair inside a file's content."""
    if isinstance(value, dict):
        if set(value) == {"en", "zh"}:
            return [value]
        return [text for inner in value.values() for text in texts_in(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts_in(inner)]
    return []


# The files


@each_file
def test_a_file_is_written_in_the_one_canonical_form(path: Path) -> None:
    stored = path.read_text(encoding="utf-8")
    content = json.loads(stored)

    ordered = {
        key: content[key]
        for key in ("name", "version", "title", "source", "parent_book", "entries")
        if key in content
    }
    ordered["entries"] = [
        {key: entry[key] for key in ("code", "labels", "parent", "details") if key in entry}
        for entry in content["entries"]
    ]
    sorted_details = [
        json.dumps(entry["details"]) == json.dumps(entry["details"], sort_keys=True)
        for entry in content["entries"]
        if "details" in entry
    ]

    assert stored == json.dumps(ordered, ensure_ascii=False, indent=2) + "\n"
    assert all(sorted_details)


@each_file
def test_a_file_is_named_after_its_book_and_version_and_some_edition_uses_it(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))

    assert path.name == f"{content['name']}.v{content['version']}.json"
    assert any(row.get(content["name"]) == content["version"] for row in EDITIONS.values())


@each_file
def test_every_text_is_there_in_english_and_in_chinese(path: Path) -> None:
    pairs = texts_in(json.loads(path.read_text(encoding="utf-8")))

    for text in pairs:
        assert text["en"].strip() == text["en"] != ""
        assert not HAN.search(text["en"])
        assert HAN.search(text["zh"])
        assert not re.search(r"[,;:?!()]", text["zh"]), "Chinese text takes full-width marks"


@each_book
def test_labels_are_unique_inside_a_book(book: Book) -> None:
    english = Counter(entry.labels.en.lower() for entry in book.entries)
    chinese = Counter(entry.labels.zh for entry in book.entries)

    assert max(english.values()) == 1
    assert max(chinese.values()) == 1


@each_book
def test_every_parent_is_a_code_of_the_parent_book(book: Book) -> None:
    parents = {entry.parent for entry in book.entries if entry.parent}

    if book.parent_book is None:
        assert not parents
    else:
        assert parents
        assert parents <= edition(CURRENT_EDITION).book(book.parent_book).codes


def test_no_code_has_two_spellings_in_any_book() -> None:
    spellings: dict[str, set[str]] = {}
    for book in ALL_BOOKS:
        for code in book.codes:
            if book.name not in ("currencies", "languages"):
                spellings.setdefault(code.replace("_", "").rstrip("s"), set()).add(code)

    assert [found for found in spellings.values() if len(found) > 1] == []


# The requirements


@pytest.mark.parametrize(
    ("name", "least"),
    [("channels", 6), ("conflict_subtypes", 14), ("lesson_codes", 3), ("remedies", 8)],
)
def test_a_book_has_at_least_as_many_codes_as_practice_asks_for(name: str, least: int) -> None:
    assert len(FIRST.book(name).codes) >= least


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("conflict_types", "quality price communication other"),
        ("evidence_kinds", "complaint communication transaction contract_or_policy"),
        ("cause_classes", "process staff_error expectation_gap"),
        ("kano_classes", "basic expected exciting"),
        ("risk_factors", "negative_effect legal customer_reaction market"),
        ("risk_responses", "avoid reduce transfer accept"),
        ("customer_tiers", "bronze silver gold"),
        ("escalation_levels", "supervisor director mediator"),
        ("upheld", "fully partly no"),
        ("score_scales", "csat_1_5 csat_1_10 nps"),
        ("consultation_answers", "accepted declined counter_offer"),
        ("sentiments", "positive neutral negative"),
        ("follow_up_cycles", "weekly monthly quarterly"),
        ("verdicts", "success failure"),
    ],
)
def test_a_book_has_exactly_the_codes_that_the_texts_name(name: str, codes: str) -> None:
    assert [entry.code for entry in FIRST.book(name).entries] == codes.split()


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("channels", "web phone mail chat social_media in_person sms app"),
        ("complaint_causes", "service_failure over_promise hidden_information service_attitude"),
        ("barriers", "language culture technical"),
        ("emotions", "calm angry disappointed"),
        ("severities", "minor serious"),
        ("urgencies", "urgent normal"),
        ("request_kinds", "ordinary complex formal_complaint"),
        ("solution_kinds", "change_process raise_quality compensate improve_communication"),
        ("stakeholder_roles", "customer company_unit third_party_partner superior"),
        ("lesson_codes", "slow under_resourced poor_internal_communication"),
        ("wrong_behaviours", "liability_before_facts arguing stalling hiding"),
        ("remedies", "apology partial_refund replacement service_upgrade points coupon recall"),
    ],
)
def test_a_book_has_the_codes_that_the_texts_name_among_others(name: str, codes: str) -> None:
    assert set(codes.split()) <= FIRST.book(name).codes


@pytest.mark.parametrize(
    ("name", "count"),
    [("customer_types", 12), ("touchpoints", 27), ("principles", 6), ("rfm_segments", 6)],
)
def test_a_book_has_exactly_as_many_codes_as_the_texts_count(name: str, count: int) -> None:
    assert len(FIRST.book(name).entries) == count


def test_every_conflict_type_has_subtypes_and_every_subtype_one_type() -> None:
    subtypes = FIRST.book("conflict_subtypes")

    counts = Counter(entry.parent for entry in subtypes.entries)

    assert counts == {"quality": 4, "price": 3, "communication": 3, "other": 6}


def test_product_quality_is_split_into_the_four_kinds_of_fault() -> None:
    causes = FIRST.book("complaint_causes").children("product_quality")

    assert {entry.code for entry in causes} == {"product_itself", "packaging", "blemish", "misuse"}


# Editions


def test_every_edition_names_only_versions_that_exist_and_begins_with_one() -> None:
    for number, row in EDITIONS.items():
        books = edition(number).books
        assert {name: book.version for name, book in books.items()} == row

    assert list(EDITIONS) == list(range(1, CURRENT_EDITION + 1))


def test_an_edition_answers_which_codes_it_has() -> None:
    assert FIRST.has("channels", "web")
    assert not FIRST.has("channels", "pigeon")
    assert FIRST.label("evidence_kinds", "complaint", "zh-CN") == "投诉内容"
    assert FIRST.label("evidence_kinds", "complaint", "fr") == "Content of the complaint"


def test_a_later_edition_does_not_relabel_an_earlier_one(tmp_path: Path) -> None:
    content = json.loads((reference_books.BOOKS_DIRECTORY / "channels.v1.json").read_text("utf-8"))
    content["entries"][0]["labels"]["en"] = "Portal"
    (tmp_path / "channels.v1.json").write_text(json.dumps(content | {"version": 1}), "utf-8")
    (tmp_path / "channels.v2.json").write_text(json.dumps(content | {"version": 2}), "utf-8")
    before = FIRST.label("channels", "web", "en")

    with other_books({**EDITIONS, 99: {"channels": 2}}, tmp_path):
        second = edition(99)

    assert second.label("channels", "web", "en") == "Portal"
    assert FIRST.label("channels", "web", "en") == before == "Web form"


@pytest.mark.parametrize(
    ("ask", "refusal"),
    [
        (lambda: edition(0), reference_books.UnknownEdition),
        (lambda: edition(CURRENT_EDITION + 1), reference_books.UnknownEdition),
        (lambda: FIRST.has("horoscopes", "aries"), reference_books.UnknownBook),
        (lambda: reference_books.versions("../channels"), reference_books.UnknownBook),
        (lambda: reference_books.book("../channels", 1), reference_books.UnknownBook),
        (lambda: reference_books.book("channels", 99), reference_books.UnknownVersion),
        (lambda: FIRST.label("channels", "pigeon", "en"), reference_books.UnknownCode),
    ],
)
def test_what_the_books_do_not_hold_is_refused_without_echoing_what_was_asked(
    ask: Callable[[], object], refusal: type[ValueError]
) -> None:
    with pytest.raises(refusal) as refused:
        ask()

    assert isinstance(refused.value, ValueError)
    assert not re.search(r"horoscopes|pigeon|\.\.|99", str(refused.value))


@pytest.mark.parametrize(
    "change",
    [
        {"entries": [{"code": "a", "labels": {"en": "A", "zh": "甲"}}] * 2},
        {"entries": [{"code": "Not-A-Code", "labels": {"en": "A", "zh": "甲"}}]},
        {"entries": [{"code": "a", "labels": {"en": "A"}}]},
        {"title": {"en": "A", "zh": "甲", "fr": "A"}},
    ],
)
def test_a_malformed_file_is_refused(change: dict[str, object]) -> None:
    content = json.loads((reference_books.BOOKS_DIRECTORY / "channels.v1.json").read_text("utf-8"))

    with pytest.raises(reference_books.MalformedBook):
        reference_books.read_book(content | change)


def test_a_book_cannot_be_changed() -> None:
    entry = FIRST.book("customer_types").entry("emotional")

    with pytest.raises(FrozenInstanceError):
        entry.code = "calm"
    with pytest.raises(TypeError):
        entry.details["group"] = "none"
    with pytest.raises(TypeError):
        FIRST.books["channels"] = FIRST.book("emotions")


# The books and the events


def code_books(owner: type) -> set[str]:
    """The books that a class's fields, and those of its nested values, take their codes from."""
    found: set[str] = set()
    for field in fields_of(owner):
        found |= {mark.book for mark in field.kind.marks if isinstance(mark, CodeOf)}
        if hasattr(field.kind.base, "__dataclass_fields__"):
            found |= code_books(field.kind.base)
    return found


@pytest.mark.parametrize("event", events.ALL, ids=lambda event: event.NAME)
def test_every_coded_field_of_an_event_has_its_book(event: type) -> None:
    assert code_books(event) <= set(edition(CURRENT_EDITION).books)


@pytest.mark.parametrize(
    ("name", "enumeration"),
    [
        ("statuses", Status),
        ("roles", Role),
        ("actor_kinds", ActorKind),
        ("survey_occasions", SurveyOccasion),
    ],
)
def test_a_book_of_fixed_words_lists_exactly_those_of_the_code(
    name: str, enumeration: type[StrEnum]
) -> None:
    listed = edition(CURRENT_EDITION).book(name).entries

    assert [entry.code for entry in listed] == [str(word) for word in enumeration]


def test_the_feasibility_dimensions_are_the_fields_of_a_feasibility() -> None:
    dimensions = [entry.code for entry in FIRST.book("feasibility_dimensions").entries]

    assert dimensions == [field.name for field in fields_of(Feasibility)]


READ_BY_VERSION = {"emotion_words", "service_levels", "warning_rules"}
"""Books whose version is named wherever a code of theirs is kept: a rule may be given up."""


@pytest.mark.parametrize("number", [number for number in EDITIONS if number - 1 in EDITIONS])
def test_a_later_edition_drops_no_book_and_no_code(number: int) -> None:
    """What was recorded by it, also outside of cases, is read and named by the newest edition."""
    before, after = edition(number - 1), edition(number)

    dropped = {
        (name, code)
        for name, book in before.books.items()
        if name not in READ_BY_VERSION
        for code in book.codes - (after.books[name].codes if name in after.books else frozenset())
    }

    assert dropped == set()


def test_editions_are_numbered_without_a_gap() -> None:
    assert sorted(EDITIONS) == list(range(1, CURRENT_EDITION + 1))
