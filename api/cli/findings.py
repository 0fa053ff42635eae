"""What `amends doctor` finds: how bad it is, what it is, and what to do."""

from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How bad: a fault needs somebody to act, a warning deserves a look."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


class Finding(NamedTuple):
    """One thing that was looked at. Numbers, names and ids only; nothing that was typed."""

    check: str
    level: Level
    says: str
    advice: str = ""


def fine(check: str, says: str) -> Finding:
    """Nothing to do."""
    return Finding(check, Level.OK, says)


def warning(check: str, says: str, advice: str) -> Finding:
    """Worth a look."""
    return Finding(check, Level.WARNING, says, advice)


def fault(check: str, says: str, advice: str) -> Finding:
    """Somebody has to act."""
    return Finding(check, Level.FAULT, says, advice)
