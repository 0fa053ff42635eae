"""API keys: made once, shown once, stored as a hash, revoked for good."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Engine, Row, text

from domain.values import Actor, ActorKind, Role

PREFIX: Final = "amends"
_SECRET_BYTES: Final = 32
# The name becomes the actor's id in every event, so it has the shape of a reference.
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#-]{0,99}")
_CLEAR: Final = re.compile(rf"{PREFIX}_([0-9a-f]{{32}})_([A-Za-z0-9_-]{{43}})")
_COLUMNS: Final = (
    "token_id, name, actor_kind, roles, secret_sha256, created_at, expires_at, revoked_at"
)


class InvalidToken(ValueError):
    """A token cannot be made like this; the message says what to change."""


class UnknownToken(LookupError):
    """There is no token with this id or name that is in force."""


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """An API key as it is stored. Its `name` is the id under which its holder acts."""

    token_id: UUID
    name: str
    actor_kind: ActorKind
    roles: frozenset[Role]
    secret_sha256: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        return Actor(id=self.name, kind=self.actor_kind)

    def in_force(self, now: datetime) -> bool:
        """Whether it opens the door at `now`: neither revoked nor expired."""
        expired = self.expires_at is not None and self.expires_at <= now
        return self.revoked_at is None and not expired

    def has_secret(self, secret: str) -> bool:
        """Compare in constant time. A 256-bit random secret needs no slow hash."""
        return hmac.compare_digest(self.secret_sha256, _sha256(secret))


def parse(clear: str) -> tuple[UUID, str] | None:
    """The id and the secret of an API key, or None where it has another shape."""
    found = _CLEAR.fullmatch(clear)
    return (UUID(found.group(1)), found.group(2)) if found else None


class AccessTokens:
    """The table of API keys."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self,
        name: str,
        roles: Iterable[Role | str],
        *,
        actor_kind: ActorKind | str = ActorKind.SERVICE,
        expires_at: datetime | None = None,
    ) -> tuple[AccessToken, str]:
        """Make a token; the clear text is returned once and is nowhere else.

        Raises InvalidToken for a name, role, kind or expiry that cannot be used.
        """
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        token = AccessToken(
            token_id=uuid4(),
            name=_checked_name(name),
            actor_kind=_checked_kind(actor_kind),
            roles=_checked_roles(roles),
            secret_sha256=_sha256(secret),
            created_at=datetime.now(UTC),
            expires_at=_checked_expiry(expires_at),
        )
        self._insert(token)
        return token, f"{PREFIX}_{token.token_id.hex}_{secret}"

    def _insert(self, token: AccessToken) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                text(
                    f"INSERT INTO access_tokens ({_COLUMNS}) VALUES (:token_id, :name, "  # noqa: S608
                    ":actor_kind, :roles, :secret_sha256, :created_at, :expires_at, NULL)"
                ),
                {
                    "token_id": token.token_id,
                    "name": token.name,
                    "actor_kind": token.actor_kind.value,
                    "roles": sorted(role.value for role in token.roles),
                    "secret_sha256": token.secret_sha256,
                    "created_at": token.created_at,
                    "expires_at": token.expires_at,
                },
            )

    def find(self, token_id: UUID) -> AccessToken | None:
        """The token with this id, in force or not."""
        with self._engine.connect() as connection:
            row = connection.execute(
                text(f"SELECT {_COLUMNS} FROM access_tokens WHERE token_id = :id"),  # noqa: S608
                {"id": token_id},
            ).one_or_none()
        return _token(row) if row else None

    def all(self) -> list[AccessToken]:
        """Every token ever made, oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                text(f"SELECT {_COLUMNS} FROM access_tokens ORDER BY created_at, token_id")  # noqa: S608
            ).all()
        return [_token(row) for row in rows]

    def revoke(self, id_or_name: str) -> int:
        """Revoke the token with this id, or every token of this name; return how many.

        Raises UnknownToken where none of them was in force. Takes effect everywhere within five
        seconds.
        """
        with self._engine.begin() as connection:
            revoked = connection.execute(
                text(
                    "UPDATE access_tokens SET revoked_at = now() WHERE revoked_at IS NULL "
                    "AND (token_id::text = :given OR name = :given)"
                ),
                {"given": id_or_name},
            ).rowcount
        if not revoked:
            raise UnknownToken("no token in force has this id or name")
        return revoked


def _token(row: Row[Any]) -> AccessToken:
    return AccessToken(
        token_id=row.token_id,
        name=row.name,
        actor_kind=ActorKind(row.actor_kind),
        roles=frozenset(Role(role) for role in row.roles),
        secret_sha256=bytes(row.secret_sha256),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _sha256(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidToken(
            "a name has 1 to 100 letters, digits or . _ : / # -, beginning with a letter or digit"
        )
    return name


def _checked_roles(roles: Iterable[Role | str]) -> frozenset[Role]:
    try:
        found = frozenset(Role(role) for role in roles)
    except ValueError:
        found = frozenset()
    if not found:
        raise InvalidToken(f"roles are one or more of {', '.join(Role)}")
    return found


def _checked_kind(kind: ActorKind | str) -> ActorKind:
    if kind not in (ActorKind.PERSON, ActorKind.SERVICE):
        raise InvalidToken("a token belongs to a person or a service")
    return ActorKind(kind)


def _checked_expiry(expires_at: datetime | None) -> datetime | None:
    if expires_at is None:
        return None
    if expires_at.utcoffset() is None or expires_at <= datetime.now(UTC):
        raise InvalidToken("an expiry lies ahead and has an offset")
    return expires_at
