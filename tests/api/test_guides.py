"""The bodies that the guides give are taken as they stand there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.api.conftest import Callers, Json
from tests.api.test_orders import a_customer, an_order, look

GUIDES = Path(__file__).parents[2] / "docs" / "how-to"
__all__ = ["look"]


def body_of(guide: str, step: str) -> Json:
    """The body that a guide sends to a step."""
    page = (GUIDES / guide).read_text("utf-8")
    (body,) = re.findall(rf"/{step}\" \\\n +-d '(.*)'\n", page)
    return dict(json.loads(body))


def test_an_order_is_planned_and_closed_as_the_guide_tells(callers: Callers, look: Any) -> None:
    order = an_order(callers, look, a_customer())
    case = callers.approver.get(f"/v1/cases/{order['case_id']}").get_json()
    plan = body_of("close-the-loop.md", "deliver-director-plan")
    result = body_of("close-the-loop.md", "close-director-order")

    planned = callers.approver.take(case, "deliver_director_plan", plan)
    closed = callers.approver.take(planned, "close_director_order", result)

    assert [each["state"] for each in planned["orders"]] == ["planned"]
    assert [each["state"] for each in closed["orders"]] == ["closed"]
    assert planned["orders"][0]["plan"]["steps"][1]["owner_label"] == "Logistics"


def test_a_person_takes_an_angry_case_over_as_the_guide_tells(callers: Callers) -> None:
    case = callers.reporter.report()
    body = body_of("raise-angry-cases.md", "escalate")

    taken = callers.handler.take(case, "escalate", body)

    assert [each["level"] for each in taken["escalations"]] == ["supervisor"]
