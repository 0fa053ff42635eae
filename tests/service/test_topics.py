"""Topics of records: each form that one was ever stored in is asked for, and read as the newest."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from domain.records import LegalHoldReleased
from service.assembly import Service
from service.record_book import LoggedRecord, UnreadableRecord, as_stored, from_stored
from service.topics import parted, topics_of
from service.upcasting import UPCASTS
from tests.golden.stored_records import lines

TODAY, LATER = "legal_hold_released:1", "legal_hold_released:2"


@pytest.fixture
def today() -> StoredEvent:
    """A record as it is stored today."""
    (line,) = (each for each in lines() if each.stored.topic == TODAY)
    return line.stored


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that has given the record another form, with loud correlation ids."""

    def louder(state: dict[str, Any]) -> dict[str, Any]:
        return {**state, "correlation_id": state["correlation_id"] + "!"}

    monkeypatch.setattr(LegalHoldReleased, "SCHEMA", 2)
    monkeypatch.setitem(UPCASTS, ("legal_hold_released", 1), louder)


def test_a_topic_has_a_name_and_a_number() -> None:
    topics = [TODAY, "legal_hold_released", "x:", "x:-1", "x:1.0", "x:y"]

    assert [parted(topic)[1] for topic in topics] == [1, 0, 0, 0, 0, 0]
    assert parted(LATER) == ("legal_hold_released", 2)
    assert topics_of(LegalHoldReleased) == [TODAY]


def test_an_old_form_of_a_record_is_read_as_the_newest(later: None, today: StoredEvent) -> None:
    record = from_stored(today)
    again = from_stored(as_stored(record))

    assert as_stored(record).topic == LATER
    assert record.correlation_id == json.loads(today.state)["correlation_id"] + "!"
    assert again == record


@pytest.fixture
def kept(service: Service, today: StoredEvent) -> LoggedRecord:
    """That record in the store, from before the later release."""
    return service.access_log.book.append(from_stored(today))


def test_records_of_every_form_are_found(
    kept: LoggedRecord, later: None, service: Service, today: StoredEvent
) -> None:
    newer = replace(from_stored(today), originator_id=uuid4())
    added = service.access_log.book.append(newer)

    found = service.access_log.book.of_kinds(LegalHoldReleased)

    assert topics_of(LegalHoldReleased) == [TODAY, LATER]
    assert [each.position for each in found] == [kept.position, added.position]
    assert {each.record.correlation_id.count("!") for each in found} == {1}


def test_a_form_of_the_future_is_met_and_not_passed_by(
    service: Service, today: StoredEvent
) -> None:
    record = from_stored(today)
    with pytest.MonkeyPatch.context() as newer_release:
        newer_release.setattr(LegalHoldReleased, "SCHEMA", 2)
        service.access_log.book.append(record)

    with pytest.raises(UnreadableRecord, match=LATER):
        service.access_log.book.of_kinds(LegalHoldReleased)


def test_a_form_of_the_future_is_named(today: StoredEvent) -> None:
    assert isinstance(today.originator_id, UUID)
    stored = StoredEvent(today.originator_id, today.originator_version, LATER, today.state)

    with pytest.raises(UnreadableRecord, match=LATER):
        from_stored(stored)
