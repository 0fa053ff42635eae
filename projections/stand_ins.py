"""What stands in JSON in the place of a personal text that is not told."""

from __future__ import annotations

from typing import Final

HIDDEN: Final = {"hidden": True}
"""Whoever asks has no right to it."""
ERASED: Final = {"erased": True}
"""The key of its subject was destroyed."""
