"""Names that tell people apart and lead to nobody who lacks the master key."""

from __future__ import annotations

import hmac
from typing import Final, Self

from domain.values import Actor, ActorKind
from service.master_key import derived_key, load_master_key
from service.settings import Settings

_PURPOSE: Final = b"amends process mining pseudonyms"
_BYTES: Final = 8


class Pseudonyms:
    """The same person has the same name in every export of this installation, and no other."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Raises SettingsError where the master key is missing."""
        return cls(derived_key(load_master_key(settings), _PURPOSE))

    def customer(self, subject_ref: str) -> str:
        """A customer's reference may be a name in another system, so it never leaves as it is."""
        return self._name("customer", subject_ref)

    def staff(self, staff_id: str) -> str:
        """Somebody who handles cases."""
        return self._name("staff", staff_id)

    def actor(self, actor: Actor) -> str:
        """Who acted: people under a pseudonym; services and Amends itself are nobody's names."""
        return self.staff(actor.id) if actor.kind is ActorKind.PERSON else actor.id

    def _name(self, kind: str, ref: str) -> str:
        digest = hmac.digest(self._key, f"{kind}\n{ref}".encode(), "sha256")
        return f"{kind}-{digest[:_BYTES].hex()}"
