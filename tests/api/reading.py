"""Reports to read back, and lists read page by page."""

from __future__ import annotations

from uuid import uuid4

from werkzeug.test import TestResponse

from api import examples
from tests.api.conftest import Caller, Json, shown


def a_report(ref: str | None = None, **changes: object) -> Json:
    """An example report with some changes, about a customer of its own if none is named."""
    body = {**examples.body("report", "en"), **changes}
    body["customer"] = {**body["customer"], "ref": ref or f"CUST-{uuid4().hex[:8]}"}
    return body


def next_page(caller: Caller, answer: TestResponse) -> TestResponse | None:
    """What the answer's link to the next page gives; None where it is the last one."""
    link = answer.headers.get("Link")
    if link is None:
        return None
    address, _, relation = link.partition(";")
    assert relation.strip() == 'rel="next"'
    return caller.get(address.strip("<>"))


def all_pages(caller: Caller, path: str) -> list[Json]:
    """Every item of a list, from its first page to its last."""
    found: list[Json] = []
    answer: TestResponse | None = caller.get(path)
    while answer is not None:
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found += shown(answer)["items"]
        answer = next_page(caller, answer)
    return found
