"""What readers noted, parked or skipped, where the log does not have it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from service.assembly import Service
from tests.given import Story
from tests.service.store_check.looking import broken, positions_of

CASE = UUID("66416ee1-774d-465d-9890-234f3594c999")


@pytest.mark.parametrize("reader", ["case_list", "audit_trail"])
def test_a_read_model_that_is_ahead_of_the_log(
    service: Service, filled: list[Story], tamper: Callable[..., None], reader: str
) -> None:
    far = 1 << 60

    tamper("UPDATE projection_builds SET position = %s WHERE build = %s", far, reader)

    (example,) = broken(service)["readers"]
    assert example.startswith(f"read model {reader} has read to {far}; the newest event has ")


def test_a_read_model_that_noted_the_horizon(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    """It lies below the horizon, but a crash could give its positions out again."""
    noted = positions_of(service, filled[2])[-1] + 1

    tamper("UPDATE projection_builds SET position = %s WHERE build = 'case_list'", noted)

    assert broken(service)["readers"][0].startswith(f"read model case_list has read to {noted}")


def test_what_is_parked_or_skipped_and_does_not_exist(
    service: Service, filled: list[Story], tamper: Callable[..., None]
) -> None:
    event = positions_of(service, filled[0])[0]
    tamper("INSERT INTO parked_cases VALUES ('case_list', %s, 1, 7, 'x:1', 'E', 1, now())", CASE)
    tamper("INSERT INTO skipped_events VALUES ('p', 9, %s, 'x:1', 'E', 'r', 'a', now())", CASE)
    tamper(
        "INSERT INTO parked_cases VALUES ('audit_trail', %s, 1, %s, 'x:1', 'E', 1, now())",
        filled[0].case.id,
        event,
    )

    tamper("UPDATE projection_builds SET position = 1 WHERE build = 'audit_trail'")

    assert set(broken(service)["parked"]) == {
        "a case parked for case_list waits for a missing event at 7",
        "a missing event was skipped for p at 9",
        f"a case is parked for audit_trail where that has not read yet at {event}",
    }
