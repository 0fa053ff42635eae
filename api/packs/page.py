"""The timeline of a case as a page to read and to print: no scripts, nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from api.html_pages import PageStyle, coded, templates
from api.packs.words import Wording
from domain.conflict_case import ConflictCase
from projections.ledger.notes import Checkpoint
from projections.packs.layout import Json
from projections.stand_ins import ERASED, HIDDEN

_HERE: Final = Path(__file__).parent
_STYLE: Final = PageStyle(_HERE / "timeline.css")
NUMBERED: Final = frozenset(
    {
        "agreements", "alternatives_offered", "blockers", "countermeasures", "five_whys", "issues",
        "open_points", "stated_needs", "unstated_needs",
    }
)  # fmt: skip
"""Lists of sentences: on one line nobody could tell where one ends, or which is the third."""
_LONG: Final = 40
_INSTANT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(\.\d+)?Z")


@dataclass(frozen=True)
class Fact:
    """A line under an event: what it is called, and what it says, or more lines under it."""

    name: str
    text: str | None = None
    unread: bool = False
    inner: Sequence[Fact] = ()
    numbered: bool = False


@dataclass(frozen=True)
class Happening:
    """One event on the page: `shown` as in `events.json`, what it says in words, and the status."""

    shown: Json
    said: Json
    status: str | None


def timeline_page(
    case: ConflictCase,
    happened: Sequence[Happening],
    documents: Sequence[Json],
    checkpoint: Checkpoint,
    language: str,
) -> bytes:
    """The page in UTF-8; the same for the same events, checkpoint and language."""
    words = Wording(language)
    shown = _PAGES.get_template("timeline.html").render(
        case=case,
        status=case.edition.label("statuses", case.status, language),
        happened=happened,
        documents=documents,
        checkpoint=checkpoint,
        language=language,
        words=words,
        facts=lambda said: facts(said, words),
        style=_STYLE.markup,
        policy=_STYLE.policy,
    )
    return shown.encode()


def facts(said: Mapping[str, Any], words: Wording) -> list[Fact]:
    """What an event says, field by field; what it leaves open is left out."""
    found = [
        _fact(words.called(name, value), words.told(name, value), words, numbered=name in NUMBERED)
        for name, value in _by_text(said).items()
        if value is not None and value != []
    ]
    return [fact for fact in found if fact.text is not None or fact.inner]


def _by_text(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The main issue as what it says; it is stored as its place among the issues, from 1."""
    place, issues = said.get("main_issue"), said.get("issues")
    if place is None or not isinstance(issues, list) or not 1 <= place <= len(issues):
        return said
    return {**said, "main_issue": issues[place - 1]}


def _fact(name: str, value: Any, words: Wording, *, numbered: bool = False) -> Fact:
    if value in (HIDDEN, ERASED):
        return Fact(name, words.word(next(iter(value))), unread=True)
    if isinstance(value, Mapping):
        return Fact(name, inner=facts(value, words))
    if not isinstance(value, list):
        return Fact(name, _text(value, words))
    if numbered or any(isinstance(e, Mapping | list) or len(str(e)) > _LONG for e in value):
        inner = [_fact(str(number), each, words) for number, each in enumerate(value, start=1)]
        return Fact(name, inner=inner, numbered=True)
    return Fact(name, words.word("joined").join(_text(each, words) for each in value))


def _text(value: Any, words: Wording) -> str:
    if isinstance(value, bool):
        return words.word("yes" if value else "no")
    return moment(str(value))


def moment(text: str) -> str:
    """A time to the minute, as people read it; any other text as it is."""
    found = _INSTANT.fullmatch(text)
    return f"{found[1]} {found[2]}" if found else text


_PAGES: Final = templates(_HERE)
_PAGES.filters.update(moment=moment, coded=coded)
