"""The keys of an issuer: fetched, kept, looked up again, and never in the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http.client import BadStatusLine, IncompleteRead
from threading import Event
from urllib.error import HTTPError

import pytest

from api.auth import Authenticator
from api.errors import Problem
from api.jwt_keys import (
    KEYS_KEPT_SECONDS,
    REFETCH_AFTER_SECONDS,
    KeysUnavailable,
    fetch_keys,
)
from service.access_tokens import AccessTokens
from tests.api.conftest import Json
from tests.api.issuing import KEY, NEXT_KEY, Issuer, a_token, bearer, claimed, reader_of, serving
from tests.still_clocks import Stopwatch


def test_keys_are_kept_and_looked_up_again_when_a_new_one_signs() -> None:
    issuer, clock = Issuer(KEY), Stopwatch(1_000.0)
    reader = reader_of(issuer, clock)
    for _ in range(3):
        assert reader.read(a_token(claimed()))
    assert issuer.asked == 1
    issuer.keys = (KEY, NEXT_KEY)
    new = a_token(claimed(), NEXT_KEY, "ES256")

    too_soon = reader.read(new)
    clock.now += REFETCH_AFTER_SECONDS
    later = reader.read(new)

    assert too_soon is None
    assert later is not None
    assert issuer.asked == 2


def test_known_keys_stay_in_use_while_the_issuer_is_away() -> None:
    issuer, clock = Issuer(KEY), Stopwatch(1_000.0)
    reader = reader_of(issuer, clock)
    assert reader.read(a_token(claimed()))
    issuer.away = True

    clock.now += KEYS_KEPT_SECONDS + 1

    assert reader.read(a_token(claimed()))


def test_a_bad_token_does_not_ask_the_issuer_again() -> None:
    issuer, clock = Issuer(KEY), Stopwatch(1_000.0)
    reader = reader_of(issuer, clock)
    good = a_token(claimed())
    assert reader.read(good)

    for bad in (
        a_token(claimed(exp=1)),
        good[:-4] + "AAAA",
        a_token(claimed(), typ="JWT"),
        "a.b.c",
    ):
        clock.now += REFETCH_AFTER_SECONDS
        assert reader.read(bad) is None

    assert issuer.asked == 1


def test_nobody_waits_for_an_issuer_that_is_slow_to_give_newer_keys() -> None:
    clock, asked, answer = Stopwatch(1_000.0), Event(), Event()

    def slow(url: str) -> Json:
        if asked.is_set() or clock.now > KEYS_KEPT_SECONDS:
            asked.set()
            assert answer.wait(60)
        return Issuer(KEY)(url)

    clock.now = 0.0
    reader, good = reader_of(slow, clock), a_token(claimed())
    assert reader.read(good)
    clock.now = KEYS_KEPT_SECONDS + 1
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(reader.read, good)
        assert asked.wait(60)

        meanwhile = reader.read(good)

        answer.set()
        assert meanwhile is not None
        assert waiting.result() is not None


@pytest.mark.parametrize(
    "unusable",
    [
        {"kty": "EC", "crv": "P-999", "kid": "z", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "Ed448", "kid": "z", "x": "AA"},
        {"kty": "AKP", "alg": "ML-DSA-44", "kid": "z", "pub": "AA"},
        {},
        1,
        None,
    ],
)
def test_a_key_that_cannot_be_used_is_passed_over(unusable: object) -> None:
    published = Issuer(KEY)("")

    reader = reader_of(lambda url: {"keys": [unusable, *published["keys"]]})

    assert reader.read(a_token(claimed()))


@pytest.mark.parametrize(
    "fault",
    [OSError(), BadStatusLine("x"), IncompleteRead(b""), ValueError(), RecursionError()],
    ids=lambda fault: type(fault).__name__,
)
def test_without_any_key_nobody_can_tell(tokens: AccessTokens, fault: Exception) -> None:
    def broken(url: str) -> Json:
        raise fault

    authenticator = Authenticator(tokens, reader_of(broken))

    with pytest.raises(Problem) as refused:
        authenticator.credential(bearer(a_token(claimed())))

    assert refused.value.code == "issuer_unavailable"
    assert refused.value.headers["Retry-After"] == "10"


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": []}, {"keys": "abc"}])
def test_a_document_without_keys_is_no_answer(document: Json) -> None:
    with pytest.raises(KeysUnavailable):
        reader_of(lambda url: document).read(a_token(claimed()))


def test_keys_are_fetched_from_the_address_that_was_set_and_no_other() -> None:
    with serving({"/keys": (200, b'{"keys": []}'), "/moved": (302, b"")}) as address:
        found = fetch_keys(f"{address}/keys")

        with pytest.raises(HTTPError):
            fetch_keys(f"{address}/moved")

    assert found == {"keys": []}
