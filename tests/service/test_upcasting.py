"""Stored events of every form: old ones are brought up to date, unknown ones are named."""

import json
from uuid import UUID

import pytest
from eventsourcing.persistence import StoredEvent

from domain import events, records
from domain.events import CaseEvent
from service.mapper import UnreadableEvent, Why
from service.upcasting import UPCASTS, UnknownSchema, upcast
from tests.golden.stored import mapper
from tests.service.made_up_event import ParcelWeighed, registered

CASE = UUID("66416ee1-774d-465d-9890-234f3594c999")
ENVELOPE = {
    "occurred_at": "2026-11-02T09:00:00Z",
    "actor": {"id": "ann", "kind": "person"},
    "via": "api",
    "correlation_id": "conversation-1",
    "subject_ref": "K-1001",
}
# Stored examples of every form: never edited, like those of real events in tests/golden/.
EXAMPLES = {
    "parcel_weighed:1": '{"pounds": 5}',
    "parcel_weighed:2": '{"kilograms": 2.5}',
    "parcel_weighed:3": '{"weight_grams": 2500}',
}

known = pytest.fixture(registered)


def stored(topic: str, content: str) -> StoredEvent:
    state = json.dumps({**ENVELOPE, **json.loads(content)}).encode()
    return StoredEvent(CASE, 3, topic, state)


def read(event: StoredEvent) -> CaseEvent:
    return mapper().to_domain_event(event)


@pytest.mark.parametrize(("topic", "content"), EXAMPLES.items())
def test_every_old_form_is_read_as_the_newest(known: None, topic: str, content: str) -> None:
    event = read(stored(topic, content))

    assert isinstance(event, ParcelWeighed)
    assert event.weight_grams == 2500
    assert (event.case_id, event.version) == (CASE, 3)


def test_each_step_is_taken_once_and_in_order(known: None) -> None:
    assert upcast("parcel_weighed", 1, 3, {"pounds": 2}) == {"weight_grams": 1000}
    assert upcast("parcel_weighed", 3, 3, {"weight_grams": 7}) == {"weight_grams": 7}


@pytest.mark.parametrize("schema", ["0", "4", "-1", "", "x", "1.0"])
def test_a_schema_number_that_is_not_known_is_named(known: None, schema: str) -> None:
    event = stored(f"parcel_weighed:{schema}", '{"weight_grams": 1}')

    with pytest.raises(UnreadableEvent, match=f"parcel_weighed:{schema} ") as unreadable:
        read(event)

    assert unreadable.value.why is Why.UNKNOWN_SCHEMA
    assert str(CASE) in str(unreadable.value)


def test_an_event_of_the_future_is_named() -> None:
    with pytest.raises(UnreadableEvent, match="parcel_weighed:3") as unreadable:
        read(stored("parcel_weighed:3", EXAMPLES["parcel_weighed:3"]))

    assert unreadable.value.why is Why.UNKNOWN_EVENT
    assert (unreadable.value.case_id, unreadable.value.version) == (CASE, 3)


def test_a_step_that_is_missing_is_no_reason_to_guess(
    known: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(UPCASTS, ("parcel_weighed", 2))

    with pytest.raises(UnknownSchema, match="parcel_weighed:2"):
        upcast("parcel_weighed", 1, 3, {"pounds": 2})


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"not JSON",
        b"[1]",
        b'"text"',
        b"null",
        b"7",
        b"{}",
        b'{"weight_grams": "\xff"}',
        b'{"weight_grams": {}}',
    ],
)
def test_content_of_another_form_is_unreadable(known: None, state: bytes) -> None:
    with pytest.raises(UnreadableEvent) as unreadable:
        read(StoredEvent(CASE, 3, "parcel_weighed:3", state))

    assert unreadable.value.why is Why.UNFIT


@pytest.mark.parametrize("content", ['{"pounds": "secret"}', '{"pounds": null}', "{}"])
def test_content_that_an_upcast_cannot_take_is_unreadable(known: None, content: str) -> None:
    with pytest.raises(UnreadableEvent) as unreadable:
        read(stored("parcel_weighed:1", content))

    assert unreadable.value.why is Why.UNFIT
    assert "secret" not in str(unreadable.value)


def test_a_personal_text_that_is_no_text_is_unreadable() -> None:
    content = '{"channel": "phone", "text": 7}'

    with pytest.raises(UnreadableEvent) as unreadable:
        read(stored("conflict_acknowledged:1", content))

    assert unreadable.value.why is Why.UNFIT


def test_every_old_schema_of_whatever_is_stored_has_its_step() -> None:
    kinds = (*events.ALL, *records.ALL)
    old = {(kind.NAME, number) for kind in kinds for number in range(1, kind.SCHEMA)}

    assert set(UPCASTS) == old
