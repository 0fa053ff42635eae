"""The words of a page: its own, and for all that it shares with the timeline, the timeline's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.packs.words import Wording
from domain.book import Labels

OwnWords = Mapping[str, Mapping[str, Any]]
"""Group (`page`, `fields`, ...) -> key -> the label in each language."""


def own_words(file: Path) -> OwnWords:
    found: OwnWords = json.loads(file.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class PageWording(Wording):
    """The words of the timeline in one language, and those that only this page needs."""

    own: OwnWords

    def word(self, key: str, **values: object) -> str:
        return self.found("page", key) or super().word(key, **values)

    def field(self, name: str) -> str:
        return self.found("fields", name) or super().field(name)

    def found(self, group: str, key: str) -> str | None:
        """The page's own word, if it has one."""
        own = self.own.get(group, {}).get(key)
        return Labels(**own).in_language(self.language) if own else None
