"""Strict JSON: what is ambiguous, huge or unstorable is refused before any field is read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from api.errors import Problem
from api.json_body import MAX_DEPTH, MAX_ITEMS, canonical, decode, encode, rfc3339


def _nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b'{"a": 1,}', "malformed_json"),
        (b"{'a': 1}", "malformed_json"),
        (b'{"a": NaN}', "malformed_json"),
        (b'{"a": -Infinity}', "malformed_json"),
        (b'{"a": "\x01"}', "malformed_json"),
        (b'{"a": 1} x', "malformed_json"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "malformed_json"),
        (b'\xef\xbb\xbf{"a": 1}', "malformed_json"),
        (b'{"a": "\xff"}', "not_utf8"),
        (b'{"a": "\xed\xa0\x80"}', "not_utf8"),
        ('{"a": "王"}'.encode("gb18030"), "not_utf8"),
        ('{"a": 1}'.encode("utf-16"), "not_utf8"),
        (b'{"a": 1, "a": 2}', "duplicate_member"),
        (b'{"b": {"a": 1, "a": 1}}', "duplicate_member"),
        (b"[]", "invalid_body"),
        (b"null", "invalid_body"),
        (b'"text"', "invalid_body"),
        (b'{"a": "\\u0000"}', "invalid_body"),
        (b'{"a": ["\\ud800"]}', "invalid_body"),
        (b'{"\\ud800": 1}', "invalid_body"),
        (_nested(MAX_DEPTH + 1), "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (json.dumps({"a": [0] * (MAX_ITEMS + 1)}).encode(), "too_many_items"),
        (json.dumps({str(n): n for n in range(MAX_ITEMS + 1)}).encode(), "too_many_items"),
    ],
)
def test_a_body_that_could_be_misread_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(Problem) as refused:
        decode(body)

    assert refused.value.code == code


def test_what_lies_within_the_limits_is_read() -> None:
    longest = {"a": list(range(MAX_ITEMS))}

    assert decode(_nested(MAX_DEPTH))["a"]
    assert decode(json.dumps(longest).encode()) == longest
    assert decode(b'{"a": "\\ud83d\\ude00 \\u738b"}') == {"a": "😀 王"}
    assert decode(b'{"a": 1.5}') == {"a": Decimal("1.5")}


def test_the_place_of_a_broken_character_is_named_as_far_as_it_is_a_field() -> None:
    with pytest.raises(Problem) as refused:
        decode(b'{"steps": [{"a": "x"}, {"my secret": {"b": "\\u0000"}}]}')

    assert refused.value.errors == ({"pointer": "/steps/1", "code": "unstorable_character"},)


def test_the_canonical_form_ignores_the_order_of_members() -> None:
    assert canonical({"a": 1, "b": {"c": "王", "d": 2}}) == canonical(
        {"b": {"d": 2, "c": "王"}, "a": 1}
    )


def test_times_are_written_in_utc_with_microseconds() -> None:
    shanghai = timezone(timedelta(hours=8))

    written = rfc3339(datetime(2026, 3, 1, 9, 30, 0, 120, tzinfo=shanghai))

    assert written == "2026-03-01T01:30:00.000120Z"
    assert rfc3339(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01T00:00:00Z"


@given(st.datetimes(timezones=st.timezones()))
def test_any_time_is_written_as_its_own_iso_form_in_utc(instant: datetime) -> None:
    try:
        in_utc = instant.astimezone(UTC)
    except OverflowError:  # beyond the first or the last day there is
        assume(False)

    assert rfc3339(instant) == in_utc.isoformat().replace("+00:00", "Z")
    assert rfc3339(in_utc) == rfc3339(instant)


def test_json_is_written_in_utf8() -> None:
    assert encode({"名": Decimal("12.50")}) == '{"名":"12.50"}'.encode()
