"""Sealing a text: AES-256-GCM under a data key, which itself is wrapped by a master key.

A sealed text is `sealed1.` and, in base64url without padding: 16 bytes key id, 12 bytes nonce,
the ciphertext, 16 bytes tag (NIST SP 800-38D). A wrapped key is 4 bytes of the master key's id,
12 bytes nonce, 32 bytes ciphertext, 16 bytes tag.
"""

from __future__ import annotations

import hashlib
import os
from base64 import urlsafe_b64encode
from binascii import a2b_base64
from collections.abc import Iterable
from typing import Protocol
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
ID_BYTES = 16
MASTER_ID_BYTES = 4
PREFIX = "sealed1."
_TEXT_BEGINS = ID_BYTES + NONCE_BYTES
_HEAD_CHARACTERS = len(PREFIX) + 22


class SealBroken(Exception):
    """A sealed text cannot be opened: it was altered, or moved from where it belongs."""


class MasterKeyMissing(Exception):
    """A data key was wrapped by a master key that this process does not have."""


class SealedText(bytes):
    """What a token says: 16 bytes key id, 12 bytes nonce, the ciphertext with its tag."""

    __slots__ = ()

    @property
    def key(self) -> bytes:
        """The id of the key as it stands there."""
        return self[:ID_BYTES]

    @property
    def key_id(self) -> UUID:
        return UUID(bytes=self.key)


def parsed(token: str) -> SealedText:
    """Take a token apart. Raises SealBroken for any other text."""
    encoded = token.removeprefix(PREFIX)
    try:
        raw = a2b_base64(encoded.replace("-", "+").replace("_", "/") + "==")
    except ValueError:
        raw = b""
    if encoded is token or len(raw) < ID_BYTES + NONCE_BYTES + TAG_BYTES:
        raise SealBroken("this is not a sealed text")
    return SealedText(raw)


def by_key(token: str) -> str:
    """The head of a token. Where it is the same, so is the key: it spells the key's whole id.

    The last of its characters also holds a few bits of the nonce, so a key has up to 16 of them.
    """
    return token[:_HEAD_CHARACTERS]


def key_ids_of(tokens: Iterable[str]) -> set[UUID]:
    """The keys of many texts, few of which are taken apart for it. Raises SealBroken."""
    return {parsed(token).key_id for token in {by_key(token): token for token in tokens}.values()}


class DataKey:
    """One subject's key. Printing it shows its id, never the key."""

    __slots__ = ("_cipher", "_prefix", "key_id", "subject_ref")

    def __init__(self, key_id: UUID, subject_ref: str, secret: bytes) -> None:
        self.key_id = key_id
        self.subject_ref = subject_ref
        self._prefix = key_id.bytes
        self._cipher = AESGCM(secret)

    def seal(self, text: str, bound_to: bytes) -> str:
        """The text as a token that opens only together with the same `bound_to`."""
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = self._cipher.encrypt(nonce, text.encode(), bound_to)
        raw = self._prefix + nonce + ciphertext
        return PREFIX + urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")

    def open(self, sealed: SealedText, bound_to: bytes) -> str:
        """The text again. Raises SealBroken."""
        try:
            nonce, ciphertext = sealed[ID_BYTES:_TEXT_BEGINS], sealed[_TEXT_BEGINS:]
            return self._cipher.decrypt(nonce, ciphertext, bound_to).decode()
        except InvalidTag:
            raise SealBroken("a sealed text was altered or moved") from None

    def __repr__(self) -> str:
        return f"<DataKey {self.key_id}>"


class KeyWrapper(Protocol):
    """Wraps data keys: a master key held here, or a key management service."""

    def wrap(self, secret: bytes, key_id: UUID) -> bytes:
        """The data key in a form that may be stored."""

    def unwrap(self, wrapped: bytes, key_id: UUID) -> bytes:
        """The data key again. Raises MasterKeyMissing, SealBroken."""


class MasterKeys:
    """Master keys of 32 bytes. The first wraps; the others still unwrap what they once wrapped."""

    def __init__(self, newest: bytes, *older: bytes) -> None:
        self._ciphers = {_master_id(key): AESGCM(key) for key in (*older, newest)}
        self._newest = _master_id(newest)

    def wrap(self, secret: bytes, key_id: UUID) -> bytes:
        """The data key under the newest master key, bound to its id."""
        nonce = os.urandom(NONCE_BYTES)
        return (
            self._newest + nonce + self._ciphers[self._newest].encrypt(nonce, secret, key_id.bytes)
        )

    def unwrap(self, wrapped: bytes, key_id: UUID) -> bytes:
        """The data key again. Raises MasterKeyMissing, SealBroken."""
        start = MASTER_ID_BYTES + NONCE_BYTES
        cipher = self._ciphers.get(wrapped[:MASTER_ID_BYTES])
        if cipher is None:
            raise MasterKeyMissing(f"no master key {wrapped[:MASTER_ID_BYTES].hex()} for {key_id}")
        try:
            return cipher.decrypt(wrapped[MASTER_ID_BYTES:start], wrapped[start:], key_id.bytes)
        except InvalidTag:
            raise SealBroken(f"the wrapped key {key_id} was altered") from None

    def __repr__(self) -> str:
        return f"<MasterKeys, newest {self._newest.hex()}>"


def new_secret() -> tuple[UUID, bytes]:
    """A fresh data key and its id."""
    return uuid4(), AESGCM.generate_key(KEY_BYTES * 8)


def _master_id(key: bytes) -> bytes:
    """Tells master keys apart without showing them."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a master key has {KEY_BYTES} bytes")
    return hashlib.sha256(b"amends master key" + key).digest()[:MASTER_ID_BYTES]
