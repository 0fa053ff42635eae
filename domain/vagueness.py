"""Words that promise nothing: by "as soon as possible" nobody can tell that a promise is kept.

What is compared is folded first: case, width (NFKC) and everything but letters and digits.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Final

WORDS: Final[dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("vague_words.json").read_text("utf-8")
)
"""Words and phrases as they are folded, in English and Chinese; our own choice (S32)."""


def _any_of(phrases: Iterable[str]) -> str:
    """The longest first, so that a phrase goes before the words it begins with."""
    return "|".join(sorted(map(re.escape, phrases), key=len, reverse=True))


_VAGUE: Final = re.compile(
    rf"(?<!\w)(?:{_any_of(WORDS['en'])})(?!\w)|{_any_of(WORDS['zh'])}", re.ASCII
)


def says_nothing(text: str) -> bool:
    """Whether nothing is left of a text without the words of the table; a digit is something."""
    return not _VAGUE.sub(" ", _folded(text)).strip()


def is_same(text: str, other: object) -> bool:
    """Whether two texts differ in nothing but case, width and signs."""
    return isinstance(other, str) and _folded(text) == _folded(other)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(sign if sign.isalnum() else " " for sign in plain).split())
