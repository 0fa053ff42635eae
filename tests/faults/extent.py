"""How large a run of the fault tests is, by which chance, and what it found."""

import os
import secrets
from random import Random

LONG = os.environ.get("FAULTS") == "long"
"""The figures of the long form need minutes; the short form belongs to every test run."""

SEED = int(os.environ.get("FAULTS_SEED") or secrets.randbelow(1_000_000))
"""Chooses faults and their moments. The same seed repeats the choices, not the interleaving."""

found: list[str] = []
"""What was counted, for the end of the run."""


def extent(short: int, long: int) -> int:
    """How often, in this form of the run."""
    return long if LONG else short


def chance(name: str) -> Random:
    """A source of chance of its own for each use, so that threads do not disturb each other's."""
    return Random(f"{SEED} {name}")


def tell(line: str) -> None:
    """Note a figure, to be shown at the end of the run."""
    found.append(line)
