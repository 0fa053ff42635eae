"""What the details of every part of a life share: their types, fixed values, and times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from domain.conflict_case import ConflictCase

Details = dict[str, Any]
Giving = dict[str, Callable[[ConflictCase], Details]]
"""The details of each command, by its name."""

BEGAN_AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
OTHER_CASE = UUID("0190f000-0000-7000-8000-00000000beef")
ERASURE = UUID("0190f000-0000-7000-8000-00000000f0e7")
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def newest(case: ConflictCase) -> datetime:
    """When the newest event of the case occurred: what was done by then, may be told."""
    return case.updated_at or BEGAN_AT
