"""The built-in classifier: what it hears in English and Chinese, and how well (S10)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from domain.hearing import Heard
from domain.keywords import KeywordClassifier, keyword_classifier
from domain.reference_books import CURRENT_EDITION, book, edition

DATA = Path(__file__).parents[1] / "data" / "emotions.tsv"
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "raise-angry-cases.md"
HEARING = keyword_classifier(1)


def sentences() -> list[tuple[bool, str, str]]:
    """(is anger, language, sentence), as people labelled them."""
    rows = (line.split("\t") for line in DATA.read_text("utf-8").splitlines())
    return [(label == "anger", language, text) for label, language, text in rows]


def figures(language: str) -> tuple[int, int, int, int]:
    """How many are right alarms, false ones, missed ones, and rightly quiet."""
    told = [(anger, HEARING.hear(text).is_anger) for anger, known, text in sentences()
            if known == language]  # fmt: skip
    pairs = ((True, True), (False, True), (True, False), (False, False))
    return tuple(told.count(pair) for pair in pairs)  # type: ignore[return-value]


def test_the_labelled_sentences_are_many_and_of_both_kinds_in_both_languages() -> None:
    labels = [(anger, language) for anger, language, _ in sentences()]
    kinds = {(anger, language) for anger in (True, False) for language in ("en", "zh")}

    assert len(labels) >= 60
    assert min(labels.count(kind) for kind in kinds) > 15


@pytest.mark.parametrize("language", ["en", "zh"])
def test_precision_and_recall_are_those_that_the_page_tells(language: str) -> None:
    right, false, missed, _ = figures(language)

    told = re.search(rf"^\| {language} \|.*$", PAGE.read_text("utf-8"), re.MULTILINE)

    assert told
    precision, recall = right / (right + false), right / (right + missed)
    shown = [right + missed, right, false, missed, f"{precision:.0%}", f"{recall:.0%}"]
    assert told[0] == f"| {language} | {' | '.join(map(str, shown))} |"
    assert precision >= 0.85
    assert recall >= 0.8


@pytest.mark.parametrize(
    ("text", "sentiment", "emotion"),
    [
        ("I am furious", "negative", "angry"),
        ("I AM FURIOUS", "negative", "angry"),
        ("I am not furious", "neutral", None),
        ("I\u2019m not really very furious", "neutral", None),
        ("I wasn't angry", "neutral", None),
        ("No, I am angry", "negative", "angry"),
        ("Not only angry, but tired", "negative", "angry"),
        ("A dangerous plug", "neutral", None),
        ("I will sue you", "negative", None),
        ("terrible", "neutral", None),
        ("terrible!!", "negative", None),
        ("terrible and useless", "negative", None),
        ("Thank you, perfect", "positive", None),
        ("not satisfied", "neutral", None),
        ("我很愤怒", "negative", "angry"),
        ("我很憤怒", "negative", "angry"),
        ("我不愤怒", "neutral", None),
        ("我没有很生气", "neutral", None),
        ("不，我很生气", "negative", "angry"),
        ("不得不生气", "negative", "angry"),
        ("不可接受", "negative", "angry"),
        ("我要去消協", "negative", None),
        ("谢谢你们", "positive", None),
        ("", "neutral", None),
        ("!!!", "neutral", None),
        ("12315", "negative", None),
    ],
)
def test_words_of_both_languages_and_scripts_count_unless_they_are_negated(
    text: str, sentiment: str, emotion: str | None
) -> None:
    heard = HEARING.hear(text)

    assert (heard.sentiment, heard.emotion) == (sentiment, emotion)
    assert heard.is_anger is (sentiment == "negative")


def test_more_words_make_it_surer_and_never_certain() -> None:
    sure = [HEARING.hear("furious " * times).confidence_percent for times in (1, 2, 50)]

    assert sure == [80, 95, 95]


def test_every_word_is_found_by_itself_and_stands_once_in_its_language() -> None:
    groups = [entry for entry in book("emotion_words", 1).entries if entry.details["weight"] > 0]

    for entry in groups:
        for word in (*entry.details["words_en"], *entry.details["words_zh"]):
            plain = word.rstrip("*")
            assert HEARING.hear(f"{plain}! {plain}!").is_anger, plain


def test_the_book_names_codes_of_the_emotions_and_reads_each_character_one_way() -> None:
    words = book("emotion_words", 1)
    emotions = {entry.details["emotion"] for entry in words.entries if "emotion" in entry.details}
    traditional = words.entry("traditional").details

    assert emotions <= edition(CURRENT_EDITION).book("emotions").codes
    assert len(traditional["written"]) == len(traditional["read_as"])
    assert len(set(traditional["written"])) == len(traditional["written"])
    assert not set(traditional["written"]) & set("".join(
        word for entry in words.entries for word in entry.details.get("words_zh", ())
    ))  # fmt: skip


def test_the_same_text_is_always_heard_alike_by_a_named_version() -> None:
    again = KeywordClassifier(book("emotion_words", 1))

    assert [again.hear(text) for _, _, text in sentences()] == [
        HEARING.hear(text) for _, _, text in sentences()
    ]
    assert (again.model, again.model_version) == ("keywords", "1")
    assert isinstance(again.hear("x"), Heard)
