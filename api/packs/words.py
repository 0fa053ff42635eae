"""What events, their fields and the page itself are called, in English and Chinese."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from api.state_labels import owner_label
from domain.book import Labels

Words = Mapping[str, Labels]


def _read() -> Mapping[str, Words]:
    groups = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            group: MappingProxyType({key: Labels(**labels) for key, labels in words.items()})
            for group, words in groups.items()
        }
    )


WORDS: Final = _read()
"""`events` and `fields` by their stored names, `page` by what it is for, codes by their field."""
_CODED: Final = frozenset({"approval_reasons"})
_OWNERS: Final = frozenset({"owner", "unit"})


@dataclass(frozen=True)
class Wording:
    """The words in one language, "en" or "zh"."""

    language: str

    def event(self, name: str) -> str:
        return self._named("events", name)

    def field(self, name: str) -> str:
        return self._named("fields", name)

    def called(self, name: str, value: Any) -> str:
        """What a field is called where it says this: a number as `value` is a score, no worth."""
        is_score = name == "value" and isinstance(value, int)
        return self.word("score_value") if is_score else self.field(name)

    def told(self, name: str, value: Any) -> Any:
        """What a field says, its codes in words where the event's edition names no book of them."""
        if name in _OWNERS and isinstance(value, str):
            return owner_label(value, self.language)
        known = WORDS[name] if name in _CODED else {}
        if not known or not isinstance(value, list):
            return value
        return [known[code].in_language(self.language) if code in known else code for code in value]

    def word(self, key: str, **values: object) -> str:
        """One of the page's own words; `values` fill its places."""
        return WORDS["page"][key].in_language(self.language).format(**values)

    def _named(self, group: str, name: str) -> str:
        """Its name in words; where a newer event has none yet, the stored name made readable."""
        known = WORDS[group].get(name)
        return known.in_language(self.language) if known else _readable(name)


@cache
def _readable(name: str) -> str:
    return name.replace("_", " ").capitalize()
