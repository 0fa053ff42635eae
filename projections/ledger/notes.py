"""Signed notes and checkpoints as C2SP specifies them: signed-note, tlog-checkpoint, cosignatures.

https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint, https://c2sp.org/tlog-cosignature
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
KEY_TYPES: Final = frozenset({ED25519, COSIGNATURE})
MOST_SIGNATURES: Final = 64
_KEY_ID_BYTES: Final = 4
_KEY_BYTES: Final = 32
_TIME_BYTES: Final = 8
_DASH: Final = "\N{EM DASH} "
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_NAME: Final = re.compile(r"[^\s+\x00-\x1f\x7f]{1,200}")


class MalformedNote(Exception):
    """This text is no signed note, checkpoint or key of the kind that is needed."""


class NoteRefused(Exception):
    """No key that is trusted signed this note, or a signature of such a key is wrong."""


class UnknownSigners(NoteRefused):
    """No key that is trusted signed this note."""


def is_key_name(name: str) -> bool:
    """Whether a key, and thus a log, may bear this name: no white space, no plus."""
    return _NAME.fullmatch(name) is not None


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name it signs under; of a log, or of a witness (`COSIGNATURE`)."""

    name: str
    public_key: bytes
    kind: int = ED25519

    @classmethod
    def of(cls, name: str, key: Ed25519PrivateKey) -> Self:
        """The public half of a log's signing key."""
        return cls(name, key.public_key().public_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `NAME+ID+KEY`, the form that Go's note package made usual. Raises MalformedNote."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        raw = decoded(encoded)
        if len(raw) != 1 + _KEY_BYTES or raw[0] not in KEY_TYPES or not is_key_name(name):
            raise MalformedNote("not a verifier key")
        key = cls(name, raw[1:], raw[0])
        if key.key_id.hex() != key_id:
            raise MalformedNote("the key does not have this id")
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encoded(bytes([self.kind]) + self.public_key)}"

    @property
    def key_id(self) -> bytes:
        """The four bytes that a signature names its key by."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key
        return sha256(named).digest()[:_KEY_ID_BYTES]

    @property
    def pem(self) -> str:
        """The key as `openssl` reads it."""
        key = Ed25519PublicKey.from_public_bytes(self.public_key)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def accepts(self, text: str, signature: bytes) -> bool:
        """Whether the signature, without its key id, is this key's under the text."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            moment = int.from_bytes(signature[:_TIME_BYTES])
            message = f"cosignature/v1\ntime {moment}\n".encode() + message
            signature = signature[_TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signature:
    """One signature line: who is said to have signed, by which key, and the signature."""

    name: str
    key_id: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read a line that begins with an em dash. Raises MalformedNote."""
        name, separator, rest = line.removeprefix(_DASH).partition(" ")
        raw = decoded(rest)
        if not line.startswith(_DASH) or not separator or not is_key_name(name):
            raise MalformedNote("not a signature line")
        if len(raw) <= _KEY_ID_BYTES:
            raise MalformedNote("not a signature line")
        return cls(name, raw[:_KEY_ID_BYTES], raw[_KEY_ID_BYTES:])

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {encoded(self.key_id + self.signature)}"


@dataclass(frozen=True)
class Note:
    """A text, ending in a newline, and who signed it."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, whole: str) -> Self:
        """Read a signed note. Raises MalformedNote."""
        text, separator, signed = whole.rpartition("\n\n")
        lines = signed.splitlines()
        if not separator or not signed.endswith("\n") or not 1 <= len(lines) <= MOST_SIGNATURES:
            raise MalformedNote("not a signed note")
        if re.search("[\x00-\x09\x0b-\x1f]", whole):
            raise MalformedNote("a signed note has no control characters")
        return cls(text + "\n", tuple(Signature.parse(line) for line in lines))

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)

    def signers(self, keys: Collection[VerifierKey]) -> list[VerifierKey]:
        """Those of the keys that signed. Raises NoteRefused if none did, or one did wrongly."""
        known = {(key.name, key.key_id): key for key in keys}
        found = []
        for each in self.signatures:
            key = known.get((each.name, each.key_id))
            if key is None:
                continue
            if not key.accepts(self.text, each.signature):
                raise NoteRefused("a signature is wrong")
            found.append(key)
        if not found:
            raise UnknownSigners("not signed by a key that is trusted")
        return found


@dataclass(frozen=True)
class Checkpoint:
    """What a log commits to: so many leaves, and the root over them."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a checkpoint, without signatures. Raises MalformedNote."""
        lines = text.split("\n")
        if len(lines) < 4 or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
            raise MalformedNote("not a checkpoint")
        root = decoded(lines[2])
        if len(root) != sha256().digest_size:
            raise MalformedNote("not a checkpoint")
        return cls(lines[0], int(lines[1]), root)

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"

    def signed(self, *keys: Ed25519PrivateKey) -> Note:
        """The note of the log, whose keys all bear the name of its origin; the first key first."""
        text = str(self)
        return Note(text, tuple(self._signature(text, key) for key in keys))

    def _signature(self, text: str, key: Ed25519PrivateKey) -> Signature:
        signer = VerifierKey.of(self.origin, key)
        return Signature(self.origin, signer.key_id, key.sign(text.encode()))


def opened(whole: str, keys: Collection[VerifierKey]) -> Checkpoint:
    """The checkpoint in a note that a trusted log key of its origin signed.

    Raises MalformedNote, NoteRefused.
    """
    note = Note.parse(whole)
    checkpoint = Checkpoint.parse(note.text)
    signers = note.signers(keys)
    if not any(key.name == checkpoint.origin and key.kind == ED25519 for key in signers):
        raise NoteRefused("not signed by the log itself")
    return checkpoint


def parse_keys(lines: Iterable[str]) -> list[VerifierKey]:
    """The keys in a file of them, one a line. Raises MalformedNote."""
    return [VerifierKey.parse(line) for line in lines if line.strip()]


def encoded(raw: bytes) -> str:
    """Standard base64 (RFC 4648, section 4)."""
    return base64.b64encode(raw).decode()


def decoded(text: str) -> bytes:
    """The bytes of standard base64. Raises MalformedNote."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedNote("not base64") from None
    if encoded(raw) != text:
        raise MalformedNote("not base64")
    return raw
