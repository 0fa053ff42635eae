"""Topics: the name of what is stored with the number of its schema, e.g. `solution_proposed:1`."""

from __future__ import annotations

from domain.events import CaseEvent
from domain.records import Record

Kind = type[CaseEvent] | type[Record]


def topic_of(kind: Kind) -> str:
    """The topic of its newest form."""
    return f"{kind.NAME}:{kind.SCHEMA}"


def topics_of(*kinds: Kind) -> list[str]:
    """The topic of every form that these were ever stored in."""
    return [f"{kind.NAME}:{number}" for kind in kinds for number in range(1, kind.SCHEMA + 1)]


def topics_met(*kinds: Kind) -> list[str]:
    """Those, and the form that comes next: who reads all there is of a kind meets what a newer
    release wrote, and says that it cannot be read, instead of passing it by.
    """
    return [*topics_of(*kinds), *(f"{kind.NAME}:{kind.SCHEMA + 1}" for kind in kinds)]


def parted(topic: str) -> tuple[str, int]:
    """The name and the number of the schema; 0 where there is none."""
    name, _, number = topic.partition(":")
    return name, int(number) if number.isdecimal() else 0
