"""Who is asking: an API key or a JWT becomes a credential with an actor and its roles."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from api.errors import Problem
from api.jwt_tokens import JwtReader
from domain.values import Actor, Role
from service.access_tokens import AccessToken, AccessTokens, parse

CACHE_SECONDS: Final = 3.0
"""A revoked key works at most this long: well within the five seconds that are promised."""
_MAX_CACHED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Credential:
    """A caller that proved who it is. `id` is stable and separates its idempotency keys."""

    id: UUID
    actor: Actor
    roles: frozenset[Role]


def _refused(error: str | None = None) -> Problem:
    challenge = 'Bearer realm="amends"' + (f', error="{error}"' if error else "")
    return Problem("unauthenticated", headers={"WWW-Authenticate": challenge})


class Authenticator:
    """Reads the Authorization header. API keys are remembered for three seconds."""

    def __init__(
        self,
        tokens: AccessTokens,
        jwt_reader: JwtReader | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tokens = tokens
        self._jwt_reader = jwt_reader
        self._clock = clock
        self._cache: OrderedDict[UUID, tuple[float, AccessToken, Credential]] = OrderedDict()

    def credential(self, header: str | None) -> Credential:
        """The credential behind an Authorization header. Raises Problem (401)."""
        if header is None:
            raise _refused()
        scheme, _, clear = header.partition(" ")
        clear = clear.strip()
        if scheme.lower() != "bearer" or not clear or not clear.isascii():
            raise _refused("invalid_request")
        key = parse(clear)
        found = self._from_api_key(*key) if key else self._from_jwt(clear)
        if found is None:
            raise _refused("invalid_token")
        return found

    def _from_api_key(self, token_id: UUID, secret: str) -> Credential | None:
        now = self._clock()
        cached = self._cache.get(token_id)
        if cached is None or now - cached[0] > CACHE_SECONDS:
            token = self._tokens.find(token_id)
            if token is None:
                return None
            cached = (now, token, Credential(token.token_id, token.actor, token.roles))
            self._remember(token_id, cached)
        _, token, credential = cached
        if token.has_secret(secret) and token.in_force(datetime.now(UTC)):
            return credential
        return None

    def _remember(self, token_id: UUID, found: tuple[float, AccessToken, Credential]) -> None:
        self._cache[token_id] = found
        self._cache.move_to_end(token_id)
        while len(self._cache) > _MAX_CACHED:
            self._cache.popitem(last=False)

    def _from_jwt(self, clear: str) -> Credential | None:
        if self._jwt_reader is None:
            return None
        claims = self._jwt_reader.read(clear)
        if claims is None:
            return None
        return Credential(claims.credential_id, claims.actor, claims.roles)
