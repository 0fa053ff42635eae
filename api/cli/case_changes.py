"""What changed between two moments of a case, field by field; personal text by right only."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from domain.conflict_case import ConflictCase
from domain.events import ENVELOPE, CaseEvent
from domain.personal import PersonalText
from domain.reference_books import Edition

# They change with every event, and the event's own line shows them.
LEFT_OUT = frozenset({"id", "version", "moved_version", "updated_at", "occasions"}) | ENVELOPE
State = dict[str, Any]
Show = Callable[[PersonalText], Any]


class Change(NamedTuple):
    """One field of the case: its path, and what it held before and holds now (None: nothing)."""

    field: str
    old: Any
    new: Any


def state_of(case: ConflictCase) -> State:
    """Every field of the case by its path, e.g. `solutions.S1.proposal.title`."""
    return dict(_flat(case, ""))


def changes(before: State, after: State, show: Show) -> list[Change]:
    """The fields that differ, in the order in which the case holds them."""
    paths = [*after, *(path for path in before if path not in after)]
    return [
        Change(path, _plain(before.get(path), show), _plain(after.get(path), show))
        for path in paths
        if _identity(before.get(path)) != _identity(after.get(path))
    ]


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Edition):
        yield path, value.number
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            if each.name not in LEFT_OUT:
                yield from _flat(getattr(value, each.name), _joined(path, each.name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(item, _joined(path, _key(key)))
    elif isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], CaseEvent):
        # What is kept with the number of its attempt.
        yield _joined(path, "attempt"), value[0]
        yield from _flat(value[1], path)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value, start=1):
            yield from _flat(item, _joined(path, str(number)))
    elif value not in (None, ""):
        yield path, value


def _key(key: Any) -> str:
    return ".".join(str(part) for part in key) if isinstance(key, tuple) else str(key)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _identity(value: Any) -> Any:
    """What tells two values apart; a sealed text by its ciphertext, which nobody need open."""
    return (type(value), value.token) if isinstance(value, PersonalText) else value


def _plain(value: Any, show: Show) -> Any:
    if isinstance(value, PersonalText):
        return show(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    return value
