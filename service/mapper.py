"""Events to stored bytes and back: JSON under a stable name, personal text sealed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent

from domain import events
from domain.events import CaseEvent
from domain.personal import Erased, PersonalText
from service.event_store import RecordedEvent
from service.keys import Sealing, SubjectKeys
from service.known_classes import make_known
from service.topics import parted, topic_of
from service.upcasting import UnknownSchema, upcast

Seal = Callable[[str, str, bytes], str]
"""(clear text, subject, what the token is bound to) -> token."""

IDENTITY = ("originator_id", "originator_version")
"""Kept in columns of their own, so not repeated in the stored bytes."""


make_known(events.BY_NAME.values())
_STATES = msgspec.json.Decoder(dict[str, Any])
UNFIT = (ValueError, TypeError, LookupError, AttributeError)
"""What decoding, an upcast or an event's own class raises over content of another form."""


class Why(StrEnum):
    """Why a stored event cannot be read."""

    UNKNOWN_EVENT = "this version of Amends knows no such event"
    UNKNOWN_SCHEMA = "this version of Amends does not know that schema number"
    UNFIT = "its content does not have the form that its name says"


class UnreadableEvent(Exception):
    """A stored event cannot be read, most likely because a newer version of Amends stored it.

    The message names it by topic, case and version; nothing of its content is repeated.
    """

    def __init__(self, stored: StoredEvent, why: Why) -> None:
        super().__init__(
            f"cannot read {stored.topic} (case {stored.originator_id}, "
            f"version {stored.originator_version}): {why}"
        )
        self.topic = stored.topic
        self.case_id = stored.originator_id
        self.version = stored.originator_version
        self.why = why


@dataclass(frozen=True)
class LoggedEvent:
    """An event with what the store added: its place in the log and when it was recorded."""

    event: CaseEvent
    position: int
    recorded_at: datetime


class CaseEventMapper(Mapper[UUID]):
    """Maps case events for the store. Personal text leaves only as ciphertext.

    A sealed text is bound to its case: the ciphertext of one case does not open in another.
    """

    def __init__(self, keys: SubjectKeys) -> None:
        super().__init__(JSONTranscoder())
        self._keys = keys

    def sealing(self) -> Sealing:
        """Seal the texts of one append; see `Sealing`."""
        return self._keys.sealing()

    def stored(self, case_events: Sequence[CaseEvent], sealing: Sealing) -> list[StoredEvent]:
        """The events as they are stored, their texts sealed."""
        return [_stored(event, sealing.seal) for event in case_events]

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """One event as stored, for callers that use the library's interface.

        A key made for it is saved at once, not with the event.
        """
        if not isinstance(domain_event, CaseEvent):
            raise TypeError("only case events are mapped")
        with self.sealing() as sealing:
            (stored,) = self.stored([domain_event], sealing)
            self._keys.save(sealing.new_keys)
        return stored

    def to_domain_event(self, stored_event: StoredEvent) -> CaseEvent:
        """The event as it was recorded; its texts stay sealed. Raises UnreadableEvent."""
        name, number = parted(stored_event.topic)
        event_class = events.BY_NAME.get(name)
        if event_class is None:
            raise UnreadableEvent(stored_event, Why.UNKNOWN_EVENT)
        try:
            state = _STATES.decode(stored_event.state)
            state = upcast(name, number, event_class.SCHEMA, state)
            return self._event(event_class, state, stored_event)
        except UnknownSchema as fault:
            raise UnreadableEvent(stored_event, Why.UNKNOWN_SCHEMA) from fault
        except UNFIT as fault:
            raise UnreadableEvent(stored_event, Why.UNFIT) from fault

    def logged(self, recorded: RecordedEvent) -> LoggedEvent:
        """A recorded event with its place in the log. Raises UnreadableEvent."""
        return LoggedEvent(self.to_domain_event(recorded), recorded.id, recorded.recorded_at)

    def _event(
        self, event_class: type[CaseEvent], state: dict[str, Any], stored: StoredEvent
    ) -> CaseEvent:
        case_id = _as_uuid(stored.originator_id)
        unseal = partial(self._keys.unseal, bound_to=case_id.bytes)

        def sealed(kind: type[PersonalText], token: object) -> PersonalText:
            if not isinstance(token, str):
                raise TypeError("a sealed text is a string")
            return kind.sealed(token, unseal, self._keys.is_erased)

        state["originator_id"] = case_id
        state["originator_version"] = stored.originator_version
        return msgspec.convert(state, event_class, dec_hook=sealed)


def _stored(event: CaseEvent, seal: Seal) -> StoredEvent:
    bound_to = event.originator_id.bytes

    def sealed(text: PersonalText) -> str:
        clear = text.reveal()
        if text.token is not None or isinstance(clear, Erased):
            raise ValueError("a text that was stored before is not stored again")
        return seal(clear, event.subject_ref, bound_to)

    state: dict[str, Any] = msgspec.to_builtins(event, enc_hook=sealed)
    kept = {
        name: value for name, value in state.items() if value is not None and name not in IDENTITY
    }
    return StoredEvent(
        originator_id=event.originator_id,
        originator_version=event.originator_version,
        topic=topic_of(type(event)),
        state=msgspec.json.encode(kept),
    )


def _as_uuid(originator_id: UUID | str) -> UUID:
    return originator_id if isinstance(originator_id, UUID) else UUID(originator_id)
