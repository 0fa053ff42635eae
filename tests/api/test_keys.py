"""Keys of Amends itself: shown once, kept as a hash, expired and revoked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.auth import CACHE_SECONDS, Authenticator
from api.errors import Problem
from domain.values import ActorKind, Role
from service.access_tokens import AccessTokens, InvalidToken, UnknownToken, parse
from tests.api.issuing import bearer
from tests.still_clocks import Stopwatch


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
    assert authenticator.credential(bearer(clear)).id == made.token_id

    tokens.revoke(str(made.token_id))
    clock.now += 5

    assert CACHE_SECONDS < 5
    with pytest.raises(Problem):
        authenticator.credential(bearer(clear))


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
    authenticator.credential(bearer(clear))

    with pytest.raises(Problem):
        authenticator.credential(bearer(clear[:-43] + "x" * 43))
