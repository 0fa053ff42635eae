"""The built-in classifier: words of emotion in English and Chinese, negation handled simply (S10).

The words stand in the book `emotion_words`, so a version of it is a version of the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from domain.book import Book, Entry
from domain.hearing import ANGRY, NEGATIVE, NEUTRAL, POSITIVE, Heard
from domain.reference_books import book

MODEL = "keywords"
NEGATIVE_FROM = 2
"""Of so much weight is what raises a case: one word of anger, or two harsh ones."""
CONFIDENCE, CONFIDENCE_STEP, CONFIDENCE_MAX = 50, 10, 95
_BREAK = "[.!?;,:\n，。！？；：、]"
_NEGATED_EN = r"\b(?:{words})\b(?:[^\w.!?;,:]+[\w']+){{0,2}}[^\w.!?;,:]*$"
_NEGATED_ZH = r"(?:{words})[^.!?;,:，。！？；：、]{{0,2}}$"
_SHOUTING = re.compile("[!！]{2,}|[!！].*[!！]", re.DOTALL)
_LOOKED_BACK = 48


@dataclass(frozen=True)
class _Group:
    """Words of one weight, and the emotion that they show."""

    weight: int
    emotion: str | None
    found: re.Pattern[str]


class KeywordClassifier:
    """Adds up the weights of the words it finds, leaving out what is negated.

    Needs no network and no state: the same text always gives the same answer.
    """

    def __init__(self, words: Book) -> None:
        self._groups = [_group(entry) for entry in words.entries if entry.details["weight"]]
        self._negated = _negation(words.entry("negation"))
        self._not_negated = _whole(words.entry("no_negation"))
        traditional = words.entry("traditional").details
        self._simplified = str.maketrans(traditional["written"], traditional["read_as"])
        self._version = str(words.version)

    @property
    def model(self) -> str:
        return MODEL

    @property
    def model_version(self) -> str:
        return self._version

    def hear(self, text: str, language: str | None = None) -> Heard:
        """What the words show; the language is not needed, since words tell it."""
        plain = text.lower().replace("\u2019", "'").translate(self._simplified)
        hits = list(self._hits(plain))
        weight = sum(group.weight for group in hits if group.weight > 0)
        if weight and _SHOUTING.search(plain):
            weight += 1
        confidence = min(CONFIDENCE + CONFIDENCE_STEP * max(weight, len(hits)), CONFIDENCE_MAX)
        if weight >= NEGATIVE_FROM:
            is_angry = any(group.emotion == ANGRY for group in hits)
            emotion = ANGRY if is_angry else None
            return Heard(sentiment=NEGATIVE, emotion=emotion, confidence_percent=confidence)
        sentiment = POSITIVE if hits and not weight else NEUTRAL
        return Heard(sentiment=sentiment, confidence_percent=confidence)

    def _hits(self, plain: str) -> Iterator[_Group]:
        for group in self._groups:
            for match in group.found.finditer(plain):
                before = plain[max(match.start() - _LOOKED_BACK, 0) : match.start()]
                if not self._is_negated(before):
                    yield group

    def _is_negated(self, before: str) -> bool:
        clause = re.split(_BREAK, before)[-1]
        spared = self._not_negated.sub(" ", clause)
        return any(pattern.search(spared) for pattern in self._negated)


def _group(entry: Entry) -> _Group:
    return _Group(entry.details["weight"], entry.details.get("emotion"), _whole(entry))


def _whole(entry: Entry) -> re.Pattern[str]:
    """Any of the entry's words: English ones as whole words, longest first."""
    english = _alternatives(entry.details["words_en"]).replace(r"\*", r"\w*")
    chinese = _alternatives(entry.details["words_zh"])
    return re.compile(rf"(?<!\w)(?:{english})(?!\w)|{chinese}", re.ASCII)


def _negation(entry: Entry) -> tuple[re.Pattern[str], ...]:
    return (
        re.compile(_NEGATED_EN.format(words=_alternatives(entry.details["words_en"])), re.ASCII),
        re.compile(_NEGATED_ZH.format(words=_alternatives(entry.details["words_zh"]))),
    )


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def keyword_classifier(version: int) -> KeywordClassifier:
    """The classifier of one version of the words. Raises UnknownVersion."""
    return KeywordClassifier(book("emotion_words", version))
