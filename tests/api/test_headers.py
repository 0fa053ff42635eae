"""Headers that carry meaning: the version a change saw, the key of a retry, the conversation."""

from __future__ import annotations

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from api import headers
from api.errors import Problem
from api.request_context import RequestContext


def _request(**given: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in given.items()}
    request = Request(EnvironBuilder(headers=named).get_environ())
    request.url_rule = None
    return request


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("abc", "abc"),
        ('"abc"', "abc"),
        ('"a\\"b\\\\c"', 'a"b\\c'),
        ("a b", "a b"),
        ("x" * 255, "x" * 255),
        ('"' + "x" * 255 + '"', "x" * 255),
    ],
)
def test_an_idempotency_key_may_be_quoted_or_bare(given: str, key: str) -> None:
    assert headers.idempotency_key(_request(Idempotency_Key=given), required=True) == key


@pytest.mark.parametrize("given", ["", '"', '""', '"a', '"a"b"', '"a\\n"', "x" * 256, "名", "a\tb"])
def test_an_unreadable_idempotency_key_is_refused(given: str) -> None:
    request = Request({"HTTP_IDEMPOTENCY_KEY": given})

    with pytest.raises(Problem) as refused:
        headers.idempotency_key(request, required=False)

    assert refused.value.code == "invalid_header"
    assert refused.value.errors[0]["header"] == "Idempotency-Key"


def test_a_key_is_asked_for_only_where_it_is_required() -> None:
    with pytest.raises(Problem) as refused:
        headers.idempotency_key(_request(), required=True)

    assert refused.value.code == "idempotency_key_required"
    assert headers.idempotency_key(_request(), required=False) is None


@pytest.mark.parametrize(
    ("given", "version"),
    [
        ('"1"', 1),
        (' "42" ', 42),
        ('"01"', headers.NO_SUCH_VERSION),
        ('"abc"', headers.NO_SUCH_VERSION),
        ('""', headers.NO_SUCH_VERSION),
        ('"-1"', headers.NO_SUCH_VERSION),
        ('"99999999999999999999"', headers.NO_SUCH_VERSION),
    ],
)
def test_if_match_names_one_version(given: str, version: int) -> None:
    assert headers.expected_version(_request(If_Match=given)) == version


@pytest.mark.parametrize("given", ["*", "1", 'W/"1"', '"1", "2"', '"1', "'1'"])
def test_if_match_that_names_no_single_version_is_refused(given: str) -> None:
    with pytest.raises(Problem) as refused:
        headers.expected_version(_request(If_Match=given))

    assert refused.value.code == "invalid_header"


@pytest.mark.parametrize("given", [{}, {"If_Match": " "}])
def test_a_change_without_a_version_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        headers.expected_version(_request(**given))

    assert refused.value.code == "version_required"


def test_the_conversation_is_named_by_the_caller_or_by_the_trace() -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    named = _request(X_Correlation_Id="order-7")

    assert headers.correlation_id(named, trace, "r1") == "order-7"
    assert headers.correlation_id(_request(), trace, "r1") == trace
    assert headers.correlation_id(_request(), None, "r1") == "r1"


@pytest.mark.parametrize("given", ["a b", "x" * 129, "a@b"])
def test_an_unusable_correlation_id_is_refused(given: str) -> None:
    with pytest.raises(Problem):
        headers.correlation_id(_request(X_Correlation_Id=given), None, "r1")


@pytest.mark.parametrize(
    ("given", "trace_id"),
    [
        (
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "4bf92f3577b34da6a3ce929d0e0e4736",
        ),
        (
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "4bf92f3577b34da6a3ce929d0e0e4736",
        ),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", None),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", None),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", None),
        ("nonsense", None),
    ],
)
def test_a_valid_trace_is_taken_over_and_another_one_ignored(
    given: str, trace_id: str | None
) -> None:
    assert RequestContext(_request(traceparent=given)).trace_id == trace_id


def test_a_request_id_is_taken_over_only_where_it_is_harmless() -> None:
    ours = RequestContext(_request(X_Request_Id="abc-1.2"))
    forged = RequestContext(_request(X_Request_Id='x" injected="1'))

    assert ours.request_id == "abc-1.2"
    assert len(forged.request_id) == 24
