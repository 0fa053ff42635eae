"""What docstrings say, for users: without the numbers of the requirements behind a rule."""

from __future__ import annotations

import re
from typing import Final

_REQUIREMENTS: Final = re.compile(r"\s*\(S\d+(?:(?:, | and | to )S\d+)*\)")


def plain(text: str | None) -> str:
    """The text without requirement numbers such as (S11) or (S26, S31)."""
    return _REQUIREMENTS.sub("", text or "").strip()


def first_line(text: str | None) -> str:
    """The first line of a docstring, plain."""
    return plain((text or "").strip().partition("\n")[0])
