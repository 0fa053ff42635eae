"""What `amends ledger verify` finds: what is wrong, and at which position it begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MOST_KEPT: Final = 1_000
"""Findings beyond this many are only counted."""


class Kind(StrEnum):
    """What is wrong. The values are stable: scripts may branch on them."""

    CHANGED = "event_changed"
    MISSING = "event_missing"
    INSERTED = "event_inserted"
    REWRITTEN = "history_rewritten"
    TREE = "tree_changed"
    CHECKPOINT = "checkpoint_changed"
    KEY = "key_unknown"
    WITNESS = "witness_differs"


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong.

    `position`: of the event where it begins; None where that event is gone and nothing tells its
    position any more. `index`: its place in the tree, from 0. `says`: a sentence for people.
    """

    kind: Kind
    position: int | None
    index: int | None
    says: str

    @property
    def place(self) -> tuple[float, float]:
        """Where it stands among others: those without a position lie behind all that have one."""
        index = float("inf") if self.index is None else self.index
        return (float("inf") if self.position is None else self.position, index)


@dataclass
class Verified:
    """What was looked at, and what is wrong with it, in order of position.

    `witnesses`: those that cosigned the newest checkpoint when asked; `unreached`: why others
    could not be asked.
    """

    events: int = 0
    waiting: int = 0
    checkpoints: int = 0
    published: int = 0
    signatures: int = 0
    cosignatures: int = 0
    witnesses: int = 0
    unreached: list[str] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    wrong_count: int = 0

    def add(self, wrong: Wrong) -> None:
        """Note something that is wrong."""
        self.wrong_count += 1
        if len(self.wrong) < MOST_KEPT:
            self.wrong.append(wrong)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.wrong_count == 0

    @property
    def first(self) -> Wrong | None:
        """What begins at the lowest position."""
        return min(self.wrong, key=lambda wrong: wrong.place, default=None)
