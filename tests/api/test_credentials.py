"""API keys and access tokens: what opens the door, and how soon it closes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from api.auth import CACHE_SECONDS, Authenticator
from api.errors import Problem
from api.jwt_tokens import KEYS_KEPT_SECONDS, REFETCH_AFTER_SECONDS, JwtReader
from domain.values import ActorKind, Role
from service.access_tokens import AccessTokens, InvalidToken, UnknownToken, parse

ISSUER, AUDIENCE = "https://login.example", "amends"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
NEXT_KEY = ECKey.generate_key("P-256", {"kid": "two"})


class Clock:
    """A clock that a test sets."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


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
    clock = Clock()
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


def _reader(issuer: Issuer, clock: Clock | None = None) -> JwtReader:
    return JwtReader(ISSUER, AUDIENCE, "https://login.example/jwks", issuer, clock or Clock())


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
    issuer, clock = Issuer(KEY), Clock()
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
    issuer, clock = Issuer(KEY), Clock()
    reader = _reader(issuer, clock)
    assert reader.read(_token(_claims()))
    issuer.away = True

    clock.now += KEYS_KEPT_SECONDS + 1

    assert reader.read(_token(_claims()))


def test_a_token_opens_the_door_like_a_key(tokens: AccessTokens) -> None:
    authenticator = Authenticator(tokens, _reader(Issuer(KEY)))

    credential = authenticator.credential(_bearer(_token(_claims())))

    assert credential.actor.id == "anna"
