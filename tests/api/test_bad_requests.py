"""Two thousand bad requests, and every query with odd texts: no fault of ours, no change."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from api import examples
from api.route_table import ROUTES
from api.routes import Route
from projections.cursors import encode
from projections.engine import ProjectionEngine
from tests.api.conftest import Callers, Json, shown

REQUESTS = 2_000
SEED = 20_261_122
USED_KEY = "used-before"

Request = tuple[str, str, bytes, dict[str, str]]
JUNK: tuple[Any, ...] = (
    None, True, -1, 0, 2**70, 1.5, "", " ", "x" * 9_000, "\x00", "名" * 300, "2026-13-45",
    "2026-02-30T25:00:00Z", "9999-12-31T23:59:59-23:59", "NaN", "1e999", "<script>", "'; DROP--",
    [], [[]], {}, {"a": {}}, ["x"] * 500, [None], "\ud800", "../../etc/passwd", "%00", "C-2026-1",
)  # fmt: skip


POSTS = tuple(route for route in ROUTES if route.method == "POST")
STEPS = tuple(route for route in POSTS if route.step)


def _route_and_body(
    dice: random.Random, routes: tuple[Route, ...] = POSTS
) -> tuple[Route, dict[str, Any]]:
    """A route that changes something, and a good body for it."""
    route = dice.choice(routes)
    good = route.example
    if route.step:
        good = examples.body(route.step.command, dice.choice(examples.LANGUAGES))
    body: dict[str, Any] = json.loads(json.dumps(good))
    return route, body


def _address(route: Route, case: Json) -> str:
    """The route's address: of the case, and else of what nobody ever made."""
    path = route.path.replace("<case:case_id>", case["id"]).replace("<path:ref>", "NOBODY-1")
    path = re.sub(r"<int\([^>]*>", "1", path)
    return re.sub("<uuid:[a-z_]+>", str(uuid4()), path)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in members:
            found += _places(inner, (*path, name))
    return found


def _wrong_value(dice: random.Random, case: Json) -> Request:
    """One value somewhere in a good body replaced by junk that no field takes there."""
    route, body = _route_and_body(dice)
    places = _places(body)
    if not places:
        return _unknown_field(dice, case)
    *way, last = dice.choice(places)
    node = body
    for name in way:
        node = node[name]
    node[last] = {"junk": dice.choice(JUNK)}
    return "POST", _address(route, case), json.dumps(body).encode(), {}


def _junk_value(dice: random.Random, case: Json) -> Request:
    """Any junk anywhere. Some of it is good: a stale version or a used key still refuses it."""
    route, body = _route_and_body(dice, STEPS)
    for _ in range(dice.randrange(1, 4)):
        node, last = body, dice.choice((*body, "occurred_at"))
        for name in _way(dice, body.get(last)):
            node, last = node[last], name
        node[last] = deepcopy(dice.choice(JUNK))
    stale = {"If-Match": '"999"', "Idempotency-Key": USED_KEY}
    return "POST", _address(route, case), json.dumps(body).encode(), stale


def _way(dice: random.Random, value: Any) -> list[Any]:
    places = [(), *_places(value)]
    return list(dice.choice(places))


def _unknown_field(dice: random.Random, case: Json) -> Request:
    route, body = _route_and_body(dice)
    body[dice.choice(("id", "actor", "status", "x y", "名", "__proto__", "a" * 300))] = 1
    return "POST", _address(route, case), json.dumps(body).encode(), {}


def _no_object(dice: random.Random, case: Json) -> Request:
    route, _ = _route_and_body(dice)
    junk = [each for each in JUNK if not isinstance(each, dict)]
    return "POST", _address(route, case), json.dumps(dice.choice(junk)).encode(), {}


def _broken_bytes(dice: random.Random, case: Json) -> Request:
    """A good body in another encoding, cut off, doubled, or with random bytes in it."""
    route, body = _route_and_body(dice)
    good = json.dumps({**body, "zz": "王"}, ensure_ascii=False)
    broken = dice.choice(
        (
            good.encode("utf-16"),
            good.encode("gb18030"),
            good.encode()[: dice.randrange(1, 20)],
            good.encode() * 2,
            dice.randbytes(dice.randrange(1, 200)),
            good.replace("{", '{"zz": NaN, ', 1).encode(),
            good.replace("{", '{"zz": 1, ', 1).encode(),
        )
    )
    return "POST", _address(route, case), broken, {}


