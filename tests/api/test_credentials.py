"""API keys and access tokens: what opens the door, and how soon it closes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import BadStatusLine, IncompleteRead
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.error import HTTPError
from uuid import uuid4

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from api.auth import CACHE_SECONDS, Authenticator
from api.errors import Problem
from api.jwt_keys import (
    KEYS_KEPT_SECONDS,
    REFETCH_AFTER_SECONDS,
    IssuerKeys,
    KeysUnavailable,
    fetch_keys,
)
from api.jwt_subjects import Subjects
from api.jwt_tokens import JwtReader
from domain.values import ActorKind, Role
from service.access_tokens import AccessTokens, InvalidToken, UnknownToken, parse
from tests.api.conftest import Json
from tests.still_clocks import Stopwatch

ISSUER, AUDIENCE = "https://login.example", "amends"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
NEXT_KEY = ECKey.generate_key("P-256", {"kid": "two"})


@pytest.fixture(scope="module")
def tokens(app: Flask) -> AccessTokens:
    return AccessTokens(app.extensions["amends"].engine)


def _bearer(clear: str) -> str:
    return f"Bearer {clear}"


def test_a_key_is_shown_once_and_kept_as_a_hash(tokens: AccessTokens) -> None:
    made, clear = tokens.create("shop", ["reporter", "handler"])

    stored = tokens.find(made.token_id)
    assert stored is not None
    assert clear.startswith("amends_")
    assert clear.split("_", 2)[2] not in repr(stored)
    assert stored.roles == {Role.REPORTER, Role.HANDLER}
    assert stored.actor.id == "shop"
    assert stored.actor.kind is ActorKind.SERVICE
    found = parse(clear)
    assert found is not None
    assert stored.has_secret(found[1])
    assert not stored.has_secret("x" * 43)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "Jordan Ellis"},
        {"name": "jordan@mail.example"},
        {"roles": []},
        {"roles": ["king"]},
        {"actor_kind": "system"},
        {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"expires_at": datetime(2099, 1, 1)},  # noqa: DTZ001
    ],
)
def test_a_key_that_cannot_be_used_is_not_made(tokens: AccessTokens, wrong: dict[str, Any]) -> None:
    before = len(tokens.all())

    with pytest.raises(InvalidToken):
        tokens.create(**{"name": "shop", "roles": ["handler"], **wrong})

    assert len(tokens.all()) == before


def test_a_revoked_key_closes_the_door_within_five_seconds(tokens: AccessTokens) -> None:
    clock = Stopwatch(1_000.0)
    authenticator = Authenticator(tokens, clock=clock)
    made, clear = tokens.create("leaver", ["handler"])
    assert authenticator.credential(_bearer(clear)).id == made.token_id

    tokens.revoke(str(made.token_id))
    clock.now += 5

    assert CACHE_SECONDS < 5
    with pytest.raises(Problem):
        authenticator.credential(_bearer(clear))


def test_all_keys_of_a_name_are_revoked_at_once(tokens: AccessTokens) -> None:
    for _ in range(2):
        tokens.create("twice", ["handler"])

    assert tokens.revoke("twice") == 2
    with pytest.raises(UnknownToken):
        tokens.revoke("twice")
    with pytest.raises(UnknownToken):
        tokens.revoke("nobody")


def test_an_expired_key_is_refused(tokens: AccessTokens) -> None:
    made, _ = tokens.create(
        "temp", ["handler"], expires_at=datetime.now(UTC) + timedelta(minutes=1)
    )

    assert made.in_force(datetime.now(UTC))
    assert not made.in_force(datetime.now(UTC) + timedelta(minutes=2))


def test_a_key_with_another_secret_is_refused_even_when_remembered(tokens: AccessTokens) -> None:
    authenticator = Authenticator(tokens)
    _, clear = tokens.create("careful", ["handler"])
    authenticator.credential(_bearer(clear))

    with pytest.raises(Problem):
        authenticator.credential(_bearer(clear[:-43] + "x" * 43))


def _claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": [AUDIENCE, "other"],
        "sub": "anna",
        "client_id": "console",
        "iat": now,
        "exp": now + 300,
        "jti": uuid4().hex,
        "roles": ["handler", "amends:approver", "cook"],
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def _token(claims: dict[str, Any], key: Any = KEY, algorithm: str = "RS256", **header: Any) -> str:
    head = {"alg": algorithm, "typ": "at+jwt", "kid": key.kid, **header}
    return jwt.encode(head, claims, key, algorithms=[algorithm])


class Issuer:
    """Publishes keys, and counts how often it was asked."""

    def __init__(self, *keys: Any) -> None:
        self.keys, self.asked, self.away = keys, 0, False

    def __call__(self, url: str) -> dict[str, Any]:
        self.asked += 1
        if self.away:
            raise OSError("away")
        return dict(KeySet(list(self.keys)).as_dict(private=False))


def _reader(
    issuer: Callable[[str], Json], clock: Stopwatch | None = None, key: bytes | None = None
) -> JwtReader:
    keys = IssuerKeys("https://login.example/jwks", issuer, clock or Stopwatch(1_000.0))
    return JwtReader(ISSUER, AUDIENCE, keys, Subjects(ISSUER, key))


def test_a_valid_token_names_its_holder_and_roles() -> None:
    reader = _reader(Issuer(KEY))

    claims = reader.read(_token(_claims()))

    assert claims is not None
    assert claims.actor.id == "anna"
    assert claims.actor.kind is ActorKind.PERSON
    assert claims.roles == {Role.HANDLER, Role.APPROVER}
    again = reader.read(_token(_claims()))
    assert again is not None
    assert again.credential_id == claims.credential_id


def test_a_token_without_a_person_behind_it_is_a_service() -> None:
    claims = _reader(Issuer(KEY)).read(_token(_claims(sub="shop", client_id="shop")))

    assert claims is not None
    assert claims.actor.kind is ActorKind.SERVICE


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"aud": "other"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"sub": "Anna Schmidt"},
        {"sub": 7},
        {"client_id": None},
        {"jti": None},
        {"iat": None},
    ],
)
def test_a_token_that_says_something_else_is_refused(changes: dict[str, Any]) -> None:
    assert _reader(Issuer(KEY)).read(_token(_claims(**changes))) is None


def test_a_token_of_another_kind_is_refused() -> None:
    reader = _reader(Issuer(KEY))
    shared = OctKey.generate_key(256, {"kid": "one"})
    forged = jwt.encode({"alg": "HS256", "typ": "at+jwt", "kid": "one"}, _claims(), shared)

    assert reader.read(_token(_claims(), typ="JWT")) is None
    assert reader.read(forged) is None
    assert reader.read(_token(_claims(), NEXT_KEY, "ES256")) is None
    for text in ("a.b.c", "..", "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.", "x" * 9_000):
        assert reader.read(text) is None


def test_keys_are_kept_and_looked_up_again_when_a_new_one_signs() -> None:
    issuer, clock = Issuer(KEY), Stopwatch(1_000.0)
    reader = _reader(issuer, clock)
    for _ in range(3):
        assert reader.read(_token(_claims()))
    assert issuer.asked == 1
    issuer.keys = (KEY, NEXT_KEY)
    new = _token(_claims(), NEXT_KEY, "ES256")

    too_soon = reader.read(new)
    clock.now += REFETCH_AFTER_SECONDS
    later = reader.read(new)

    assert too_soon is None
    assert later is not None
    assert issuer.asked == 2


def test_known_keys_stay_in_use_while_the_issuer_is_away() -> None:
    issuer, clock = Issuer(KEY), Stopwatch(1_000.0)
    reader = _reader(issuer, clock)
    assert reader.read(_token(_claims()))
    issuer.away = True

    clock.now += KEYS_KEPT_SECONDS + 1

    assert reader.read(_token(_claims()))


def test_a_bad_token_does_not_ask_the_issuer_again() -> None:
    issuer, clock = Issuer(KEY), Stopwatch(1_000.0)
    reader = _reader(issuer, clock)
    good = _token(_claims())
    assert reader.read(good)

    for bad in (_token(_claims(exp=1)), good[:-4] + "AAAA", _token(_claims(), typ="JWT"), "a.b.c"):
        clock.now += REFETCH_AFTER_SECONDS
        assert reader.read(bad) is None

    assert issuer.asked == 1


def test_nobody_waits_for_an_issuer_that_is_slow_to_give_newer_keys() -> None:
    clock, asked, answer = Stopwatch(1_000.0), Event(), Event()

    def slow(url: str) -> Json:
        if asked.is_set() or clock.now > KEYS_KEPT_SECONDS:
            asked.set()
            assert answer.wait(10)
        return Issuer(KEY)(url)

    clock.now = 0.0
    reader, good = _reader(slow, clock), _token(_claims())
    assert reader.read(good)
    clock.now = KEYS_KEPT_SECONDS + 1
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(reader.read, good)
        assert asked.wait(10)

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

    reader = _reader(lambda url: {"keys": [unusable, *published["keys"]]})

    assert reader.read(_token(_claims()))


@pytest.mark.parametrize(
    "fault",
    [OSError(), BadStatusLine("x"), IncompleteRead(b""), ValueError(), RecursionError()],
    ids=lambda fault: type(fault).__name__,
)
def test_without_any_key_nobody_can_tell(tokens: AccessTokens, fault: Exception) -> None:
    def broken(url: str) -> Json:
        raise fault

    authenticator = Authenticator(tokens, _reader(broken))

    with pytest.raises(Problem) as refused:
        authenticator.credential(_bearer(_token(_claims())))

    assert refused.value.code == "issuer_unavailable"
    assert refused.value.headers["Retry-After"] == "10"


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": []}, {"keys": "abc"}])
def test_a_document_without_keys_is_no_answer(document: Json) -> None:
    with pytest.raises(KeysUnavailable):
        _reader(lambda url: document).read(_token(_claims()))


def test_two_holders_never_share_a_credential() -> None:
    reader = _reader(Issuer(KEY))

    one = reader.read(_token(_claims(client_id="a#b", sub="c")))
    other = reader.read(_token(_claims(client_id="a", sub="b#c")))

    assert one is not None
    assert other is not None
    assert one.credential_id != other.credential_id


def test_a_mail_address_never_becomes_an_actor() -> None:
    subject = "jordan.ellis@mail.example"

    as_reference = _reader(Issuer(KEY)).read(_token(_claims(sub=subject)))
    hidden = _reader(Issuer(KEY), key=b"k" * 32)
    as_pseudonym = hidden.read(_token(_claims(sub=subject)))

    assert as_reference is None
    assert as_pseudonym is not None
    assert as_pseudonym.actor.id.startswith("jwt:")
    assert as_pseudonym.actor.id == Subjects(ISSUER, b"k" * 32).actor_id(subject, ActorKind.PERSON)


def test_pseudonyms_tell_people_apart_and_nothing_else() -> None:
    subjects = Subjects(ISSUER, b"k" * 32)

    names = {
        subjects.actor_id("anna", ActorKind.PERSON),
        subjects.actor_id("Anna", ActorKind.PERSON),
        Subjects(ISSUER, b"l" * 32).actor_id("anna", ActorKind.PERSON),
        Subjects("https://other.example", b"k" * 32).actor_id("anna", ActorKind.PERSON),
    }

    assert len(names) == 4
    assert not any("anna" in str(name).lower() for name in names)
    assert subjects.actor_id("", ActorKind.PERSON) is None
    assert subjects.actor_id("x" * 256, ActorKind.PERSON) is None
    assert subjects.actor_id("web-shop", ActorKind.SERVICE) == "web-shop"


def test_keys_are_fetched_from_the_address_that_was_set_and_no_other() -> None:
    with _serving({"/keys": (200, b'{"keys": []}'), "/moved": (302, b"")}) as address:
        found = fetch_keys(f"{address}/keys")

        with pytest.raises(HTTPError):
            fetch_keys(f"{address}/moved")

    assert found == {"keys": []}


@contextmanager
def _serving(answers: dict[str, tuple[int, bytes]]) -> Iterator[str]:
    """An HTTP server on this machine that gives these answers; redirects lead to /keys."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answers[self.path]
            self.send_response(status)
            self.send_header("Location", "/keys")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *line: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def test_a_token_opens_the_door_like_a_key(tokens: AccessTokens) -> None:
    authenticator = Authenticator(tokens, _reader(Issuer(KEY)))

    credential = authenticator.credential(_bearer(_token(_claims())))

    assert credential.actor.id == "anna"
