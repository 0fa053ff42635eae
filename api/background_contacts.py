"""The contacts on the page of a background file: all kinds together, in order of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from api.page_words import PageWording

Told = Mapping[str, Any]


class Contact(NamedTuple):
    """One contact: its heading, what was told, and the fields that the heading says."""

    title: str
    told: Told
    said: tuple[str, ...] = ()


def contacts_by_time(contacts: Told, words: PageWording) -> list[Contact]:
    """Every contact of the file; of the same time, as they were recorded."""
    return sorted(_contacts(contacts, words), key=_place)


def _contacts(contacts: Told, words: PageWording) -> Iterator[Contact]:
    for each in contacts["interactions"]:
        heading = ("direction", "channel")
        yield Contact(" · ".join(each[name] for name in heading), each, heading)
    for part, event in _EVENTS.items():
        for each in contacts[part]:
            yield Contact(words.event(event(each)), each)
    for each in contacts["open_points"]:
        yield Contact(words.word("open_points"), each)


def _place(contact: Contact) -> tuple[datetime, bool, int]:
    """Open points are told of by the minutes that leave them open, hence after these."""
    told = contact.told
    at = told.get("occurred_at") or told["sent_at"]
    return datetime.fromisoformat(at), "occurred_at" not in told, told.get("version", 0)


_EVENTS: Final[Mapping[str, Callable[[Told], str]]] = {
    "minutes": lambda told: "minutes_sent",
    "agreements_confirmed": lambda told: "agreement_confirmed",
    "supplements": lambda told: "supplement_sent" if "evidence_ids" in told else "supplement_asked",
    "progress": lambda told: "progress_updated",
    "disclosures": lambda told: "delay_disclosed",
}
"""By part of the contacts: the name of the event that one of them is told by."""
