"""How far something long has come, told to whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[int, int], object]
"""Told how many are done, of how many."""

TellInWords = Callable[[int, int | None, str], object]
"""Told how many are done, of how many if that is known, and what they are."""


def tell_nobody(done: int, total: int) -> None:
    """For who does not wait long."""
