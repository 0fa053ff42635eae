"""Old forms of stored events, each with the function that brings it one schema further."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

State = dict[str, Any]

UPCASTS: dict[tuple[str, int], Callable[[State], State]] = {}
"""(stored name, schema number) -> the same state in the next schema."""


def upcast(name: str, schema: int, newest: int, state: State) -> State:
    """The state of a stored event in its newest schema. Raises KeyError for a missing step."""
    for old in range(schema, newest):
        state = UPCASTS[name, old](state)
    return state
