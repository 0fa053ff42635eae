"""The rows of alarms against their records: missing, wrong, too many, and mended."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from domain.early_warning.alarms import alarm_id
from service.assembly import Service
from service.migrating import mend_rows_of_alarms
from service.settings import Settings
from service.store_check import ALARMS_CURE
from tests.an_alarm import LOOK, RULE, raise_one
from tests.given import Story, circumstances
from tests.service.store_check.looking import broken, checked


@pytest.fixture
def alarms(service: Service, filled: list[Story]) -> list[UUID]:
    """An open alarm and one that was acknowledged and closed, in the order of their ids."""
    values = {alarm_id(RULE, value, LOOK): value for value in ("a", "b")}
    for value in values.values():
        raise_one(service, value)
    _, closed = in_order = sorted(values)
    service.alarms.acknowledge(closed, circumstances(), expected_version=1)
    ground = "expected_event"
    service.alarms.close(closed, circumstances(), expected_version=2, ground=ground)
    return in_order


def test_rows_of_alarms_are_sound(service: Service, alarms: list[UUID]) -> None:
    assert checked(service).is_sound


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        ("DELETE FROM alarm_states", "it has no row"),
        *(
            (f"UPDATE alarm_states SET {column}", "its row says something else")
            for column in (
                "raised_position = raised_position + 1",
                "raised_at = raised_at - interval '1 second'",
                "raised_for = raised_for - interval '1 second'",
                "rule = 'other'",
                "rule_version = rule_version + 1",
                "level = 'other'",
                "scope = 'other'",
                "scope_value = NULL",
                "acknowledged_at = NULL",
                "acknowledged_by = 'other'",
                "said_acknowledged_at = NULL",
                "closed_at = NULL",
                "said_closed_at = NULL",
            )
        ),
    ],
)
def test_a_row_of_an_alarm_that_is_missing_or_wrong(
    service: Service,
    alarms: list[UUID],
    settings: Settings,
    tamper: Callable[..., None],
    change: str,
    difference: str,
) -> None:
    tamper(f"{change} WHERE alarm_id = %s", alarms[1])

    found = broken(service)
    mended = [mend_rows_of_alarms(settings), mend_rows_of_alarms(settings)]

    assert found == {"alarms": [f"alarm {alarms[1]}: {difference}: {ALARMS_CURE}"]}
    assert mended == [1, 0]
    assert checked(service).is_sound


def test_a_row_of_an_alarm_that_nobody_raised(
    service: Service, alarms: list[UUID], settings: Settings, tamper: Callable[..., None]
) -> None:
    tamper(
        "UPDATE alarm_states SET alarm_id = 'ffffffff-ffff-4fff-bfff-ffffffffffff' "
        "WHERE alarm_id = %s",
        alarms[0],
    )

    found = broken(service)
    mended = mend_rows_of_alarms(settings)

    assert [each.split(": ")[1] for each in found["alarms"]] == [
        "it has no row",
        "a row, and no record that raised it",
    ]
    assert mended == 2
    assert checked(service).is_sound


def test_a_record_of_an_alarm_that_cannot_be_read(
    service: Service, alarms: list[UUID], tamper: Callable[..., None]
) -> None:
    tamper("ALTER TABLE records DISABLE TRIGGER records_insert_only")
    for index in ("records_alarms_by_rule", "records_alarms_by_time"):
        tamper(f"DROP INDEX IF EXISTS {index}")
    tamper("UPDATE records SET state = 'secret' WHERE originator_id = %s", alarms[0])

    wrong = broken(service)

    assert wrong["alarms"] == ["a record of an alarm cannot be read"]
    assert set(wrong) == {"alarms", "contents"}