def _huge_or_deep(dice: random.Random, case: Json) -> Request:
    route, _ = _route_and_body(dice)
    depth = dice.randrange(33, 50_000)
    body = dice.choice(
        (
            b"[" * depth + b"]" * depth,
            b'{"a":' * depth + b"1" + b"}" * depth,
            json.dumps({"a": ["x"] * dice.randrange(201, 5_000)}).encode(),
            json.dumps({f"a{n}": n for n in range(300)}).encode(),
            b'{"a": ' + b"9" * dice.randrange(50, 100_000) + b"}",
            b'{"a": "' + b"x" * 1_100_000 + b'"}',
        )
    )
    return "POST", _address(route, case), body, {}


def _wrong_headers(dice: random.Random, case: Json) -> Request:
    route, body = _route_and_body(dice)
    header, values = dice.choice(
        (
            ("Content-Type", ("text/plain", "application/xml", "", "multipart/form-data", "a/b;c")),
            ("Content-Encoding", ("gzip", "br", "x")),
            ("Idempotency-Key", ("", '"', "x" * 256, "\xff")),
            ("If-Match", ("*", "1", 'W/"1"', '"1","2"', "x" * 500)),
            ("Authorization", ("", "Bearer x", "Basic eDp5", "Bearer a.b.c", "amends_")),
            ("X-Correlation-Id", ("a b", "x" * 129, "\xe5\x90\x8d")),
            ("X-Causation-Id", ("a b", "<>", "x" * 200)),
        )
    )
    names_version = route.versioned or (route.step and not route.step.begins_a_case)
    if header == "If-Match" and not names_version:
        header = "Idempotency-Key"
        values = ("", "x" * 300)
    value = dice.choice(values)
    return "POST", _address(route, case), json.dumps(body).encode(), {header: value}


def _wrong_query(dice: random.Random, case: Json) -> Request:
    name = dice.choice(
        ("cursor", "limit", "wait_for", "status", "type", "reported_from", "sort", "nope", "q")
    )
    value = dice.choice(
        ("", " ", "-1", "0", "201", "1e3", "９", "x" * 600, "\x00", "2026-02-30", "eyJ", "!!", "名")
    )
    if name == "wait_for":
        value = dice.choice(("", "-1", "1.5", "x", "9" * 30, "０"))
    if name == "q":
        value = dice.choice(("", " ", "\x00", "x" * 201, "\x1b"))
    return "GET", f"/v1/cases?{name}={quote(value)}", b"", {}


def _wrong_past(dice: random.Random, case: Json) -> Request:
    query = dice.choice(
        (
            "version=0",
            "version=99",
            "version=x",
            "as_of=yesterday",
            "as_of=1066-10-14T09:00:00Z",
            "as_of=1999-01-01T00:00:00Z",
            "known_at=2026-01-01T00:00:00",
            "known_at=1999-01-01T00:00:00%2B08:00",
            "version=1&version=1",
            "labels=maybe",
        )
    )
    return "GET", f"/v1/cases/{case['id']}?{query}", b"", {}


def _wrong_address(dice: random.Random, case: Json) -> Request:
    path = dice.choice(
        (
            f"/v1/cases/{uuid4()}",
            "/v1/cases/1",
            f"/v1/cases/{case['id']}/import-record",
            f"/v1/cases/{case['id']}/propose_solution",
            f"/v1/cases/{case['id']}/../../etc",
            "/v1/reference-books/..%2F..%2Fetc",
            "/v1/reference-books/channels/versions/99",
            "/v1/reference-books/channels/versions/-1",
            "/v1/customers/a%20b/timeline",
            f"/v1/cases/{case['id']}/events?cursor={dice.choice(('x', 'bjE', '====', 'WzFd'))}x",
            "/v1/%00",
            "/v1/" + "x" * 3_000,
        )
    )
    return dice.choice(("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")), path, b"{}", {}


