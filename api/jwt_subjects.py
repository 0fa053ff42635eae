"""Under which id the subject of an access token acts: its own, or a pseudonym."""

from __future__ import annotations

import hmac
import re
from typing import Final

from domain.values import ActorKind
from service.master_key import derived_key, load_master_key
from service.settings import Settings

# As with API keys: no spaces and no @, so that no name or mail address gets into events by chance.
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#|-]{0,99}")
_LONGEST: Final = 255
_PURPOSE: Final = b"amends subjects of access tokens"
_PSEUDONYM_BYTES: Final = 16


class Subjects:
    """Ids of actors for the subjects of one issuer; with a key, people get pseudonyms."""

    def __init__(self, issuer: str, key: bytes | None = None) -> None:
        self._issuer = issuer
        self._key = key

    @classmethod
    def of(cls, settings: Settings, issuer: str) -> Subjects:
        """As AMENDS_JWT_SUBJECTS has it. Raises SettingsError where the master key is missing."""
        if settings.jwt_subjects == "reference":
            return cls(issuer)
        return cls(issuer, derived_key(load_master_key(settings), _PURPOSE))

    def actor_id(self, subject: str, kind: ActorKind) -> str | None:
        """The id in events, the same for the same subject; None where it has none.

        A service acts under its own name: that is no personal data.
        """
        is_reference = _REFERENCE.fullmatch(subject) is not None
        if self._key is None or (kind is ActorKind.SERVICE and is_reference):
            return subject if is_reference else None
        if not 0 < len(subject) <= _LONGEST:
            return None
        told = f"{self._issuer}\n{subject}".encode("utf-8", "surrogatepass")
        return f"jwt:{hmac.digest(self._key, told, 'sha256')[:_PSEUDONYM_BYTES].hex()}"
