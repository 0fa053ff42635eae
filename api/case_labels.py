"""What states and owners in the parts of a case are called, in the language of its reader.

A case is rendered without them where its bytes are kept, as in a background file: those must not
depend on a language, or on the words of a release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from api.state_labels import (
    CLOCK_STATES,
    ORDER_LABELS,
    PROMISE_STATES,
    SOLUTION_STATES,
    owner_label,
    prevention_label,
)
from domain.book import Labels

Part = dict[str, Any]
Name = Callable[[str, str], str]


def _by(labels: Mapping[str, Labels]) -> Name:
    return lambda state, language: labels[state].in_language(language)


STATES: Final[Mapping[str, tuple[str, Name]]] = {
    "clocks": ("state", _by(CLOCK_STATES)),
    "commitments": ("state", _by(PROMISE_STATES)),
    "orders": ("state", _by(ORDER_LABELS)),
    "preventions": ("state", prevention_label),
    "solutions": ("status", _by(SOLUTION_STATES)),
}
"""Part of a case -> the field that holds its state, and what a state is called in a language."""


def add_labels(shown: Part, language: str) -> Part:
    """Name every state and every owner in a case that `case_json` made."""
    for part in STATES:
        name_states(part, shown[part], language)
    name_owners(_owned(shown), language)
    return shown


def name_states(part: str, told: Iterable[Part], language: str) -> None:
    """Name the states of one part of a case."""
    field, name = STATES[part]
    for each in told:
        each[f"{field}_label"] = name(each[field], language)


def name_owners(told: Iterable[Part], language: str) -> None:
    """Name whoever is to do something."""
    for each in told:
        each["owner_label"] = owner_label(each["owner"], language)


def _owned(shown: Part) -> Iterator[Part]:
    """All that somebody in particular is to do."""
    yield from shown["commitments"]
    yield from shown["minutes"]
    yield from shown["preventions"]
    for plan in shown["plans"]:
        yield from plan["steps"]
    for order in shown["orders"]:
        if order["plan"]:
            yield from order["plan"]["steps"]
