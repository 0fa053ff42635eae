"""Old forms of stored events, each with the function that brings it one schema further."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

State = dict[str, Any]

UPCASTS: dict[tuple[str, int], Callable[[State], State]] = {}
"""(stored name, schema number) -> the same state in the next schema."""


class UnknownSchema(Exception):
    """No way leads from this schema number to the newest one that is known here."""


def upcast(name: str, schema: int, newest: int, state: State) -> State:
    """The state of a stored event in its newest schema. Raises UnknownSchema."""
    if not 1 <= schema <= newest:
        raise UnknownSchema(f"{name}:{schema}")
    for old in range(schema, newest):
        step = UPCASTS.get((name, old))
        if step is None:
            raise UnknownSchema(f"{name}:{old}")
        state = step(state)
    return state
