"""The key that signs the ledger's checkpoints: where it comes from, and its making."""

from __future__ import annotations

import base64
import os
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
from service.setting_values import SettingsError
from service.settings import Settings

FILE_NAME = "ledger.key"
OLD_FILE_NAME = "ledger.old.key"
NEW_FILE_NAME = ".ledger.new.key"
_UNUSABLE = (
    "{env} or {env}_FILE must hold an Ed25519 private key in PEM, or in base64 without its first "
    "and last line"
)


class ChangeoverGoesOn(Exception):
    """The key before the present one still signs, so there is no third one yet."""


def load_ledger_key(settings: Settings) -> Ed25519PrivateKey | None:
    """The signing key that the settings hold, None where there is none. Raises SettingsError."""
    text = settings.ledger_key
    return None if text is None else parse_ledger_key(text)


def load_old_ledger_key(settings: Settings) -> Ed25519PrivateKey | None:
    """The key before that one, None where none signs any more. Raises SettingsError."""
    text = settings.ledger_old_key
    return None if text is None else parse_ledger_key(text, "AMENDS_LEDGER_OLD_KEY")


def parse_ledger_key(text: str, env: str = "AMENDS_LEDGER_KEY") -> Ed25519PrivateKey:
    """The key in a text. Raises SettingsError, which names the variable and nothing of the text."""
    unusable = SettingsError(_UNUSABLE.format(env=env))
    try:
        if text.startswith("-----BEGIN"):
            key = load_pem_private_key(text.encode(), None)
        else:
            key = load_der_private_key(base64.b64decode(text, validate=True), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise unusable from None
    if not isinstance(key, Ed25519PrivateKey):
        raise unusable
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


def old_ledger_key(data_dir: Path) -> str | None:
    """The key in a data directory that signs beside the new one; None outside a changeover."""
    path = data_dir / OLD_FILE_NAME
    try:
        return path.read_text("ascii").strip() if path.exists() else None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{path} cannot be read") from None


def begin_changeover(data_dir: Path) -> None:
    """Put a new key in place and keep the old one beside it. Raises ChangeoverGoesOn, OSError.

    The old key gets its second name before the new one takes the first, so no crash loses it; a
    changeover that was cut off there is gone on with.
    """
    path, old, new = (data_dir / name for name in (FILE_NAME, OLD_FILE_NAME, NEW_FILE_NAME))
    if old.exists() and old.read_bytes() != path.read_bytes():
        raise ChangeoverGoesOn
    if not old.exists():
        os.link(path, old)
    new.unlink(missing_ok=True)
    write_once(new, _new_key())
    new.replace(path)


def end_changeover(data_dir: Path) -> bool:
    """Let the old key sign no more; False where there was none."""
    path = data_dir / OLD_FILE_NAME
    is_there = path.exists()
    path.unlink(missing_ok=True)
    return is_there


def _new_key() -> bytes:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
