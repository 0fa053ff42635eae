"""What the steps are called as activities of a process, in English and Chinese."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from domain.book import Labels


def _read() -> Mapping[str, Labels]:
    text = Path(__file__).with_name("activities.json").read_text(encoding="utf-8")
    return MappingProxyType({step: Labels(**labels) for step, labels in json.loads(text).items()})


ACTIVITIES: Final = _read()
"""Step of the lifecycle -> what it is called once it was taken."""


def activity(step: str, language: str) -> str:
    """The activity's name; an event that a newer version of Amends stored keeps its own."""
    labels = ACTIVITIES.get(step)
    return labels.in_language(language) if labels else step
