"""Who is asking: an API key or a JWT becomes a credential with an actor and its roles."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from api.errors import Problem
from api.jwt_keys import REFETCH_AFTER_SECONDS, KeysUnavailable
from api.jwt_tokens import JwtReader
from domain.values import Actor, Role
from service.access_tokens import AccessToken, AccessTokens, parse

CACHE_SECONDS: Final = 3.0
"""A revoked key works at most this long: well within the five seconds that are promised."""
PROVEN_SECONDS: Final = 3_600.0
"""For so long a key that proved itself is trusted with what may be told while nobody can ask."""
_MAX_KNOWN: Final = 10_000


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
        self._known: OrderedDict[bytes, tuple[float, AccessToken, Credential]] = OrderedDict()

    def credential(self, header: str | None) -> Credential:
        """The credential behind an Authorization header. Raises Problem (401, 503)."""
        if header is None:
            raise _refused()
        if remembered := self._remembered(header):
            return remembered
        scheme, _, clear = header.partition(" ")
        clear = clear.strip()
        if scheme.lower() != "bearer" or not clear or not clear.isascii():
            raise _refused("invalid_request")
        key = parse(clear)
        found = self._from_api_key(*key, header) if key else self._from_jwt(clear)
        if found is None:
            raise _refused("invalid_token")
        return found

    def _from_api_key(self, token_id: UUID, secret: str, header: str) -> Credential | None:
        token = self._tokens.find(token_id)
        if token is None or not token.has_secret(secret) or not token.in_force(datetime.now(UTC)):
            self._known.pop(_digest(header), None)
            return None
        credential = Credential(token.token_id, token.actor, token.roles)
        self._known[_digest(header)] = (self._clock(), token, credential)
        while len(self._known) > _MAX_KNOWN:
            self._known.popitem(last=False)
        return credential

    def _remembered(self, header: str) -> Credential | None:
        """The credential of a header that proved itself a moment ago."""
        return self._proven_within(CACHE_SECONDS, header)

    def proven_before(self, header: str | None) -> Credential | None:
        """The credential of a key that proved itself here within the last hour.

        For an outage of the database, in which no key can be looked up: it may have been revoked.
        """
        return None if header is None else self._proven_within(PROVEN_SECONDS, header)

    def _proven_within(self, seconds: float, header: str) -> Credential | None:
        known = self._known.get(_digest(header))
        if known is None:
            return None
        since, token, credential = known
        fresh = self._clock() - since <= seconds and token.in_force(datetime.now(UTC))
        return credential if fresh else None

    def _from_jwt(self, clear: str) -> Credential | None:
        if self._jwt_reader is None:
            return None
        try:
            claims = self._jwt_reader.read(clear)
        except KeysUnavailable:
            wait = {"Retry-After": f"{REFETCH_AFTER_SECONDS:.0f}"}
            raise Problem("issuer_unavailable", headers=wait) from None
        if claims is None:
            return None
        return Credential(claims.credential_id, claims.actor, claims.roles)


def _digest(header: str) -> bytes:
    """What a header is remembered by: no secret is kept, and comparing digests tells nothing."""
    return hashlib.sha256(header.encode("utf-8", "surrogatepass")).digest()