def _random_junk(dice: random.Random, case: Json) -> Request:
    route, _ = _route_and_body(dice)
    body = {dice.choice("abcdefg"): dice.choice(JUNK) for _ in range(dice.randrange(1, 6))}
    return "POST", _address(route, case), json.dumps(body).encode(), {}


KINDS: tuple[Callable[[random.Random, Json], Request], ...] = (
    _wrong_value,
    _junk_value,
    _unknown_field,
    _no_object,
    _broken_bytes,
    _huge_or_deep,
    _wrong_headers,
    _wrong_query,
    _wrong_past,
    _wrong_address,
    _random_junk,
)


_STORED = text("SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM records)")


def _stored(app: Flask) -> int:
    """How many events and other records the store holds."""
    with app.extensions["amends"].engine.connect() as connection:
        count: int = connection.execute(_STORED).scalar_one()
        return count


def test_two_thousand_bad_requests_change_nothing(
    app: Flask, callers: Callers, read_models: ProjectionEngine
) -> None:
    dice, statuses = random.Random(SEED), Counter[int]()
    senders = (
        *(callers.handler, callers.approver, callers.reporter),
        *(callers.analyst, callers.privacy, callers.admin),
    )
    case = callers.reporter.report(key=USED_KEY)
    callers.handler.report(key=USED_KEY)
    read_models.catch_up()
    before = _stored(app)

    for number in range(REQUESTS):
        method, path, body, headers = KINDS[number % len(KINDS)](dice, case)
        caller = dice.choice(senders)
        given = {"Idempotency-Key": str(uuid4()), "If-Match": '"1"'} | headers
        answer = caller.send(method, path, body, **given)
        statuses[answer.status_code] += 1
        assert 400 <= answer.status_code < 500, (method, path, body[:200], headers)
        if method != "HEAD":
            assert answer.content_type == "application/problem+json"
            assert shown(answer)["status"] == answer.status_code

    assert _stored(app) == before
    assert len(statuses) >= 8


def test_every_route_that_changes_something_has_a_body_to_spoil() -> None:
    without = [route.name for route in POSTS if not route.step and not route.example]

    assert without == []


ODD_TEXTS = (
    "", " ", "-1", "0", "9" * 30, "1e3", "９", "true", "x" * 600, "\x00", "\x7f", "\ud83d", "名",
    "2026-02-30", "0001-01-01", "9999-12-31T23:59:59-23:59", "1900-01-01T00:00:00+23:59",
    "2500-12-31", "[]", "W10", "a,b", "%", "'", '"', "C-2026-000001", "../..", "=1+1",
    *(encode(*place) for place in (
        [1], [-1], [10**30], ["x"], [None], ["2026-01-01T00:00:00", 1], [[1]],
        ["0001-01-01T00:00:00+23:59", 1],
        ["-reported_at", "0001-01-01T00:00:00+23:59", str(uuid4())],
        ["-reported_at", "9999-12-31T23:59:59.999999Z", str(uuid4())],
    )),
)  # fmt: skip


@pytest.mark.parametrize("route", [r for r in ROUTES if r.params], ids=lambda route: route.name)
def test_no_text_in_a_query_is_a_fault_of_ours(
    callers: Callers,
    read_models: ProjectionEngine,
    monkeypatch: pytest.MonkeyPatch,
    route: Route,
) -> None:
    monkeypatch.setattr("api.pages.WAIT_SECONDS", 0.0)
    case = callers.reporter.report()
    read_models.catch_up()
    path = route.path.replace("<case:case_id>", case["id"]).replace("<path:ref>", "CUST-1")
    names = [param.name for param in route.params]
    asker = callers.of(min(route.roles or ["auditor"], key=lambda role: role != "auditor"))

    answers = {
        (name, odd): asker.get(f"{path}?{name}={quote(odd, errors='surrogatepass')}")
        for name in names
        for odd in ODD_TEXTS
    }

    expected = {200, 400, 404, 503}
    strange = {asked for asked, answer in answers.items() if answer.status_code not in expected}
    not_read = {name for (name, _), answer in answers.items() if answer.status_code == 503}
    assert strange == set()
    assert not_read <= {"wait_for"}
