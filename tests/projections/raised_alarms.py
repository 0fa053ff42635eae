"""The alarms that a watch put on record."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from domain.records import AlarmRaised
from service.assembly import Service


def raised(service: Service) -> list[AlarmRaised]:
    """Every alarm, in the order in which they were raised."""
    return [logged.record for logged in service.records.of_kinds(AlarmRaised)]


def ids(alarms: Iterable[AlarmRaised]) -> set[UUID]:
    return {alarm.originator_id for alarm in alarms}
