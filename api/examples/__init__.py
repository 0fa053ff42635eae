"""One case's life in English and one in Chinese: examples for the documentation, run by tests."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

LANGUAGES: Final = ("en", "zh")
_HERE: Final = Path(__file__).parent


class ExampleStep(NamedTuple):
    """A step with its body, and a role that may take it."""

    step: str
    role: str
    body: dict[str, Any]


@cache
def _content(language: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((_HERE / f"{language}.json").read_text(encoding="utf-8"))
    return content


def life(language: str) -> list[ExampleStep]:
    """The steps of a whole case in order, from the report to its end."""
    return [ExampleStep(**step) for step in _content(language)["life"]]


def body(step: str, language: str) -> dict[str, Any]:
    """An example body for a step, whether the life has it or not."""
    for each in life(language):
        if each.step == step:
            return each.body
    found: dict[str, Any] = _content(language)["more"][step]
    return found
