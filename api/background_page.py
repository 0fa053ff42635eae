"""The background file as a page to read and to print: no scripts, nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from api.html_pages import PAGES_FOLDER, PageStyle, templates
from api.packs import words as pack_words
from api.packs.page import facts, moment
from api.state_labels import PROMISE_STATES
from domain.book import Labels
from domain.reference_books import edition

STYLE: Final = PageStyle(PAGES_FOLDER / "background.css")
_WORDS: Final[Mapping[str, dict[str, Any]]] = json.loads(
    (PAGES_FOLDER / "background.json").read_text(encoding="utf-8")
)
_WORDS["page"].update({f"promise_{code}": asdict(said) for code, said in PROMISE_STATES.items()})
_PAGES: Final = templates(PAGES_FOLDER)
_PAGES.filters["moment"] = moment


class PageWording(pack_words.Wording):
    """The words of the timeline, and those that only this page needs."""

    def word(self, key: str, **values: object) -> str:
        own = _WORDS["page"].get(key)
        return _label(own, self.language) if own else super().word(key, **values)

    def field(self, name: str) -> str:
        own = _WORDS["fields"].get(name)
        return _label(own, self.language) if own else super().field(name)


def _label(labels: Any, language: str) -> str:
    return Labels(**labels).in_language(language)


def background_page(parts: Mapping[str, Any], language: str) -> bytes:
    """The page in UTF-8; the same for the same parts and language."""
    words = PageWording(language)
    shown = _PAGES.get_template("background.html").render(
        **{**parts, **_in_words(parts, words)},
        language=language,
        words=words,
        facts=lambda told: facts(_under_heading(_filled(told)), words),
        style=STYLE.markup,
    )
    return shown.encode()


def _in_words(parts: Mapping[str, Any], words: PageWording) -> Mapping[str, Any]:
    """The parts that tell states of no reference book, or of one by their plain value."""
    positions = parts["positions"]
    source = _led_to(positions["customer"]["record_of_source"], parts["case"]["edition"], words)
    return {
        "attempts": [
            {**each, "solutions": _stated(each["solutions"], "status", "solution", words)}
            for each in parts["attempts"]
        ],
        "promises": _stated(parts["promises"], "state", "promise", words),
        "positions": {
            **positions,
            "customer": {**positions["customer"], "record_of_source": source},
        },
    }


def _stated(
    told: Iterable[Mapping[str, Any]], name: str, of: str, words: PageWording
) -> list[Mapping[str, Any]]:
    return [{**each, name: words.word(f"{of}_{each[name]}")} for each in told]


def _led_to(record: Any, number: int, words: PageWording) -> Any:
    """What a source told, with the status that it and each of its entries led to in words."""
    if record is None:
        return None
    status = edition(number).label("statuses", record["leads_to"], words.language)
    entries = [_led_to(each, number, words) for each in record.get("entries", ())]
    return {**record, "leads_to": status, **({"entries": entries} if entries else {})}


def _under_heading(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in told.items() if name != "occurred_at"}


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
