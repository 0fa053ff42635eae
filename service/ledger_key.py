"""The key that signs the ledger's checkpoints: where it comes from, and its making."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)

from service.master_key import write_once
from service.settings import Settings, SettingsError

FILE_NAME = "ledger.key"
_UNUSABLE = (
    "AMENDS_LEDGER_KEY or AMENDS_LEDGER_KEY_FILE must hold an Ed25519 private key in PEM, or in "
    "base64 without its first and last line"
)


def load_ledger_key(settings: Settings) -> Ed25519PrivateKey | None:
    """The signing key that the settings hold, None where there is none. Raises SettingsError."""
    if settings.ledger_key is None:
        return None
    text = settings.ledger_key
    try:
        if text.startswith("-----BEGIN"):
            key = load_pem_private_key(text.encode(), None)
        else:
            key = load_der_private_key(base64.b64decode(text, validate=True), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SettingsError(_UNUSABLE) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(_UNUSABLE)
    return key


def ensure_ledger_key(data_dir: Path) -> str:
    """The key in a data directory, made (mode 0600) where there is none yet."""
    path = data_dir / FILE_NAME
    try:
        if not path.exists():
            write_once(path, _new_key())
        return path.read_text("ascii").strip()
    except OSError as problem:
        raise SettingsError(f"{path} cannot be used: {problem.strerror}") from None


def _new_key() -> bytes:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
