"""The report's own words, and how each figure is counted, in English and Chinese."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from api.state_labels import PROMISE_STATES
from domain.book import Labels


def _read(name: str) -> dict[str, Labels]:
    rows = json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return {key: Labels(**labels) for key, labels in rows.items()}


WORDS: Final[Mapping[str, Labels]] = MappingProxyType(
    _read("words.json") | {f"promise_{state}": each for state, each in PROMISE_STATES.items()}
)
"""What stands in no reference book; places in braces are filled in."""
DEFINITIONS: Final[Mapping[str, Labels]] = MappingProxyType(_read("definitions.json"))
"""Figure -> how it is counted, in the order of the page."""
