"""What a text is made of: whether anything in it can be seen, and whether it may be stored."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
# Beyond the first plane one class for all would make every search ten times as dear.
_BEYOND: Final = re.compile("[\U00010000-\U0010ffff]")
_LAST_TWO: Final = 0xFFFE
_DRAWN_EMPTY: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""Letters and symbols by category that show nothing: Hangul fillers, the empty pattern of Braille,
and the null notehead (Unicode, Default_Ignorable_Code_Point and the charts)."""
_EMPTY_FOR_EVER: Final = re.compile("[\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")
"""Unassigned, and to be drawn as nothing whatever they become (Default_Ignorable_Code_Point)."""


def is_storable(text: str) -> bool:
    """Whether the text holds no control character but tabs and line ends, and nothing broken.

    Broken are lone surrogates, and noncharacters such as U+FFFE (Unicode 23.7), which no text that
    is passed on may hold.
    """
    if _CONTROL.search(text):
        return False
    if text.isascii():
        return True
    return not any(ord(letter) & _LAST_TWO == _LAST_TWO for letter in _BEYOND.findall(text))


def is_blank(text: str) -> bool:
    """Whether nothing in the text can be seen: white space, fillers, joiners, marks on nothing.

    What is for private use counts as seen: fonts of Chinese offices draw rare names with it. So
    does what is unassigned: it may be an ideograph that is newer than this Python's Unicode.
    """
    return not any(map(_is_seen, text))


def _is_seen(letter: str) -> bool:
    category = unicodedata.category(letter)
    if category == "Cn":
        return not _EMPTY_FOR_EVER.match(letter) and is_storable(letter)
    return (category[0] not in "ZCM" or category == "Co") and letter not in _DRAWN_EMPTY
