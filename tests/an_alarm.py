"""An alarm to begin a test with: which rule found what, at which look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.early_warning.judging import Finding
from domain.early_warning.rules import rules_of
from service.assembly import Service

RULE, LOOK = rules_of()["anger_rise_channel"], datetime(2026, 3, 2, tzinfo=UTC)
FOUND = Finding(
    value=61.0,
    expected=20.5,
    deviation=61 / 20.5,
    count=61,
    baseline_count=164,
    from_position=4_096,
    to_position=81_920,
)


def raise_one(service: Service, value: str, hour: int = 0) -> None:
    """Raise it about this value, so many hours after the look."""
    assert service.alarms.raise_once(RULE, value, LOOK + timedelta(hours=hour), FOUND)
