"""Access tokens of an issuer (RFC 9068): whom they name, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from api.auth import Authenticator
from api.jwt_subjects import Subjects
from domain.values import ActorKind, Role
from service.access_tokens import AccessTokens
from tests.api.issuing import ISSUER, KEY, NEXT_KEY, Issuer, a_token, bearer, claimed, reader_of


def test_a_valid_token_names_its_holder_and_roles() -> None:
    reader = reader_of(Issuer(KEY))

    claims = reader.read(a_token(claimed()))

    assert claims is not None
    assert claims.actor.id == "anna"
    assert claims.actor.kind is ActorKind.PERSON
    assert claims.roles == {Role.HANDLER, Role.APPROVER}
    again = reader.read(a_token(claimed()))
    assert again is not None
    assert again.credential_id == claims.credential_id


def test_a_token_without_a_person_behind_it_is_a_service() -> None:
    claims = reader_of(Issuer(KEY)).read(a_token(claimed(sub="shop", client_id="shop")))

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
    assert reader_of(Issuer(KEY)).read(a_token(claimed(**changes))) is None


def test_a_token_of_another_kind_is_refused() -> None:
    reader = reader_of(Issuer(KEY))
    shared = OctKey.generate_key(256, {"kid": "one"})
    forged = jwt.encode({"alg": "HS256", "typ": "at+jwt", "kid": "one"}, claimed(), shared)

    assert reader.read(a_token(claimed(), typ="JWT")) is None
    assert reader.read(forged) is None
    assert reader.read(a_token(claimed(), NEXT_KEY, "ES256")) is None
    for text in ("a.b.c", "..", "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.e30.", "x" * 9_000):
        assert reader.read(text) is None


def test_two_holders_never_share_a_credential() -> None:
    reader = reader_of(Issuer(KEY))

    one = reader.read(a_token(claimed(client_id="a#b", sub="c")))
    other = reader.read(a_token(claimed(client_id="a", sub="b#c")))

    assert one is not None
    assert other is not None
    assert one.credential_id != other.credential_id


def test_a_mail_address_never_becomes_an_actor() -> None:
    subject = "jordan.ellis@mail.example"

    as_reference = reader_of(Issuer(KEY)).read(a_token(claimed(sub=subject)))
    hidden = reader_of(Issuer(KEY), key=b"k" * 32)
    as_pseudonym = hidden.read(a_token(claimed(sub=subject)))

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


def test_a_token_opens_the_door_like_a_key(tokens: AccessTokens) -> None:
    authenticator = Authenticator(tokens, reader_of(Issuer(KEY)))

    credential = authenticator.credential(bearer(a_token(claimed())))

    assert credential.actor.id == "anna"
