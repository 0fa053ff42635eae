"""Services supply indicators of a customer's risk, and people read the score."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from werkzeug.test import TestResponse

from tests.api.conftest import Caller, Json, shown
from tests.risk_history import GRAVE

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


def item(indicator: str, value: Any, at: datetime = NOW - HOUR) -> Json:
    return {"indicator": indicator, "value": value, "observed_at": at.isoformat()}


def grave(at: datetime = NOW - HOUR) -> list[Json]:
    """Four indicators at their worst."""
    return [item(code, value, at) for code, value in GRAVE.items()]


def supply(caller: Caller, ref: str, items: Any, key: str | None = None) -> TestResponse:
    path = f"/v1/customers/{ref}/indicators"
    return caller.post(path, {"indicators": items}, Idempotency_Key=key or str(uuid4()))


def risk(caller: Caller, ref: str, query: str = "", **headers: str) -> Json:
    answer = caller.get(f"/v1/customers/{ref}/risk{query}", **headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return shown(answer)
