"""What tests of reviews do over HTTP: open, hold, tell figures, change actions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from werkzeug.test import TestResponse

from domain.reviews.review import review_id
from domain.reviews.rhythm import Occurrence, kinds_of
from service.assembly import Service
from tests.api.conftest import Caller, Callers, Json, shown

DAY = timedelta(days=1)
ALL_FIGURES = {
    "first_contact_resolution": "82",
    "reply_within_30_minutes": "80",
    "cases_within_time": "79",
    "records_complete": "78",
    "cases_with_finding": "80",
    "reported_satisfaction": "80",
}
HELD: Json = {
    "attendees": [{"party": "customer_service", "people": 3}, {"party": "sales", "people": 1}],
    "findings": [{"finding": "cause_comes_back", "times": 2}],
    "decisions": [{"measure": "change_procedure", "owner": "WAREHOUSE-2", "due_on": "2999-12-18"}],
    "file_ref": "MINUTES-7",
}


def open_one(service: Service, kind: str, day: date) -> str:
    occurrence = Occurrence(kind=kinds_of()[kind], scheduled_on=day)
    assert service.reviews.open_once(occurrence)
    assert not service.reviews.open_once(occurrence)
    return str(review_id(occurrence))


def send(
    caller: Caller, path: str, body: Json, version: int = 1, key: str | None = None
) -> TestResponse:
    return caller.post(path, body, If_Match=f'"{version}"', Idempotency_Key=key or str(uuid4()))


def hold(caller: Caller, review: str, body: Json | None = None, **more: Any) -> TestResponse:
    return send(caller, f"/v1/reviews/{review}/hold", HELD if body is None else body, **more)


def hold_then(caller: Caller, service: Service, review: str, decisions: list[Json]) -> TestResponse:
    """Held an hour after it was opened, so that days which are over now lay ahead."""
    opened = service.reviews.get(UUID(review)).standing.opened
    held_at = (opened.occurred_at + timedelta(hours=1)).isoformat()
    return hold(caller, review, {**HELD, "held_at": held_at, "decisions": decisions})


def figures(found: dict[str, str], expected: str | None = "80") -> Json:
    told = {} if expected is None else {"expected": expected}
    return {
        "figures": [
            {"figure": code, "sampled": 40, "found": each, **told} for code, each in found.items()
        ]
    }


def tell(caller: Caller, audit: str, body: Json, **more: Any) -> TestResponse:
    return send(caller, f"/v1/reviews/{audit}/record-figures", body, **more)


def actions_of(caller: Caller, audit: str, query: str = "") -> list[Json]:
    answer = caller.get(f"/v1/corrective-actions?review_id={audit}&{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: list[Json] = shown(answer)["items"]
    return found


def an_action(callers: Callers, audit: str) -> str:
    tell(callers.analyst, audit, figures({"records_complete": "50"}))
    action: str = actions_of(callers.auditor, audit)[0]["id"]
    return action


def change(caller: Caller, action: str, step: str, body: Json, version: int = 1) -> TestResponse:
    return send(caller, f"/v1/corrective-actions/{action}/{step}", body, version)


def listed(caller: Caller, path: str) -> list[str]:
    """The ids on every page."""
    found: list[str] = []
    while path:
        answer = caller.get(path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found += [item["id"] for item in shown(answer)["items"]]
        path = answer.headers.get("Link", "").partition(";")[0].strip("<>")
    return found
