"""Values to JSON, by their kinds; personal text only for those with the right to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from api.json_body import rfc3339
from api.witness import Witness
from domain.events import ENVELOPE, CaseEvent
from domain.kinds import CodeOf, Kind, fields_of
from domain.personal import Erased, PersonalText
from domain.reference_books import CURRENT_EDITION, Edition, edition
from domain.values import Status, SurveyOccasion
from projections.stand_ins import ERASED, HIDDEN


@dataclass(frozen=True)
class Reader:
    """For whom something is rendered. `used` collects the codes that came up, if asked to.

    `witness` notes what is shown in clear: views get their reader from `Call.reader`.
    """

    roles: frozenset[str]
    witness: Witness
    used: set[tuple[str, str]] | None = None
    _rights: dict[type, bool] = field(default_factory=dict)

    def text(self, held: PersonalText | None) -> Any:
        """The clear text, or what stands in its place."""
        if held is None:
            return None
        kind = type(held)
        if kind not in self._rights:
            self._rights[kind] = held.readable_by(self.roles)
        if not self._rights[kind]:
            return ERASED if held.is_erased() else HIDDEN
        revealed = held.reveal()
        if isinstance(revealed, Erased):
            return ERASED
        self.witness.saw(held.token)
        return revealed

    def about(self, case_id: UUID) -> None:
        """The texts that follow belong to this case."""
        self.witness.about(case_id)

    def note(self, book: str, code: str) -> str:
        if self.used is not None:
            self.used.add((book, code))
        return code

    def state(self, value: Enum) -> str:
        """A value of the domain's own, as it is stored."""
        return str(value.value)


_BOOK_OF_STATE: Final[Mapping[type[Enum], str]] = {
    Status: "statuses",
    SurveyOccasion: "survey_occasions",
}
"""The states that a reference book gives words to."""


@dataclass(frozen=True)
class WordedReader(Reader):
    """Somebody who reads words: a code is shown as what its book calls it in their language."""

    edition: Edition = field(default_factory=lambda: edition(CURRENT_EDITION))
    language: str = "en"

    def note(self, book: str, code: str) -> str:
        known = self.edition.has(book, code)
        return self.edition.label(book, code, self.language) if known else code

    def state(self, value: Enum) -> str:
        book = _BOOK_OF_STATE.get(type(value))
        return self.note(book, value.value) if book else super().state(value)


Render = Callable[[Any, Reader], Any]


def render(value: Any, reader: Reader) -> dict[str, Any]:
    """A nested value with all its fields; what is unknown is null."""
    return _shown(value, _plan(type(value)), reader)


def said(event: CaseEvent, reader: Reader) -> dict[str, Any]:
    """What an event itself says, without its envelope."""
    reader.about(event.originator_id)
    return _shown(event, _own_plan(type(event)), reader)


def fact(event: CaseEvent, reader: Reader) -> dict[str, Any]:
    """What an event says, and who recorded it, when it occurred, and at which version."""
    shown = said(event, reader)
    shown["occurred_at"] = rfc3339(event.occurred_at)
    shown["actor"] = actor(event)
    shown["version"] = event.originator_version
    return shown


def actor(event: CaseEvent) -> dict[str, str]:
    return {"id": event.actor.id, "kind": event.actor.kind.value}


Plan = tuple[tuple[str, Render], ...]


def _shown(owner: Any, plan: Plan, reader: Reader) -> dict[str, Any]:
    return {
        name: None if (value := getattr(owner, name)) is None else show(value, reader)
        for name, show in plan
    }


_PLANS: Final[dict[type, Plan]] = {}
_OWN_PLANS: Final[dict[type, Plan]] = {}


def _plan(owner: type) -> Plan:
    if owner not in _PLANS:
        _PLANS[owner] = tuple((own.name, _show(own.kind)) for own in fields_of(owner))
    return _PLANS[owner]


def _own_plan(owner: type) -> Plan:
    if owner not in _OWN_PLANS:
        _OWN_PLANS[owner] = tuple(each for each in _plan(owner) if each[0] not in ENVELOPE)
    return _OWN_PLANS[owner]


def _show(kind: Kind) -> Render:
    item = _show_item(kind)
    if kind.many:
        return lambda values, reader: [item(value, reader) for value in values]
    return item


def _show_item(kind: Kind) -> Render:
    code_of: CodeOf | None = kind.mark(CodeOf)
    if code_of:
        book = code_of.book
        return lambda value, reader: reader.note(book, value)
    if is_dataclass(kind.base):
        return render
    for base, show in _PLAIN:
        if issubclass(kind.base, base):
            return show
    return lambda value, reader: value


# In this order: a datetime is a date.
_PLAIN: Final[tuple[tuple[type, Render], ...]] = (
    (PersonalText, lambda value, reader: reader.text(value)),
    (Enum, lambda value, reader: reader.state(value)),
    (datetime, lambda value, reader: rfc3339(value)),
    (date, lambda value, reader: value.isoformat()),
    (Decimal, lambda value, reader: format(value, "f")),
    (UUID, lambda value, reader: str(value)),
)
