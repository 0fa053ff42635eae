"""JSON Web Tokens as access tokens (RFC 9068): checked against the issuer's published keys."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from domain.values import Actor, ActorKind, Role

# Only signatures that a holder of the public key cannot make: no HS256, no "none".
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
                     "ES256", "ES384", "ES512", "Ed25519")  # fmt: skip
KEYS_KEPT_SECONDS: Final = 600.0
REFETCH_AFTER_SECONDS: Final = 10.0
_FETCH_TIMEOUT_SECONDS: Final = 5
_MAX_KEYS_BYTES: Final = 262_144
_MAX_TOKEN_CHARACTERS: Final = 8_192
_LEEWAY_SECONDS: Final = 30
# As with API keys: the subject becomes the actor's id, so it has the shape of a reference.
_SUBJECT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#|-]{0,99}")

_log = structlog.get_logger("amends.auth")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says: who acts, and by which roles."""

    credential_id: UUID
    actor: Actor
    roles: frozenset[Role]


def fetch_keys(url: str) -> dict[str, Any]:
    """The JWKS document at `url`. Raises OSError or ValueError."""
    with urllib.request.urlopen(url, timeout=_FETCH_TIMEOUT_SECONDS) as answer:  # noqa: S310
        document = json.loads(answer.read(_MAX_KEYS_BYTES))
    if not isinstance(document, dict):
        raise ValueError("a JWKS document is an object")
    return document


class JwtReader:
    """Checks tokens of one issuer; its keys are fetched when first needed and kept ten minutes.

    A token signed by an unknown key makes it look again, at most every ten seconds, so that a
    new key of the issuer works soon and forged key ids cannot flood the issuer. Keys that were
    good stay in use while the issuer cannot be reached.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        keys_url: str,
        fetch: Callable[[str], dict[str, Any]] = fetch_keys,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys_url = keys_url
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched_at = self._tried_at = float("-inf")
        self._issuer = issuer
        self._registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            client_id={"essential": True},
            jti={"essential": True},
        )

    def read(self, clear: str) -> Claims | None:
        """What the token says, or None where it is not valid here and now."""
        if len(clear) > _MAX_TOKEN_CHARACTERS or clear.count(".") != 2:
            return None
        keys = self._current_keys()
        token = self._decoded(clear, keys)
        if token is None:
            newer = self._newer_keys(keys)
            token = self._decoded(clear, newer) if newer is not keys else None
        return self._claims(token) if token else None

    def _decoded(self, clear: str, keys: KeySet | None) -> jwt.Token | None:
        if keys is None:
            return None
        try:
            token = jwt.decode(clear, keys, algorithms=list(ALGORITHMS))
            self._registry.validate(token.claims)
        except (JoseError, ValueError, TypeError):
            return None
        kind = str(token.header.get("typ", "")).lower().removeprefix("application/")
        return token if kind == "at+jwt" else None

    def _claims(self, token: jwt.Token) -> Claims | None:
        subject, client = token.claims["sub"], token.claims["client_id"]
        if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
            return None
        # RFC 9068, 2.2: a token without a person behind it names the client as its subject.
        kind = ActorKind.SERVICE if subject == client else ActorKind.PERSON
        credential_id = uuid5(NAMESPACE_URL, f"{self._issuer}#{client}#{subject}")
        actor = Actor(id=subject, kind=kind)
        return Claims(credential_id, actor, roles_of(token.claims.get("roles")))

    def _current_keys(self) -> KeySet | None:
        if self._clock() - self._fetched_at > KEYS_KEPT_SECONDS:
            return self._newer_keys(self._keys)
        return self._keys

    def _newer_keys(self, seen: KeySet | None) -> KeySet | None:
        """Keys newer than the ones `seen`, where they may be fetched again already."""
        with self._lock:
            if self._keys is not seen or self._clock() - self._tried_at < REFETCH_AFTER_SECONDS:
                return self._keys
            self._tried_at = self._clock()
            try:
                self._keys = KeySet.import_key_set(self._fetch(self._keys_url))  # type: ignore[arg-type]
                self._fetched_at = self._tried_at
            except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
                _log.error("jwks_unavailable", error=type(error).__name__)
            return self._keys


def roles_of(claim: object) -> frozenset[Role]:
    """The roles in a `roles` claim (RFC 9068, 2.2.3.1): our names, bare or after `amends:`."""
    names = claim if isinstance(claim, list) else []
    bare = {name.removeprefix("amends:") for name in names if isinstance(name, str)}
    return frozenset(role for role in Role if role.value in bare)
