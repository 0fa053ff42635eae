"""JSON Web Tokens as access tokens (RFC 9068): checked against the issuer's published keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from joserfc import jws, jwt
from joserfc.errors import JoseError

from api.json_body import canonical
from api.jwt_keys import IssuerKeys
from api.jwt_subjects import Subjects
from domain.values import Actor, ActorKind, Role

# Only signatures that a holder of the public key cannot make: no HS256, no "none".
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
                     "ES256", "ES384", "ES512", "Ed25519")  # fmt: skip
_MAX_TOKEN_CHARACTERS: Final = 8_192
_LEEWAY_SECONDS: Final = 30
_UNREADABLE: Final = (JoseError, ValueError, TypeError, OverflowError, RecursionError)

_log = structlog.get_logger("amends.auth")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says: who acts, and by which roles."""

    credential_id: UUID
    actor: Actor
    roles: frozenset[Role]


class JwtReader:
    """Checks the tokens of one issuer for one audience."""

    def __init__(self, issuer: str, audience: str, keys: IssuerKeys, subjects: Subjects) -> None:
        self._issuer = issuer
        self._keys = keys
        self._subjects = subjects
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
        """What the token says, or None where it is not valid here and now.

        Raises KeysUnavailable where that cannot be told.
        """
        if len(clear) > _MAX_TOKEN_CHARACTERS or clear.count(".") != 2:
            return None
        try:
            token = self._decoded(clear)
        except _UNREADABLE:
            return None
        return self._claims(token) if token else None

    def _decoded(self, clear: str) -> jwt.Token | None:
        header = jws.extract_compact(clear.encode()).headers()
        kind = str(header.get("typ", "")).lower().removeprefix("application/")
        if kind != "at+jwt" or header.get("alg") not in ALGORITHMS:
            return None
        key_id = header.get("kid")
        keys = self._keys.for_key_id(key_id if isinstance(key_id, str) else None)
        token = jwt.decode(clear, keys, algorithms=list(ALGORITHMS))
        self._registry.validate(token.claims)
        return token

    def _claims(self, token: jwt.Token) -> Claims | None:
        subject, client = token.claims["sub"], token.claims["client_id"]
        if not isinstance(subject, str) or not isinstance(client, str):
            return None
        # RFC 9068, 2.2: a token without a person behind it names the client as its subject.
        kind = ActorKind.SERVICE if subject == client else ActorKind.PERSON
        actor_id = self._subjects.actor_id(subject, kind)
        if actor_id is None:
            _log.warning("jwt_subject_refused", setting="AMENDS_JWT_SUBJECTS")
            return None
        actor = Actor(id=actor_id, kind=kind)
        return Claims(self._credential_id(client, subject), actor, _roles_of(token))

    def _credential_id(self, client: str, subject: str) -> UUID:
        """One id for each holder; as JSON, since any sign between the parts may stand in them."""
        return uuid5(NAMESPACE_URL, canonical([self._issuer, client, subject]).decode())


def _roles_of(token: jwt.Token) -> frozenset[Role]:
    """The roles in a `roles` claim (RFC 9068, 2.2.3.1): our names, bare or after `amends:`."""
    claim = token.claims.get("roles")
    names = claim if isinstance(claim, list) else []
    bare = {name.removeprefix("amends:") for name in names if isinstance(name, str)}
    return frozenset(role for role in Role if role.value in bare)
