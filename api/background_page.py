"""The background file as a page to read and to print: no scripts, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from api.background_contacts import contacts_by_time
from api.html_pages import PAGES_FOLDER, PageStyle, templates
from api.packs.page import facts, moment
from api.page_words import OwnWords, PageWording, own_words
from api.state_labels import CLOCK_STATES, PROMISE_STATES, SOLUTION_STATES

STYLE: Final = PageStyle(PAGES_FOLDER / "background.css")
Told = Mapping[str, Any]
_OWN: Final = own_words(PAGES_FOLDER / "background.json")
_STATES: Final = {
    f"{of}_{code}": asdict(said)
    for of, states in (
        ("promise", PROMISE_STATES),
        ("solution", SOLUTION_STATES),
        ("state", CLOCK_STATES),
    )
    for code, said in states.items()
}
_WORDS: Final[OwnWords] = {**_OWN, "page": {**_OWN["page"], **_STATES}}
_PAGES: Final = templates(PAGES_FOLDER)
_PAGES.filters["moment"] = moment


def background_page(parts: Mapping[str, Any], language: str) -> bytes:
    """The page in UTF-8; the same for the same parts and language."""
    words = PageWording(language, _WORDS)
    shown = _PAGES.get_template("background.html").render(
        **{**parts, **_in_words(parts, words)},
        language=language,
        words=words,
        facts=lambda told, said=(): facts(_under_heading(_filled(told), said), words),
        style=STYLE.markup,
    )
    return shown.encode()


def _in_words(parts: Mapping[str, Any], words: PageWording) -> Mapping[str, Any]:
    """The parts that tell states of no reference book."""
    return {
        "attempts": [
            {**each, "solutions": _stated(each["solutions"], "status", "solution", words)}
            for each in parts["attempts"]
        ],
        "contacts": contacts_by_time(parts["contacts"], words),
        "promises": _promises(parts["promises"], words),
    }


def _stated(told: Iterable[Told], name: str, of: str, words: PageWording) -> list[Told]:
    return [{**each, name: words.word(f"{of}_{each[name]}")} for each in told]


def _promises(told: Iterable[Told], words: PageWording) -> list[Told]:
    """Whether one needed an approval, and its state, say all that `approved` could."""
    stated = _stated(told, "state", "promise", words)
    return [{**each, "approved": None} for each in stated]


def _under_heading(told: Told, said: Collection[str]) -> Told:
    """Without what the heading says: when, and what else it names, also in the parts below.

    A title that is hidden or erased is no part of the heading, and is told as such.
    """
    kept = {name: value for name, value in told.items() if name != "occurred_at"}
    return _unsaid(kept, said)


def _unsaid(told: Told, said: Collection[str]) -> Told:
    return {
        name: _unsaid(value, said) if isinstance(value, Mapping) else value
        for name, value in told.items()
        if name not in said or not isinstance(value, str | int)
    }


_IN_HEADING: Final = frozenset({"actor", "version"})
_MONEY: Final = {"amount", "currency"}


def _filled(value: Any) -> Any:
    """Without what says nothing, and who and at which version; an amount with its currency."""
    if isinstance(value, list):
        return [_filled(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if set(value) == _MONEY:
        return f"{value['amount']} {value['currency']}"
    kept = {name: _filled(each) for name, each in value.items() if name not in _IN_HEADING}
    return {name: each for name, each in kept.items() if each not in (None, [], {})}
