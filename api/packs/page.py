"""The timeline of a case as a page to read and to print: no scripts, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from api.packs.words import Wording
from domain.conflict_case import ConflictCase
from projections.ledger.notes import Checkpoint
from projections.packs.layout import ERASED, HIDDEN, Json

_HERE: Final = Path(__file__).parent
_STYLE: Final = (_HERE / "timeline.css").read_text(encoding="utf-8")
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
        # Taken as it is, since its hash stands in the policy; it is our own file.
        style=Markup(_STYLE),  # noqa: S704
        policy=_policy(),
    )
    return shown.encode()


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'"


def facts(said: Mapping[str, Any], words: Wording) -> list[Fact]:
    """What an event says, field by field; what it leaves open is left out."""
    return [
        _fact(words.field(name), value, words)
        for name, value in said.items()
        if value is not None and value != []
    ]


def _fact(name: str, value: Any, words: Wording) -> Fact:
    if value in (HIDDEN, ERASED):
        return Fact(name, words.word(next(iter(value))), unread=True)
    if isinstance(value, Mapping):
        return Fact(name, inner=facts(value, words))
    if not isinstance(value, list):
        return Fact(name, _text(value, words))
    if any(isinstance(each, Mapping | list) or len(str(each)) > 40 for each in value):
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


def _coded(text: str) -> Markup:
    """A sentence of ours as HTML: what stands between backticks is code."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


_PAGES: Final = Environment(
    loader=FileSystemLoader(_HERE),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_PAGES.filters.update(moment=moment, coded=_coded)
