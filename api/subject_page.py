"""The export of a person as a page to read and to print: no scripts, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from api.html_pages import PAGES_FOLDER, PageStyle, templates
from api.http_steps import STEP_PATHS
from api.packs.page import facts, moment
from api.page_words import PageWording, own_words
from domain.reference_books import CURRENT_EDITION, edition

STYLE: Final = PageStyle(PAGES_FOLDER / "background.css")
WORDS: Final = own_words(PAGES_FOLDER / "subject.json")
"""`looks` by the name of the route or command that showed texts; `page` by what it is for."""
_CHUNK: Final = 64


def _figure(value: float) -> str:
    """A figure without a fraction of nothing."""
    return str(int(value)) if value == int(value) else str(value)


_PAGES: Final = templates(PAGES_FOLDER)
_PAGES.filters.update(moment=moment, figure=_figure)


def subject_page(parts: Mapping[str, Any], language: str) -> Iterator[bytes]:
    """The page in pieces, as its cases are read."""
    words = PageWording(language, WORDS)
    stream = _PAGES.get_template("subject.html").stream(
        **{**parts, **_in_words(parts, words)},
        language=language,
        words=words,
        style=STYLE.markup,
        facts=lambda data: facts(data, words),
    )
    stream.enable_buffering(_CHUNK)
    return (piece.encode() for piece in stream)


def _in_words(parts: Mapping[str, Any], words: PageWording) -> Mapping[str, Any]:
    """The lists that tell codes, with the words for them; read as they are gone through."""
    return {
        "legal_holds": _grounded(parts["legal_holds"], "hold_grounds", words),
        "erasures": _grounded(parts["erasures"], "erasure_grounds", words),
        "accesses": ({**each, "what": looked(each["what"], words)} for each in parts["accesses"]),
    }


def _grounded(
    told: Iterable[Mapping[str, Any]], book: str, words: PageWording
) -> Iterator[Mapping[str, Any]]:
    books = edition(CURRENT_EDITION)
    for each in told:
        yield {**each, "ground": books.label(book, each["ground"], words.language)}


def looked(what: str, words: PageWording) -> str:
    """What somebody was shown; the answer to a step can be asked for again."""
    return words.found("looks", what) or words.word("a_step" if what in STEP_PATHS else "a_look")
