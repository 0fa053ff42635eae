"""Who acts so long after the report of a case."""

from __future__ import annotations

from datetime import timedelta

from domain.circumstances import Circumstances
from domain.values import Role
from tests.given import BEGAN_AT, circumstances


def at(**duration: float) -> Circumstances:
    """A handler, so long after the report."""
    return circumstances(at=BEGAN_AT + timedelta(**duration))


def timer(**duration: float) -> Circumstances:
    """The timer, so long after the report."""
    return circumstances("timer", {Role.ADMIN}, BEGAN_AT + timedelta(**duration))
