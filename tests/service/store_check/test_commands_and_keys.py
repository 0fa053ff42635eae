"""Commands, contents and keys against the events that they belong to."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from service.assembly import Service
from tests.given import Story
from tests.service.store_check.looking import broken, checked, positions_of

CASE = UUID("66416ee1-774d-465d-9890-234f3594c999")


def test_a_command_may_lead_to_a_record(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    tamper(
        "SELECT append_record(%s, 1, 'legal_hold_placed:1', '{}', %s, '\\x00', NULL, NULL)",
        CASE,
        uuid4(),
    )

    assert "commands" not in broken(service)


@pytest.mark.parametrize("column", ["originator_id = gen_random_uuid()", "position = 5"])
def test_a_command_without_its_event(
    service: Service, filled: list[Story], tamper: Callable[..., None], column: str
) -> None:
    tamper(f"UPDATE commands SET {column} WHERE originator_id = %s", filled[0].case.id)

    (example,) = broken(service)["commands"]
    assert example.startswith("command ")
    assert "version 1 of " in example


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("topic = 'case_sold:1'", "case_sold:1"),
        ("topic = 'case_assigned:2'", "case_assigned:2"),
        ("state = 'secret'", "case_assigned:1"),
        ("state = '[]'", "case_assigned:1"),
    ],
)
def test_an_event_that_cannot_be_read(
    service: Service, filled: list[Story], tamper: Callable[..., None], change: str, says: str
) -> None:
    case_id = filled[0].case.id
    position = positions_of(service, filled[0])[2]

    tamper(f"UPDATE events SET {change} WHERE position = %s", position)

    (example,) = broken(service)["contents"]
    assert example.startswith(
        f"position {position}: cannot read {says} (case {case_id}, version 3): "
    )
    assert "secret" not in example


def test_a_key_without_a_trace(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    position = positions_of(service, filled[0])[0]
    tamper("ALTER TABLE subject_keys DISABLE TRIGGER ALL")
    tamper("DELETE FROM subject_keys")

    wrong = broken(service)

    assert set(wrong) == {"keys"}
    assert wrong["keys"][0].startswith(f"position {position}: there is no key ")


def test_a_key_that_was_erased_is_as_it_should_be(service: Service, filled: list[Story]) -> None:
    erased = service.keys.destroy(filled[0].events[0].subject_ref)

    report = checked(service)

    assert erased
    assert report.is_sound
