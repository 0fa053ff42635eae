"""Events and records of the log: every broken rule is planted and named."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from service.assembly import Service
from tests.given import Story
from tests.service.store_check.looking import broken, positions_of

CASE = UUID("66416ee1-774d-465d-9890-234f3594c999")


def test_a_missing_version(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    case_id = filled[1].case.id

    tamper("DELETE FROM events WHERE originator_id = %s AND originator_version = 2", case_id)

    assert broken(service)["versions"] == [f"case {case_id}: 3 after 1"]


def test_a_case_without_its_beginning(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    case_id = filled[1].case.id

    tamper("DELETE FROM events WHERE originator_id = %s AND originator_version = 1", case_id)

    wrong = broken(service)
    assert wrong["versions"] == [f"case {case_id}: 2 after none"]
    assert wrong["commands"][0].endswith(f"version 1 of {case_id} at {_at(wrong)}")


def _at(wrong: dict[str, list[str]]) -> str:
    return wrong["commands"][0].rpartition(" ")[2]


def test_a_doubled_version(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    case_id = filled[0].case.id
    tamper("ALTER TABLE events DROP CONSTRAINT events_version")

    tamper(
        "INSERT INTO events SELECT position + 4096 * 4096, recorded_at, originator_id, "
        "originator_version, topic, state FROM events "
        "WHERE originator_id = %s AND originator_version = 1",
        case_id,
    )

    assert broken(service)["versions"] == [f"case {case_id}: 1 after 1"]


def test_a_version_before_its_predecessor(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    case_id = filled[2].case.id

    tamper(
        "UPDATE events SET position = 4096 WHERE originator_id = %s AND originator_version = 3",
        case_id,
    )

    assert broken(service)["order"] == [
        f"case {case_id}: version 3 at 4096, before its predecessor"
    ]


def test_a_doubled_position(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    first = positions_of(service, filled[0])[0]
    tamper("ALTER TABLE events DROP CONSTRAINT events_position")

    tamper(
        "INSERT INTO events SELECT position, recorded_at, %s, 1, topic, state FROM events "
        "WHERE position = %s",
        uuid4(),
        first,
    )

    assert broken(service)["positions"] == [
        f"the append at {first} has 2 entries from {first} to {first}"
    ]


def test_an_append_of_which_a_part_is_missing(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    """The versions would not tell: the case is gone as a whole."""
    gone, stays = Story().after("report"), Story().after("report")
    first, _ = service.cases.record([*gone.events, *stays.events])

    tamper("DELETE FROM events WHERE originator_id = %s", gone.case.id)

    assert broken(service)["positions"] == [
        f"the append at {first.id} has 1 entry from {first.id + 1} to {first.id + 1}"
    ]


@pytest.mark.parametrize(
    ("base", "says"), [(4097, "is 4097, no multiple of 4096"), (-4096, "is -4096, no multiple")]
)
def test_a_wrong_base_of_positions(
    service: Service, filled: list[Story], tamper: Callable[..., None], base: int, says: str
) -> None:
    tamper(
        "CREATE OR REPLACE FUNCTION event_store_base() RETURNS bigint LANGUAGE sql STABLE "
        f"AS 'SELECT {base}::bigint'"
    )

    assert says in broken(service)["base"][0]


def test_an_event_ahead_of_the_next_append(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    far = 1 << 60

    tamper("UPDATE events SET position = %s WHERE originator_id = %s", far, _single(service))

    assert broken(service)["base"][0].startswith(f"the newest stands at {far}, the next one gets ")


def _single(service: Service) -> UUID:
    story = Story().after("report")
    service.cases.record(story.events)
    return story.case.id


def test_records_are_looked_at_too(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    newest = positions_of(service, filled[2])[-1]
    at = newest - newest % 4096 + 4096
    tamper("INSERT INTO records VALUES (%s, now(), %s, 2, 'who_knows:1', '')", at, CASE)

    wrong = broken(service)

    assert wrong["versions"] == [f"record {CASE}: 2 after none"]
    assert wrong["contents"] == [f"position {at}: cannot read who_knows:1"]
